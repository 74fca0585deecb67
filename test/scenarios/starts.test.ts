import { afterEach, expect, test } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import { OPEN_POLICY, Policy } from '../../src/domain/policy.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { DATA_ENDS_MS, REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const HOUR_MS = 3_600_000
const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
const AT_HOME = ACME.map(({ stamp }) => stamp)
let app: TestApp
afterEach(() => app.stop())

const homes = async () =>
  Promise.all(
    ACME.map(async ({ name }) => (await app.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp),
  )

async function approvedRun(policy: unknown) {
  app = await startTestApp({ policies: { '*': Policy.parse(policy) } })
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  expect((await approve(app, view, gatesOf(asked))).status).toBe(202)
  return view.plan
}

/** When each forward move began, by the record of its first step. */
async function begins(planId: string): Promise<number[]> {
  const moves = await app.ports.records.list('moves', { prefix: `${planId}/`, limit: 100 })
  return moves.flatMap(({ value }) => value.steps[0]?.atMs ?? []).toSorted((a, b) => a - b)
}

test('where the policy lists no window nothing ever starts, and only a person can change that', async () => {
  const { id } = await approvedRun({})
  const blocked = await app.until(id, is('blocked'))
  expect(blocked.run?.status).toMatchObject({ rule: 'window', untilMs: null })
  expect(blocked.run?.waiting).toMatchObject({ person: true })
  expect(blocked.run?.waiting?.what).toContain('the policy lists no window')
  expect(await homes()).toEqual(AT_HOME)
})

test('outside its window a run waits until it opens, and moves start in windows only', async () => {
  const { id } = await approvedRun({ windows: [{ from: '09:00', to: '10:00' }] })
  const second = await app.until(id, ({ batches }) => (batches[1]?.movesDone ?? 0) > 0)
  expect(second.movesDone).toBeGreaterThan(1)
  const times = await begins(id)
  expect(times[0]).toBeGreaterThanOrEqual(DATA_ENDS_MS + 9 * HOUR_MS)
  for (const atMs of times) expect(new Date(atMs).getUTCHours()).toBe(9)
})

test('a freeze of the policy is waited for', async () => {
  const freeze = { from: '2026-11-01T00:00:00Z', to: '2026-11-04T00:00:00Z', reason: 'quarter end' }
  const { id } = await approvedRun({ windows: [{ from: '00:00', to: '24:00' }], freezes: [freeze] })
  await app.until(id, ({ movesDone }) => movesDone > 0)
  expect((await begins(id))[0]).toBeGreaterThanOrEqual(Date.parse(freeze.to))
})

test('no more moves begin in an hour than the budget has, and the batch still gets done', async () => {
  const { id } = await approvedRun({ ...OPEN_POLICY, budgets: { movesPerHour: 1 } })
  const tail = await app.until(id, ({ batches }) => batches[0]?.state === 'done')
  expect(tail.batches[0]?.registries).toBe(2)
  const [first = 0, second = 0] = await begins(id)
  expect(second - first).toBeGreaterThanOrEqual(HOUR_MS)
})

test('an approved cutover that its run never admitted does not begin', async () => {
  const { id, digest, moves } = await approvedRun({})
  await app.until(id, is('blocked'))
  const { registry, phase, batch } = moves[0] ?? { registry: '', phase: 'tail', batch: 1 }
  const input = {
    ...{ planId: id, digest, gate: `${phase}-${batch}`, replica: replicaId(registry, REGION) },
    ...{ direction: 'forward', drainDeadlineMs: 1000 },
  }
  const at = `${app.host.baseUrl}/runtime/webhooks/durabletask`
  await fetch(`${at}/orchestrators/cutover/intruder?code=${app.host.systemKey}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  await app.host.clock.advance(2 * 24 * HOUR_MS)
  await app.ask('operator', 'POST', `plans/${id}/abort`, { reason: 'enough' })
  await app.until(id, is('aborted'))
  expect(await homes()).toEqual(AT_HOME)
  expect(await app.ports.records.list('moves', { limit: 1 })).toEqual([])
})
