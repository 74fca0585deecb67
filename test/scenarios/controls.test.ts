import { afterEach, expect, test } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import { OPEN_POLICY, type Policy } from '../../src/domain/policy.ts'
import { Problem } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const HOUR_MS = 3_600_000
let app: TestApp
afterEach(() => app.stop())

const homeOf = async (name: string) => (await app.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp
const post = (id: string, path: string, body: object, user = 'operator') =>
  app.ask(user, 'POST', `plans/${id}/${path}`, { reason: 'a test wants it', ...body })

async function asked(policy: Partial<Policy> = {}) {
  app = await startTestApp({ policies: { '*': { ...OPEN_POLICY, ...policy } } })
  const view = await startedRun(app)
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  const registriesOf = (gate: string | undefined) =>
    view.plan.moves.filter(({ phase, batch }) => `${phase}-${batch}` === gate).map(({ registry }) => registry)
  return { view, id, gates, registriesOf, plan: view.plan }
}

test('a skipped registry stays at home, and its batch goes on without it', async () => {
  const { view, id, gates, registriesOf } = await asked()
  const [skipped = '', moved = ''] = registriesOf(gates[0])
  const before = await homeOf(skipped)
  expect((await post(id, 'skip', { registry: skipped })).status).toBe(202)
  await approve(app, view, gates.slice(0, 1))
  const next = await app.until(id, awaits(gates[1]))
  expect([await homeOf(skipped), await homeOf(moved)]).toEqual([before, 's-c'])
  expect(next.batches[0]).toMatchObject({ state: 'done', movesDone: 1, skipped: 1 })
  expect(next.orders?.skips).toMatchObject([{ registry: skipped, by: 'operator', reason: 'a test wants it' }])
})

test('a batch whose every registry is skipped is passed over, but never the whole plan', async () => {
  const { id, gates, registriesOf, plan } = await asked()
  for (const registry of registriesOf(gates[0])) await post(id, 'skip', { registry })
  const rest = plan.moves
    .map(({ registry }) => registry)
    .filter((name) => !registriesOf(gates[0]).includes(name))
  for (const registry of rest.slice(1)) expect((await post(id, 'skip', { registry })).status).toBe(202)
  const last = await post(id, 'skip', { registry: rest[0] })
  expect([last.status, Problem.parse(last.body).detail]).toEqual([
    409,
    expect.stringContaining('abort the run instead'),
  ])
  expect((await post(id, 'skip', { registry: 'nobody' })).status).toBe(409)
  expect((await post(id, 'skip', { registry: rest[1] })).status).toBe(409)
  expect((await post(id, 'skip', { registry: rest[0] }, 'reader')).status).toBe(403)
})

test('a registry that has moved is not skipped any more', async () => {
  const { view, id, gates, registriesOf } = await asked()
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  const late = await post(id, 'skip', { registry: registriesOf(gates[0])[0] })
  expect([late.status, Problem.parse(late.body).detail]).toEqual([
    409,
    expect.stringContaining('has begun to move'),
  ])
})

test('a batch that is rolled back goes home alone, and its gate asks anew once the run is resumed', async () => {
  const { view, id, gates, registriesOf } = await asked()
  await approve(app, view, gates.slice(0, 2))
  await app.until(id, awaits(gates[2]))
  expect((await post(id, 'rollback', { gate: gates[0] })).status).toBe(202)
  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toContain(`${gates[0]} went home by order`)
  for (const name of registriesOf(gates[0])) expect(await homeOf(name)).not.toBe('s-c')
  for (const name of registriesOf(gates[1])) expect(await homeOf(name)).toBe('s-c')

  await post(id, 'resume', {})
  await app.until(id, awaits(gates[0]))
  expect((await post(id, 'rollback', { gate: gates[3] })).status).toBe(409)
  expect((await post(id, 'rollback', { gate: gates[1], phase: 'tail' })).status).toBe(400)
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[2]))
  for (const name of registriesOf(gates[0])) expect(await homeOf(name)).toBe('s-c')
})

test('an observation that is extended lasts so much longer', async () => {
  const { view, id, gates } = await asked({ observeTail: 'PT20H' })
  await approve(app, view, gates.slice(0, 1))
  const observing = await app.until(id, is('observing'))
  const untilMs = observing.run?.status.kind === 'observing' ? observing.run.status.untilMs : 0
  const answer = await post(id, 'observation', { set: 'extend', hours: 5 })
  expect(answer.status).toBe(202)
  await app.until(id, awaits(gates[1]))
  const looks = await app.ports.records.list('evaluations', { prefix: `${id}/${gates[0]}/`, limit: 100 })
  const last = looks.at(-1)?.value
  expect(last).toMatchObject({ final: true, verdict: 'betterOrEqual' })
  expect(last?.atMs).toBeGreaterThanOrEqual(untilMs + 5 * HOUR_MS)
})

test('an extension counts although the clock of the run is ahead of the one that takes it', async () => {
  const { view, id, gates } = await asked({ observeTail: 'PT20H' })
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, is('observing'))
  const sinceMs = await observedSince(id, app.ports.clock.nowMs() + HOUR_MS)
  expect((await post(id, 'observation', { set: 'extend', hours: 5 })).status).toBe(202)
  const controls = await app.ports.records.read('controls', id)
  expect(controls?.value.observations).toMatchObject([{ set: 'extend', atMs: sinceMs }])
})

test('only an approver who did not ask for the plan ends an observation, with a reason, and then the batch passes', async () => {
  const { view, id, gates } = await asked({ observeMedium: 'P10D' })
  await approve(app, view, gates.slice(0, 2))
  const isSecond = (status: Parameters<ReturnType<typeof is>>[0]) =>
    is('observing')(status) && status.run?.status.kind === 'observing' && status.run.status.gate === gates[1]
  const observing = await app.until(id, isSecond)
  const untilMs = observing.run?.status.kind === 'observing' ? observing.run.status.untilMs : 0
  expect((await post(id, 'observation', { set: 'end' })).status).toBe(403)
  const ended = await post(id, 'observation', { set: 'end' }, 'approver')
  expect(ended.status).toBe(202)
  const next = await app.until(id, awaits(gates[2]))
  expect(next.nowMs).toBeLessThan(untilMs)
  expect(next.orders?.observations).toMatchObject([{ set: 'end', by: 'approver', gate: gates[1] }])
  expect((await post(id, 'observation', { set: 'extend', hours: 1 })).status).toBe(409)
})

/** Writes when the run's observation began; the run itself writes beside us, so it may take a few times. */
async function observedSince(id: string, sinceMs: number): Promise<number> {
  const stored = await app.ports.records.read('runs', id)
  if (stored?.value.status.kind !== 'observing') throw new Error('it is not observed any more')
  const ahead = { ...stored.value, status: { ...stored.value.status, sinceMs } }
  const outcome = await app.ports.records.replace('runs', id, ahead, stored.etag)
  return outcome === 'replaced' ? sinceMs : observedSince(id, sinceMs)
}
