import { beforeEach, expect, test } from 'vitest'
import { createPrepare } from '../../src/activities/cutover-steps.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'

let run: MovingRun
beforeEach(async () => {
  run = await aMovingRun()
})

test('a first step whose run was never admitted begins no move, though its gate is open', async () => {
  expect(await createPrepare(run.ports)(run.step({}))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('was never admitted'),
  })
  expect(await run.ports.records.list('moves', { limit: 1 })).toEqual([])
  expect(await run.prepare(run.step({}))).toMatchObject({ kind: 'done' })
})
