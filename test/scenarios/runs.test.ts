import { afterEach, expect, test } from 'vitest'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { ReportView } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
let app: TestApp
afterEach(() => app.stop())

const homes = async () =>
  Promise.all(
    ACME.map(async ({ name }) => (await app.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp),
  )

test('a plan whose every gate is approved moves each replica once and ends with its table', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  await approve(app, view, gatesOf(asked))
  const ended = await app.until(view.plan.id, is('completed'))
  expect(ended.movesDone).toBe(ACME.length)
  expect(await homes()).toEqual(ACME.map(() => 's-c'))
  for (const { name } of ACME) {
    expect((await app.ports.catalog.binding(replicaId(name, REGION)))?.epoch).toBe(2)
  }
  const report = ReportView.parse((await app.ask('reader', 'GET', `plans/${view.plan.id}/report`)).body)
  expect(report.sameWeekday).toBe(true)
  expect(report.insufficient).toEqual([])
  const source = report.rows.find((row) => row.stamp === 's-a')
  expect(source?.hotNodeP95Change).toBeLessThan(-50)
})

test('a destination that is too small is raised before anything moves there', async () => {
  app = await startTestApp({ isolatedNodes: 1 })
  const view = await startedRun(app)
  const wanted = view.plan.isolation?.pools[0]?.nodes ?? 0
  expect(wanted).toBeGreaterThan(1)
  const asked = await app.until(view.plan.id, awaits())
  await approve(app, view, gatesOf(asked).slice(0, 1))
  await app.until(view.plan.id, awaits(gatesOf(asked)[1]))
  const [pool] = await app.ports.capacity.pools(StampId.parse('s-c'))
  expect(pool).toMatchObject({ minNodes: wanted, readyNodes: wanted })
})

test('without an answer nothing moves, and at the deadline the run is held', async () => {
  app = await startTestApp({ policies: { '*': { ...(await defaults()), gateDeadline: 'PT1H' } } })
  const view = await startedRun(app)
  await app.until(view.plan.id, awaits())
  await app.host.clock.advance(3_700_000)
  const held = await app.until(view.plan.id, is('held'))
  expect(held.run?.waiting?.what).toContain('no answer means no move')
  expect(held.movesDone).toBe(0)
  expect(await homes()).toEqual(ACME.map(({ stamp }) => stamp))
})

test('a rejected gate ends the run with nothing moved', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  const gate = asked.batches[0]?.gate
  const { id, digest } = view.plan
  await app.ask('approver', 'POST', `plans/${id}/decisions`, {
    digest,
    gates: [gate],
    answer: 'reject',
    reason: 'not now',
  })
  const ended = await app.until(id, is('rejected'))
  expect(ended.movesDone).toBe(0)
  expect(ended.allowed).toEqual([])
})

test('a hold stops before the next move, and a resume goes on', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const asked = await app.until(id, awaits())
  const [first, second] = gatesOf(asked)
  await approve(app, view, [first ?? ''])
  await app.until(id, awaits(second))
  await app.ask('operator', 'POST', `plans/${id}/hold`, { reason: 'looking at something' })
  const held = await app.until(id, is('held'))
  expect(held.allowed).toContain('resume')
  await app.ask('operator', 'POST', `plans/${id}/resume`, { reason: 'it was nothing' })
  await app.until(id, awaits(second))
})

test('a rollback takes every landed move back home, last one first', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const asked = await app.until(id, awaits())
  const gates = gatesOf(asked)
  await approve(app, view, gates.slice(0, 2))
  const waiting = await app.until(id, awaits(gates[2]))
  expect(waiting.movesDone).toBeGreaterThan(0)
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'the customer asked' })
  await app.until(id, is('rolledBack'))
  expect(await homes()).toEqual(ACME.map(({ stamp }) => stamp))
})

test('an abort leaves landed moves where they are and moves nothing more', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const asked = await app.until(id, awaits())
  const [first, second] = gatesOf(asked)
  await approve(app, view, [first ?? ''])
  const waiting = await app.until(id, awaits(second))
  await app.ask('operator', 'POST', `plans/${id}/abort`, { reason: 'enough for today' })
  const ended = await app.until(id, is('aborted'))
  expect(ended.movesDone).toBe(waiting.movesDone)
  expect((await homes()).filter((home) => home === 's-c')).toHaveLength(waiting.movesDone)
})

test('a replica that somebody else re-bound holds the run and is left alone', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const asked = await app.until(id, awaits())
  const [first] = gatesOf(asked)
  const registry = view.plan.moves.find((move) => `${move.phase}-${move.batch}` === first)?.registry ?? ''
  const replica = replicaId(registry, REGION)
  const binding = await app.ports.catalog.binding(replica)
  const elsewhere = StampId.parse(binding?.homeStamp === 's-a' ? 's-b' : 's-a')
  const move = { replica, to: elsewhere, expectedEpoch: binding?.epoch ?? 0, moveKey: 'somebody-else' }
  await app.ports.catalog.rebind(move)
  await approve(app, view, [first ?? ''])
  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toContain('by somebody else')
  expect((await app.ports.catalog.binding(replica))?.homeStamp).toBe(elsewhere)
})

async function defaults() {
  return (await import('../../src/domain/policy.ts')).OPEN_POLICY
}
