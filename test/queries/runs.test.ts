import { expect, test } from 'vitest'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { Run } from '../../src/domain/run.ts'
import { everyRecord } from '../../src/ports/records.ts'
import { runsUnderWay } from '../../src/queries/runs.ts'

const aRun = (planId: string, status: object) =>
  Run.parse({
    ...{ planId, digest: 'a'.repeat(64), region: 'westeurope', status, waiting: null },
    ...{ startedAtMs: 0, updatedAtMs: 0, startedBy: 'operator' },
  })

test('a run under way is found behind more ended ones than a page holds', async () => {
  const records = new SqliteRecords(':memory:')
  for (let number = 0; number < 1000; number += 1) {
    const id = `plan-${String(number).padStart(4, '0')}`
    await records.create('runs', id, aRun(id, { kind: 'completed', atMs: 0 }))
  }
  const last = 'plan-1000'
  await records.create('runs', last, aRun(last, { kind: 'checking', gate: 'tail-1' }))
  expect(await everyRecord(records, 'runs')).toHaveLength(1001)
  const underWay = await runsUnderWay({ records, clock: { nowMs: () => 1 } })
  expect(underWay.map(({ id }) => id)).toEqual([last])
  records.close()
})
