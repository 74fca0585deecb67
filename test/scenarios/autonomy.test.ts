import { afterEach, expect, test } from 'vitest'
import { OPEN_POLICY, type Policy } from '../../src/domain/policy.ts'
import { Problem } from '../../src/messages/api.ts'
import { AutonomyList } from '../../src/messages/autonomy-api.ts'
import { awaits, gatesOf, is, madePlan, startedRun } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
afterEach(() => app.stop())

const started = async (policy: Partial<Policy>) => {
  app = await startTestApp({ policies: { '*': { ...OPEN_POLICY, ...policy } } })
}
const step = (user: string, name: string, phase = 'tail') =>
  app.ask(user, 'POST', 'autonomy', { region: REGION, phase, step: name, reason: 'a month went well' })
const TAIL = { tail: 'autonomous', medium: 'review', top: 'review' } as const

async function level(): Promise<string | undefined> {
  const { levels } = AutonomyList.parse((await app.ask('reader', 'GET', 'autonomy')).body)
  return levels.find(({ phase }) => phase === 'tail')?.level
}

test('once a second person confirmed it, the tail opens its own gate with evidence, and the next gate asks a person', async () => {
  await started({ autonomy: TAIL })
  expect((await step('operator', 'asked')).status).toBe(202)
  expect(await level()).toBe('review')
  expect((await step('operator', 'confirmed')).status).toBe(403)
  expect((await step('approver', 'confirmed')).status).toBe(202)
  expect(await level()).toBe('autonomous')

  const { plan } = await startedRun(app)
  const asked = await app.until(plan.id, (status) => awaits()(status) && status.movesDone > 0)
  const [first = '', second] = gatesOf(asked)
  expect(asked.run?.status).toMatchObject({ gate: second })
  expect(asked.batches[0]).toMatchObject({ state: 'done', decidedBy: 'autonomy policy' })
  const [decision] = await app.ports.records.list('decisions', { prefix: `${plan.id}/${first}/`, limit: 1 })
  expect(decision?.value.evidence).toMatch(/^[0-9a-f]{64}$/)

  await app.ask('operator', 'POST', `plans/${plan.id}/rollback`, { reason: 'it was no good after all' })
  await app.until(plan.id, is('rolledBack'))
  expect(await level()).toBe('review')
})

test('where its budget has no room for the batch, an autonomous tail waits for a person like any other', async () => {
  await started({ autonomy: TAIL, budgets: { ...OPEN_POLICY.budgets, movesPerDay: 1 } })
  await step('operator', 'asked')
  await step('approver', 'confirmed')
  const { plan } = await startedRun(app)
  const asked = await app.until(plan.id, awaits())
  expect([asked.run?.status, asked.movesDone]).toEqual([expect.objectContaining({ gate: 'tail-1' }), 0])
})

test('what a policy only recommends is never started', async () => {
  await started({ autonomy: { ...TAIL, tail: 'review', top: 'recommend' } })
  const { plan } = await madePlan(app)
  const answer = await app.ask('operator', 'POST', `plans/${plan.id}/start`, { digest: plan.digest })
  expect([answer.status, Problem.parse(answer.body).detail]).toEqual([
    409,
    expect.stringContaining('only recommends for the top'),
  ])
})
