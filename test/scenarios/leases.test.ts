import { afterEach, expect, test } from 'vitest'
import { PlanView, type StatusView } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const MINUTES_MAX = 240
let app: TestApp
afterEach(() => app.stop())

const leases = async () => (await app.ports.records.read('leases', REGION))?.value.holds ?? []
const order = (id: string, name: string) =>
  app.ask('operator', 'POST', `plans/${id}/${name}`, { reason: `a test says ${name}` })

/** Time stands still while anybody is asked, as the other plan's people are: here it is pushed on, minute by minute. */
async function later(id: string, wanted: (status: StatusView) => boolean): Promise<StatusView> {
  for (let minute = 0; minute < MINUTES_MAX; minute += 1) {
    const status = await app.until(id, () => true)
    if (wanted(status)) return status
    await app.host.clock.advance(60_000)
  }
  throw new Error(`waited in vain for ${MINUTES_MAX} minutes`)
}

async function emergency(): Promise<PlanView> {
  const body = { customer: 'acme', urgency: 'emergency' }
  const made = PlanView.parse((await app.ask('operator', 'POST', 'plans', body)).body)
  const { id, digest } = made.plan
  await expect
    .poll(async () => (await app.ask('operator', 'POST', `plans/${id}/start`, { digest })).status)
    .toBe(202)
  return made
}

test('a run holds its replicas and pools from its start, and nothing any more once it has ended', async () => {
  app = await startTestApp()
  const { plan } = await startedRun(app)
  const asked = await app.until(plan.id, awaits())
  const [hold] = await leases()
  expect(hold).toMatchObject({ planId: plan.id, urgency: 'routine', fence: 1 })
  expect(hold?.resources).toEqual(
    expect.arrayContaining(['replica/acme01@testland', 'stamp/s-a/compute', 'stamp/s-c/compute']),
  )
  expect(hold?.untilMs).toBeGreaterThan(asked.run?.waiting?.untilMs ?? Number.POSITIVE_INFINITY)
  await order(plan.id, 'abort')
  await app.until(plan.id, is('aborted'))
  expect(await leases()).toEqual([])
})

test('a second plan for the same stamps waits until the first has ended', async () => {
  app = await startTestApp()
  const first = await startedRun(app)
  await app.until(first.plan.id, awaits())
  const second = await startedRun(app)
  const { id } = second.plan
  await approve(app, second, gatesOf(await app.until(id, awaits())))
  const blocked = await app.until(id, is('blocked'))
  expect(blocked.run?.status).toMatchObject({ rule: 'lease' })
  expect(blocked.run?.waiting?.what).toContain(`routine plan ${first.plan.id} holds it`)
  expect(blocked.movesDone).toBe(0)

  await order(first.plan.id, 'abort')
  await app.until(first.plan.id, is('aborted'))
  expect((await later(id, ({ movesDone }) => movesDone > 0)).planId).toBe(id)
})

test('a lease whose time is over is taken by the plan that waits for it', async () => {
  app = await startTestApp()
  const first = await startedRun(app)
  await app.until(first.plan.id, awaits())
  await order(first.plan.id, 'hold')
  await app.until(first.plan.id, is('held'))
  const [held] = await leases()
  const second = await startedRun(app)
  const { id } = second.plan
  await approve(app, second, gatesOf(await app.until(id, awaits())))
  await app.until(id, is('blocked'))
  await app.host.clock.advance((held?.untilMs ?? 0) - app.host.clock.nowMs() + 3_600_000)
  await later(id, ({ movesDone }) => movesDone > 0)
  expect((await leases()).map(({ planId }) => planId)).toEqual([id])
})

test('an emergency takes over from a routine plan at its border, which holds and lists what it may undo', async () => {
  app = await startTestApp()
  const routine = await startedRun(app)
  const gates = gatesOf(await app.until(routine.plan.id, awaits()))
  const urgent = await emergency()
  const { id } = urgent.plan
  await approve(app, urgent, gatesOf(await app.until(id, awaits())).slice(0, 1))
  await later(id, ({ movesDone }) => movesDone > 1)

  const held = await app.until(routine.plan.id, is('held'))
  expect(held.run?.waiting?.what).toContain(`preempted by emergency plan ${id}`)
  expect((await leases()).map(({ planId }) => planId)).toEqual([id])
  const moved = await app.until(id, () => true)
  expect(moved.undo).toHaveLength(moved.movesDone)
  expect(moved.undo?.[0]).toMatchObject({ from: 's-c' })

  await order(routine.plan.id, 'resume')
  await approve(app, routine, gates.slice(0, 1))
  expect((await app.until(routine.plan.id, is('blocked'))).run?.status).toMatchObject({ rule: 'lease' })
})

test('neither window nor budget stops an emergency', async () => {
  const { OPEN_POLICY } = await import('../../src/domain/policy.ts')
  const closed = { ...OPEN_POLICY, windows: [], budgets: { ...OPEN_POLICY.budgets, movesPerHour: 1 } }
  app = await startTestApp({ policies: { '*': closed } })
  const urgent = await emergency()
  const { id } = urgent.plan
  const [first = '', second] = gatesOf(await app.until(id, awaits()))
  await approve(app, urgent, [first])
  const done = await app.until(id, awaits(second))
  expect(done.movesDone).toBe(2)
})
