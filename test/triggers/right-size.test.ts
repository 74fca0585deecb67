import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanView, Problem } from '../../src/messages/api.ts'
import { acmePlan, recordStart } from '../support/answered-run.ts'
import { moveAway } from '../support/right-sizing.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const ask = (user = 'operator') => app.ask(user, 'POST', `plans/${acmePlan().id}/right-size`, {})

test('only what was moved and observed to its end is right-sized, by somebody who may plan', async () => {
  await recordStart(app.ports, acmePlan(), 'none')
  const early = await ask()
  expect([early.status, Problem.parse(early.body).detail]).toEqual([
    409,
    expect.stringContaining('right-sizing'),
  ])
  expect((await ask('reader')).status).toBe(403)
  expect((await app.ask('operator', 'POST', 'plans/plan-unknown/right-size', {})).status).toBe(404)
})

test('too few days since the moves give a plan that lowers nothing and says when there will be enough', async () => {
  await moveAway(app.ports, acmePlan())
  const stored = await app.ports.records.read('runs', acmePlan().id)
  if (!stored) throw new Error('there is no run')
  const atMs = app.ports.clock.nowMs()
  const ended = { ...stored.value, status: { kind: 'completed', atMs } as const }
  await app.ports.records.replace('runs', stored.id, ended, stored.etag)
  const answer = await ask()
  expect(answer.status).toBe(201)
  const { plan, status } = PlanView.parse(answer.body)
  expect(plan).toMatchObject({ verdict: 'insufficient-data', relievedBy: acmePlan().id })
  expect(plan.blocked[0]?.detail).toMatch(/enough at \d{4}-/)
  expect([status.allowed, status.waiting]).toEqual([[], null])
})
