import { afterAll, beforeAll, expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import { approve, awaits, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  // The isolated stamp has no node, so that a new one is needed.
  app = await startTestApp({ isolatedNodes: 0 })
})
afterAll(() => app.stop())

test('a plan that needs a new stamp names it, asks before it is made, and goes on to its canaries once it is', async () => {
  const view = await startedRun(app)
  const { plan } = view
  const made = plan.isolation?.stamp ?? ''
  expect(made).toBe(`isolated-${plan.id.slice(-8)}`)
  expect(new Set(plan.moves.map(({ to }) => to))).toEqual(new Set([made]))

  const asked = await app.until(plan.id, awaits('provision-1'))
  expect(asked.waiting?.what).toContain("a person's answer before a stamp is made")
  expect(asked.batches[0]).toMatchObject({ gate: 'provision-1', phase: 'provision', state: 'waiting' })
  await approve(app, view, ['provision-1'])
  const next = await app.until(plan.id, awaits('tail-1'))
  expect([next.batches[0]?.state, next.batches[0]?.decidedBy, next.movesDone]).toEqual([
    'done',
    'approver',
    0,
  ])
  expect(await app.twin.provisioning.state(StampId.parse(made))).toMatchObject({ kind: 'active' })
})
