import { expect, test } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import { startAnsweredRun } from '../support/answered-run.ts'
import { startIsolation } from '../support/isolation.ts'
import { REGION } from '../support/small-region.ts'

test.each(['right-size', 'isolate'])(
  'a plan of moves that somebody starts as %s passes no gate and moves nobody',
  async (orchestrator) => {
    const migration = await startAnsweredRun({ orchestrator })
    try {
      expect((await migration.run()).status.kind).toBe('starting')
      for (const { registry } of migration.plan.moves)
        expect(await migration.ports.catalog.binding(replicaId(registry, REGION))).toMatchObject({ epoch: 1 })
    } finally {
      await migration.stop()
    }
  },
)

test('a plan that makes a stamp and is started as a rebalance does nothing', async () => {
  const isolation = await startIsolation({ orchestrator: 'rebalance' })
  try {
    await isolation.testHost.ended([isolation.plan.id])
    expect((await isolation.until(() => true)).status.kind).toBe('starting')
    expect(await isolation.ports.records.list('provisionings', { limit: 1 })).toEqual([])
  } finally {
    await isolation.stop()
  }
})
