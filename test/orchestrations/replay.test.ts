import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { replicaId } from '../../src/domain/ids.ts'
import { type AnsweredRun, startAnsweredRun } from '../support/answered-run.ts'
import { REGION } from '../support/small-region.ts'

const KILLS = 10
const LOOK_MS = 5
const LOOKS_MAX = 1000

const Listed = z.array(z.object({ instanceId: z.string(), name: z.string() }))

test('every orchestration of a run decides the same when it is replayed from any prefix of its history', async () => {
  const migration = await startAnsweredRun()
  try {
    expect((await migration.run()).status.kind).toBe('completed')
    const { host } = migration.testHost
    const url = `${host.baseUrl}/runtime/webhooks/durabletask/instances?top=1000&code=${host.systemKey}`
    const instances = Listed.parse(await (await fetch(url)).json())
    expect(new Set(instances.map(({ name }) => name))).toEqual(new Set(['rebalance', 'cutover', 'observe']))
    for (const { instanceId } of instances) {
      expect(await migration.testHost.replayCheck(instanceId)).toEqual([])
    }
  } finally {
    await migration.stop()
  }
})

test('a run that is killed ten times on its way goes on where it was', async () => {
  const migration = await startAnsweredRun()
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = await updatedAtMs(migration)
      for (let look = 0; look < LOOKS_MAX && (await updatedAtMs(migration)) === before; look += 1)
        await pause(LOOK_MS)
      await migration.testHost.crash()
    }
    expect((await migration.run()).status.kind).toBe('completed')
    expect(migration.testHost.crashes).toBeGreaterThanOrEqual(KILLS)
    for (const { registry } of migration.plan.moves) {
      expect(await migration.ports.catalog.binding(replicaId(registry, REGION))).toMatchObject({ epoch: 2 })
    }
  } finally {
    await migration.stop()
  }
})

async function updatedAtMs({ ports, plan }: AnsweredRun): Promise<number> {
  return (await ports.records.read('runs', plan.id))?.value.updatedAtMs ?? 0
}
