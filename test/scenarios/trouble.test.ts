import { afterEach, expect, test } from 'vitest'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { batchesOf, type Plan } from '../../src/domain/plan.ts'
import { PlanView, ReportView } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { DATA_ENDS_MS, REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const DAY_MS = 86_400_000
const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
let app: TestApp
afterEach(() => app.stop())

const bindingOf = (name: string) => app.ports.catalog.binding(replicaId(name, REGION))
const homes = () => Promise.all(ACME.map(async ({ name }) => (await bindingOf(name))?.homeStamp))
const registriesOf = (plan: Plan, gate: string) =>
  batchesOf(plan)
    .find((batch) => batch.gate === gate)
    ?.moves.map(({ registry }) => registry) ?? []

async function allApproved(): Promise<PlanView> {
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  expect((await approve(app, view, gatesOf(asked))).status).toBe(202)
  return view
}

test('a batch that made its destination worse is moved back, and the run waits for a person', async () => {
  app = await startTestApp()
  app.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor: 3 })
  const view = await allApproved()
  const { id } = view.plan
  const held = await app.until(id, is('held'))
  const { status, waiting } = held.run ?? {}
  const gate = status?.kind === 'held' ? status.gate : ''
  expect(waiting?.what).toContain(`${gate} was reversed`)
  expect(held.lastEvaluation?.verdict).toBe('worse')
  expect(held.lastEvaluation?.words).toMatch(/^moved registries errors .* -> .* evidence .* worse from/)
  const [comparison] = await app.ports.records.list('comparisons', { prefix: `${id}/${gate}/`, limit: 1 })
  const foundAfterMs = (held.lastEvaluation?.atMs ?? 0) - (comparison?.value.sinceMs ?? 0)
  expect(foundAfterMs).toBeLessThanOrEqual(30 * 60_000)
  const reversed = registriesOf(view.plan, gate)
  expect(reversed.length).toBeGreaterThan(0)
  for (const registry of reversed) {
    const home = ACME.find(({ name }) => name === registry)?.stamp
    expect(await bindingOf(registry)).toMatchObject({ homeStamp: home, epoch: 3 })
  }

  await app.ask('operator', 'POST', `plans/${id}/resume`, { reason: 'shall we try again' })
  await app.until(id, awaits(gate))
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'no, we shall not' })
  await app.until(id, is('rolledBack'))
  expect(await homes()).toEqual(ACME.map(({ stamp }) => stamp))
})

test('a move that fails after its re-bind is taken home by itself, and holds the run', async () => {
  app = await startTestApp()
  app.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor: 20 })
  const view = await allApproved()
  const { id } = view.plan
  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toMatch(
    /did not move: a pull of .* through s-c failed after .* ms; it was taken home again/,
  )
  expect(await homes()).toEqual(ACME.map(({ stamp }) => stamp))
  for (const { name, stamp } of ACME)
    expect(await app.ports.traffic.route(replicaId(name, REGION))).toMatchObject({ stamp })
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'leave it at home' })
  await app.until(id, is('rolledBack'))
})

test('a source that falls silent while it is watched never lets the batch pass', async () => {
  app = await startTestApp()
  const fromMs = DATA_ENDS_MS + 1.5 * 3_600_000
  app.twin.inject({
    kind: 'silent-source',
    stamp: StampId.parse('s-a'),
    fromMs,
    untilMs: fromMs + 3 * DAY_MS,
  })
  const view = await allApproved()
  const held = await app.until(view.plan.id, is('held'))
  expect(held.run?.waiting?.what).toMatch(/not enough evidence|insufficient data/)
  expect(held.movesDone).toBeLessThan(ACME.length)
})

test('a gap in telemetry extends the observation, and the batch passes once it is made up for', async () => {
  app = await startTestApp()
  const fromMs = DATA_ENDS_MS + 0.75 * 3_600_000
  app.twin.inject({ kind: 'silent-source', stamp: StampId.parse('s-a'), fromMs, untilMs: fromMs + 1_800_000 })
  const view = await startedRun(app)
  const { id } = view.plan
  const [first = '', second] = gatesOf(await app.until(id, awaits()))
  await approve(app, view, [first])
  await app.until(id, awaits(second))
  const looks = (await app.ports.records.list('evaluations', { prefix: `${id}/${first}/`, limit: 100 })).map(
    ({ value }) => value,
  )
  const final = looks.filter((look) => look.final)
  expect(final.at(0)).toMatchObject({ verdict: 'notEnoughEvidence' })
  expect(final.at(0)?.words).toMatch(/too few minutes of telemetry from s-a compute: \d+ of \d+ bins/)
  expect(final.at(-1)).toMatchObject({ verdict: 'betterOrEqual' })
})

