import { afterEach, expect, test } from 'vitest'
import { approvalFor } from '../../src/activities/approval.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { EvidenceView, type PlanView, Problem, StatusView } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
afterEach(() => app.stop())

const problemOf = (body: unknown) => Problem.parse(body)
const statusOf = async (id: string) =>
  StatusView.parse((await app.ask('reader', 'GET', `plans/${id}/status`)).body)

function reject(view: PlanView, gate: string, user = 'deputy') {
  const { id, digest } = view.plan
  const body = { digest, gates: [gate], answer: 'reject', reason: 'I would not' }
  return app.ask(user, 'POST', `plans/${id}/decisions`, body)
}

async function askedRun(policy: Partial<typeof OPEN_POLICY> = {}) {
  app = await startTestApp({ policies: { '*': { ...OPEN_POLICY, ...policy } } })
  const view = await startedRun(app)
  const status = await app.until(view.plan.id, awaits())
  return { view, gates: gatesOf(status), id: view.plan.id }
}

test('a second, different answer is a conflict that everybody sees, and the first one stands', async () => {
  const { view, gates, id } = await askedRun()
  const gate = gates.at(-1) ?? ''
  expect((await approve(app, view, [gate])).status).toBe(202)
  for (const again of [1, 2]) {
    const second = await reject(view, gate)
    expect([again, second.status, problemOf(second.body).type]).toEqual([
      again,
      409,
      '/problems/conflicting-answer',
    ])
    expect(problemOf(second.body).detail).toContain('approve of approver: looks right; that one stands')
  }
  const { conflicts, batches } = await statusOf(id)
  expect(conflicts).toMatchObject([
    { gate, by: 'deputy', answer: 'reject', reason: 'I would not', standing: { answer: 'approve' } },
  ])
  expect(batches.at(-1)).toMatchObject({ state: 'approved', decidedBy: 'approver' })
})

test('of two answers at the same moment one stands and the other is a conflict, never both or none', async () => {
  const { view, gates, id } = await askedRun()
  const gate = gates.at(-1) ?? ''
  const answers = await Promise.all([approve(app, view, [gate]), reject(view, gate)])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409])
  expect((await statusOf(id)).conflicts).toHaveLength(1)
  expect(await app.ports.records.list('decisions', { prefix: `${id}/`, limit: 10 })).toHaveLength(1)
})

test('an answer counts although the clock of the run is ahead of the one that takes it', async () => {
  const { view, gates, id } = await askedRun()
  const gate = gates.at(-1) ?? ''
  const stored = await app.ports.records.read('runs', id)
  if (stored?.value.status.kind !== 'awaitingApproval') throw new Error('nobody is asked')
  const sinceMs = app.ports.clock.nowMs() + 3_600_000
  const ahead = { ...stored.value, status: { ...stored.value.status, sinceMs } }
  await app.ports.records.replace('runs', id, ahead, stored.etag)
  expect((await approve(app, view, [gate])).status).toBe(202)
  const [decision] = await app.ports.records.list('decisions', { prefix: `${id}/${gate}/`, limit: 1 })
  expect(decision?.value.atMs).toBe(sinceMs)
})

test('an answer to several gates that broke off is completed when it is sent again', async () => {
  const { view, gates, id } = await askedRun()
  const [, second = '', third = ''] = gates
  expect((await approve(app, view, [second])).status).toBe(202)
  expect((await approve(app, view, [second, third])).status).toBe(202)
  expect((await app.ports.records.list('decisions', { prefix: `${id}/${second}/`, limit: 10 })).length).toBe(
    1,
  )
  const third_ = (await statusOf(id)).batches.find(({ gate }) => gate === third)
  expect(third_?.state).toBe('approved')
})

test('a gate that takes two approvers opens by the second person, and not by one person twice', async () => {
  const { view, gates, id } = await askedRun({ twoApprovers: ['tail', 'medium', 'top'] })
  const [gate = ''] = gates
  expect((await approve(app, view, [gate])).status).toBe(202)
  const twice = await approve(app, view, [gate])
  expect([twice.status, problemOf(twice.body).detail]).toEqual([
    409,
    expect.stringContaining('takes another approver, 1 of 2'),
  ])
  const half = await app.until(id, awaits(gate))
  expect(half.batches[0]).toMatchObject({ decidedBy: null, approvedBy: ['approver'], approversNeeded: 2 })
  const digest = view.plan.digest
  const lacking = await approvalFor(app.ports, { planId: id, digest, gate })
  expect(lacking).toMatchObject({ kind: 'lacking', reason: expect.stringContaining('it takes one more') })

  expect((await approve(app, view, [gate], 'deputy')).status).toBe(202)
  await app.until(id, awaits(gates[1]))
})

