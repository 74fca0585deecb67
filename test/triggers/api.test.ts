import { afterAll, beforeAll, expect, test } from 'vitest'
import { FleetView, PlanList, Problem, SignalsView } from '../../src/messages/api.ts'
import { approve, awaits, madePlan, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const problemOf = (body: unknown) => Problem.parse(body)

test('no token and a foreign token get 401 and say what to do', async () => {
  const none = await app.ask('', 'GET', 'fleet', undefined, { authorization: '' })
  expect([none.status, problemOf(none.body).detail]).toEqual([
    401,
    expect.stringContaining('no token was sent'),
  ])
  const foreign = await app.ask('not-a-token', 'GET', 'fleet')
  expect([foreign.status, problemOf(foreign.body).detail]).toEqual([
    401,
    expect.stringContaining('not of this start'),
  ])
  expect(foreign.headers.get('content-type')).toContain('application/problem+json')
})

test('a wrong role gets 403 with who may', async () => {
  const answer = await app.ask('reader', 'POST', 'plans', {})
  expect([answer.status, problemOf(answer.body).detail]).toEqual([403, expect.stringContaining('Planner')])
})

test('an unknown plan, stamp, region and customer get 404', async () => {
  expect((await app.ask('reader', 'GET', 'plans/plan-nowhere')).status).toBe(404)
  expect((await app.ask('reader', 'GET', 'signals?stamp=s-x&pool=compute')).status).toBe(404)
  expect((await app.ask('operator', 'POST', 'plans', { region: 'nowhere' })).status).toBe(404)
  expect((await app.ask('operator', 'POST', 'plans', { customer: 'nobody' })).status).toBe(404)
  expect((await app.ask('operator', 'POST', 'scans', { region: 'nowhere' })).status).toBe(404)
})

test('an invalid body gets 400 naming the field', async () => {
  const view = await madePlan(app)
  const path = `plans/${view.plan.id}/decisions`
  const answer = await app.ask('approver', 'POST', path, {
    digest: 'x',
    gates: [],
    answer: 'maybe',
    reason: '',
  })
  expect(answer.status).toBe(400)
  for (const field of ['digest', 'gates', 'answer', 'reason'])
    expect(problemOf(answer.body).detail).toContain(field)
  expect((await app.ask('operator', 'POST', 'plans', 'not json')).status).toBe(400)
  expect(problemOf((await app.ask('operator', 'POST', 'plans', { custmer: 'acme' })).body).detail).toContain(
    'custmer',
  )
})

test('an oversized body gets 413', async () => {
  const answer = await app.ask('operator', 'POST', 'plans', { customer: 'x'.repeat(70_000) })
  expect(answer.status).toBe(413)
})

test('a digest that is not the current one gets 409', async () => {
  const view = await madePlan(app)
  const answer = await app.ask('operator', 'POST', `plans/${view.plan.id}/start`, { digest: '0'.repeat(64) })
  expect([answer.status, problemOf(answer.body).type]).toEqual([409, '/problems/other-digest'])
})

test('an order in the wrong state gets 409 with the state and what is allowed', async () => {
  const view = await madePlan(app)
  const answer = await app.ask('operator', 'POST', `plans/${view.plan.id}/hold`, { reason: 'too early' })
  expect(answer.status).toBe(409)
  expect(problemOf(answer.body)).toMatchObject({ state: 'not started', allowed: ['start'] })
  expect((await app.ask('reader', 'GET', `plans/${view.plan.id}/report`)).status).toBe(409)
})

test('a run can be started once', async () => {
  const view = await startedRun(app)
  const again = await app.ask('operator', 'POST', `plans/${view.plan.id}/start`, { digest: view.plan.digest })
  expect(again.status).toBe(409)
})

test('the requester may not approve, and a gate takes one answer', async () => {
  const view = await startedRun(app)
  const status = await app.until(view.plan.id, awaits())
  const gate = status.batches[0]?.gate ?? ''
  const top = status.batches.at(-1)?.gate ?? ''
  expect((await approve(app, view, [gate], 'operator')).status).toBe(403)
  expect((await approve(app, view, [top])).status).toBe(202)
  const second = await approve(app, view, [top])
  expect([second.status, problemOf(second.body).type]).toEqual([409, '/problems/answered-already'])
  expect((await approve(app, view, ['tail-99'])).status).toBe(404)
})

test('the fleet shows each pool with its scale, and the scan once it is there', async () => {
  await app.ask('operator', 'POST', 'scans', {})
  const deadline = Date.now() + 10_000
  for (;;) {
    const view = FleetView.parse((await app.ask('reader', 'GET', 'fleet')).body)
    const pool = view.regions[0]?.stamps[0]?.pools[0]
    expect(pool).toMatchObject({ role: 'compute', nodes: 3 })
    if (pool?.scan) {
      expect(pool.scan.dominatedBy?.customer).toBe('acme')
      return
    }
    if (Date.now() > deadline) throw new Error('no scan came')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

test('signals are the hottest node per bin of the asked hours', async () => {
  const view = SignalsView.parse(
    (await app.ask('reader', 'GET', 'signals?stamp=s-a&pool=compute&hours=12')).body,
  )
  expect(view.hot).toHaveLength(720)
  expect(view.status).toBe('ok')
  expect(view.hotNode[0]).toBe('s-a-n2')
  expect((await app.ask('reader', 'GET', 'signals?stamp=s-a&pool=compute&hours=0')).status).toBe(400)
})

test('plans are listed newest first', async () => {
  const { plans } = PlanList.parse((await app.ask('reader', 'GET', 'plans')).body)
  expect(plans.length).toBeGreaterThan(0)
  expect(plans.map(({ madeAtMs }) => madeAtMs)).toEqual(
    plans.map(({ madeAtMs }) => madeAtMs).toSorted((a, b) => b - a),
  )
})