test('a catalog that fails some re-binds is asked again, and each replica still moves once', async () => {
  app = await startTestApp()
  app.twin.inject({ kind: 'rebind-fails', times: 3 })
  const view = await allApproved()
  await app.until(view.plan.id, is('completed'))
  for (const { name } of ACME) expect(await bindingOf(name)).toMatchObject({ homeStamp: 's-c', epoch: 2 })
})

test('stragglers at the deadline are named, and the forwarding has an owner and ends by itself', async () => {
  app = await startTestApp()
  const replica = replicaId('acme01', REGION)
  app.twin.inject({ kind: 'slow-drain', replica })
  const view = await allApproved()
  const { id } = view.plan
  const seen = await app.until(id, (status) => status.forwardings.length > 0)
  const [forwarding] = seen.forwardings
  expect(forwarding).toMatchObject({ replica, from: 's-a', to: 's-c', owner: 'operator', ended: null })
  expect(forwarding?.left.stragglers.length).toBeGreaterThan(0)
  expect((forwarding?.expiresAtMs ?? 0) - (forwarding?.sinceMs ?? 0)).toBe(DAY_MS)

  await app.until(id, is('completed'))
  const report = ReportView.parse((await app.ask('reader', 'GET', `plans/${id}/report`)).body)
  const move = report.moves.find((each) => each.replica === replica)
  const at = (name: string) => move?.steps.findLast(({ step }) => step === name)?.atMs ?? 0
  expect(at('drain') - at('route')).toBeGreaterThanOrEqual(3_600_000)
  expect(move?.steps.find(({ step }) => step === 'drain')?.detail).toMatch(
    /^deadline: \d+ requests and \d+ uploads open, by .*client-\d+.*; s-a goes on serving them until .*, owner operator$/,
  )
  expect(report.forwardings).toHaveLength(1)
  expect(report.forwardings[0]?.ended).toMatchObject({ why: 'quiet', left: { inFlight: 0, openUploads: 0 } })
  expect((await app.until(id, is('completed'))).forwardings).toEqual([])
})

test('an answer that expired before its gate opened does not open it', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id, digest } = view.plan
  const asked = await app.until(id, awaits())
  const [first = '', second = ''] = gatesOf(asked)
  const soon = {
    digest,
    gates: [second],
    answer: 'approve',
    reason: 'only for now',
    expiresAtMs: asked.nowMs + 600_000,
  }
  expect((await app.ask('approver', 'POST', `plans/${id}/decisions`, soon)).status).toBe(202)
  await approve(app, view, [first])
  await app.until(id, awaits(second))
  expect((await approve(app, view, [second])).status).toBe(202)
  PlanView.parse((await app.ask('reader', 'GET', `plans/${id}`)).body)
})

test('a run whose orchestration is gone is begun anew by the sweep, and takes up nothing that has passed', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 2))
  const before = await app.until(id, awaits(gates[2]))
  const at = `${app.host.baseUrl}/runtime/webhooks/durabletask/instances`
  const gone = await fetch(`${at}?createdTimeFrom=2000-01-01T00:00:00Z&code=${app.host.systemKey}`, {
    method: 'DELETE',
  })
  expect(gone.status).toBe(200)
  expect((await fetch(`${at}/${id}?code=${app.host.systemKey}`)).status).toBe(404)

  await app.host.clock.advance(700_000)
  const again = await app.until(id, (status) => awaits(gates[2])(status) && status.run?.restarts === 1)
  expect(again.movesDone).toBe(before.movesDone)
  await approve(app, view, gates.slice(2))
  await app.until(id, is('completed'))
  for (const { name } of ACME) expect(await bindingOf(name)).toMatchObject({ homeStamp: 's-c', epoch: 2 })
})