test('a reject before the second approval ends the run', async () => {
  const { view, gates, id } = await askedRun({ twoApprovers: ['tail', 'medium', 'top'] })
  const [gate = ''] = gates
  await approve(app, view, [gate])
  expect((await reject(view, gate)).status).toBe(202)
  expect((await app.until(id, is('rejected'))).movesDone).toBe(0)
})

test('an answer names the evidence that was seen, and old or unknown evidence is refused', async () => {
  const { view, gates, id } = await askedRun()
  const { digest } = view.plan
  const [, second = '', third = ''] = gates
  const seen = EvidenceView.parse((await app.ask('approver', 'POST', `plans/${id}/evidence`)).body)
  expect(seen.evidence).toMatchObject({ digest, run: 'awaitingApproval', astray: [], verdicts: [] })
  expect(seen.evidence.rehearsal).toMatchObject({ status: 'passed' })
  expect(seen.evidence.pools.length).toBe(view.plan.pools.length)
  for (const { hotNodeP95 } of seen.evidence.pools) expect(hotNodeP95).toBeGreaterThan(0)
  const answer = (gate: string, evidence?: string) =>
    app.ask('approver', 'POST', `plans/${id}/decisions`, {
      digest,
      gates: [gate],
      answer: 'approve',
      reason: 'seen it',
      ...(evidence ? { evidence } : {}),
    })
  expect((await app.ask('operator', 'POST', `plans/${id}/evidence`)).status).toBe(403)
  expect((await answer(second, '0'.repeat(64))).status).toBe(404)
  expect((await answer(second, seen.digest)).status).toBe(202)
  await app.host.clock.advance(3_700_000)
  const old = await answer(third, seen.digest)
  expect([old.status, problemOf(old.body).type]).toEqual([409, '/problems/evidence-outdated'])
  expect((await answer(third)).status).toBe(202)
  const kept = await app.ports.records.list('decisions', { prefix: `${id}/`, limit: 10 })
  const digests = new Map(kept.map(({ value }) => [value.gates[0], value.evidence]))
  expect(digests.get(second)).toBe(seen.digest)
  const own = await app.ports.records.read('evidence', `${id}/${digests.get(third)}`)
  expect(own?.value.atMs).toBeGreaterThanOrEqual(seen.evidence.atMs + 3_700_000)
})

test('an answer can be given while neither catalog nor telemetry can be read, and says that they could not', async () => {
  const down = { isDown: false }
  const failing = () => Promise.reject(new Error('no connection'))
  app = await startTestApp({
    ports: (ports) => ({
      ...ports,
      catalog: {
        ...ports.catalog,
        fleet: () => (down.isDown ? failing() : ports.catalog.fleet()),
        binding: (replica) => ports.catalog.binding(replica),
        bindings: () => ports.catalog.bindings(),
        rebind: (move) => ports.catalog.rebind(move),
      },
      metrics: {
        ...ports.metrics,
        cpu: (query) => (down.isDown ? failing() : ports.metrics.cpu(query)),
        load: (query) => ports.metrics.load(query),
      },
    }),
  })
  const view = await startedRun(app)
  const { id } = view.plan
  const [gate = ''] = gatesOf(await app.until(id, awaits()))
  down.isDown = true
  expect((await reject(view, gate)).status).toBe(202)
  await app.until(id, is('rejected'))
  const [kept] = await app.ports.records.list('evidence', { prefix: `${id}/`, limit: 10 })
  expect(kept?.value.astray).toBeNull()
  for (const { hotNodeP95 } of kept?.value.pools ?? []) expect(hotNodeP95).toBeNull()
})

test('an effect finds no approval for another digest, another gate, after its expiry or of the requester', async () => {
  const { view, gates, id } = await askedRun()
  const { digest } = view.plan
  const [, gate = ''] = gates
  const nowMs = app.ports.clock.nowMs()
  const put = (number: string, by: string, expiresAtMs: number | null) =>
    app.ports.records.create('decisions', `${id}/${gate}/${number}`, {
      planId: id,
      digest,
      gates: [gate],
      answer: 'approve',
      reason: 'so',
      atMs: nowMs,
      id: `${id}/${gate}/${number}`,
      by,
      expiresAtMs,
    })
  const look = (given: object = {}) => approvalFor(app.ports, { planId: id, digest, gate, ...given })
  await put('001', 'operator', null)
  await put('002', 'approver', nowMs - 1)
  expect(await look()).toMatchObject({ kind: 'lacking', reason: expect.stringContaining('no approval') })
  await put('003', 'approver', nowMs + 1_000_000)
  expect(await look()).toMatchObject({ kind: 'approved', by: ['approver'] })
  for (const given of [{ digest: '0'.repeat(64) }, { gate: 'top-9' }, { planId: 'plan-none' }]) {
    expect(await look(given)).toMatchObject({ kind: 'lacking' })
  }
})
