import type { HttpResponseInit } from '@azure/functions'
import { type Place, placeOf } from '../domain/approval.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import { decisionRefusal } from '../domain/principal.ts'
import type { Conflict, Decision } from '../domain/run.ts'
import type { DecisionRequest, EvidenceView } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { decisionsOn, lastWorseMs, questionOf } from '../queries/decisions.ts'
import { keepEvidence } from '../queries/evidence.ts'
import { statusView } from '../queries/status-view.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { changedMeanwhile, findPlan, otherDigest, wrongState } from './plan-lookup.ts'
import { problem } from './problems.ts'
import { wake } from './wake.ts'

const WRITES_MAX = 8
const NUMBER_WIDTH = 3
/** A gate keeps so many answers that came too late; whoever sends more is told no without a record. */
const CONFLICTS_MAX = 100

/** A person's answer to gates. It is a record first; the event afterwards only wakes. */
export function registerDecisionRoute(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS.decide, (call) => decide(ports, call))
  registerRoute(door, OPERATIONS.gatherEvidence, async (call) => {
    const found = await findPlan(ports, call.param('id'))
    if ('refused' in found) return found.refused
    const view: EvidenceView = await keepEvidence(ports, found.plan)
    return { status: 201, jsonBody: view }
  })
}

type Answer = Omit<Decision, 'id'>

async function decide(ports: Ports, call: Call<DecisionRequest>): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const { plan } = found
  const refused = await decisionProblem(ports, plan, call)
  if (refused) return refused

  const { expiresAtMs = null, ...body } = call.body
  const answer: Answer = {
    ...body,
    planId: plan.id,
    by: call.principal.name,
    atMs: await answerMs(ports, plan),
    expiresAtMs,
  }
  // All gates are looked at before the first is written, so that an answer to several is seldom given by halves.
  const places = await Promise.all(answer.gates.map((gate) => placeAt(ports, plan, gate, answer)))
  const standing = await standingProblem(ports, answer, places)
  if (standing) return standing
  const [first] = places
  if (first?.kind === 'repeat' && places.every(({ kind }) => kind === 'repeat'))
    return problem('answered-already', first.words)
  const evidence = answer.evidence ?? (await keepEvidence(ports, plan)).digest
  for (const gate of answer.gates) {
    const place = await write(ports, plan, gate, { ...answer, evidence })
    const late = await standingProblem(ports, { ...answer, gates: [gate] }, [place])
    if (late) return late
  }
  await wake(ports, plan.id, call.client)
  return { status: 202, jsonBody: await statusView(ports, plan) }
}

/** The run's clock may be ahead of this one; an answer never comes before its question. */
async function answerMs({ records, clock }: Ports, plan: Plan): Promise<number> {
  const status = (await records.read('runs', plan.id))?.value.status
  return Math.max(clock.nowMs(), status?.kind === 'awaitingApproval' ? status.sinceMs : 0)
}

async function decisionProblem(
  ports: Ports,
  plan: Plan,
  call: Call<DecisionRequest>,
): Promise<HttpResponseInit | undefined> {
  const own = decisionRefusal(call.principal, plan.requestedBy)
  if (own) return problem('not-allowed', own)
  if (plan.digest !== call.body.digest) return otherDigest(plan, call.body.digest)
  const status = await statusView(ports, plan)
  if (!status.allowed.includes('decide')) return wrongState('a decision', status)
  const old = changedMeanwhile(call, status)
  if (old) return old
  const known = new Set(batchesOf(plan).map(({ gate }) => gate))
  const unknown = call.body.gates.find((gate) => !known.has(gate))
  if (unknown)
    return problem('not-found', `${plan.id} has no gate ${unknown}; it has ${[...known].join(', ')}`)
  const { expiresAtMs } = call.body
  if (expiresAtMs !== undefined && expiresAtMs <= ports.clock.nowMs()) {
    return problem('invalid-request', 'expiresAtMs: the answer would have expired before it was given')
  }
  return evidenceProblem(ports, plan, call.body)
}

/** Evidence that an answer names must be of this plan, not too old, and from after the last time that a batch was judged worse. */
async function evidenceProblem(
  ports: Ports,
  plan: Plan,
  { evidence: digest, gates }: DecisionRequest,
): Promise<HttpResponseInit | undefined> {
  if (digest === undefined) return undefined
  const evidence = (await ports.records.read('evidence', `${plan.id}/${digest}`))?.value
  if (!evidence) {
    const detail = `evidence ${digest.slice(0, 12)}... of ${plan.id} is not on record; POST /api/v1/plans/${plan.id}/evidence`
    return problem('not-found', detail)
  }
  const oldestMs = ports.clock.nowMs() - (durationMs(plan.policy.evidenceMaxAge) ?? 0)
  const worseMs = Math.max(...(await Promise.all(gates.map((gate) => lastWorseMs(ports, plan.id, gate)))))
  if (evidence.atMs >= Math.max(oldestMs, worseMs)) return undefined
  return problem(
    'evidence-outdated',
    `what was seen is of ${new Date(evidence.atMs).toISOString()}; look at the plan again and then answer`,
  )
}

async function placeAt(ports: Ports, plan: Plan, gate: string, answer: Answer): Promise<Place> {
  return placeOf(await decisionsOn(ports, plan.id, gate), await questionOf(ports, plan, { gate }), answer)
}

/** The refusal where others answered before; an answer that differs from theirs is put on record beside it. */
async function standingProblem(
  ports: Ports,
  answer: Answer,
  places: readonly Place[],
): Promise<HttpResponseInit | undefined> {
  const conflicts = places.flatMap((place, at) => (place.kind === 'conflict' ? [{ ...place, at }] : []))
  for (const { standing, at } of conflicts) {
    await keepConflict(ports, answer, answer.gates[at] ?? '', standing)
  }
  const [conflict] = conflicts
  if (conflict) return problem('conflicting-answer', conflict.words)
  const answered = places.find(({ kind }) => kind === 'answered')
  return answered?.kind === 'answered' ? problem('answered-already', answered.words) : undefined
}

/** Writes the answer to one gate under the next number; whoever wrote that number first is looked at before another try. */
async function write(ports: Ports, plan: Plan, gate: string, answer: Answer): Promise<Place> {
  for (let attempt = 0; attempt < WRITES_MAX; attempt += 1) {
    const before = await decisionsOn(ports, plan.id, gate)
    const place = placeOf(before, await questionOf(ports, plan, { gate }), answer)
    if (place.kind !== 'new') return place
    const id = `${plan.id}/${gate}/${numbered(before.length + 1)}`
    if ((await ports.records.create('decisions', id, { ...answer, id })) === 'created') return place
  }
  throw new Error(`gate ${gate} of ${plan.id} was answered by others ${WRITES_MAX} times in a row`)
}

async function keepConflict(
  { records }: Pick<Ports, 'records'>,
  { planId, digest, answer, by, reason, atMs }: Answer,
  gate: string,
  { id: standingId, answer: standingAnswer, by: standingBy }: Decision,
): Promise<void> {
  const prefix = `${planId}/${gate}/`
  const standing = { id: standingId, answer: standingAnswer, by: standingBy }
  for (let attempt = 0; attempt < WRITES_MAX; attempt += 1) {
    const before = await records.list('conflicts', { prefix, limit: CONFLICTS_MAX })
    const known = before.some(({ value }) => value.by === by && value.standing.id === standing.id)
    if (known || before.length >= CONFLICTS_MAX) return
    const id = `${prefix}${numbered(before.length + 1)}`
    const conflict: Conflict = { id, planId, digest, gate, answer, by, reason, atMs, standing }
    if ((await records.create('conflicts', id, conflict)) === 'created') return
  }
}

function numbered(count: number): string {
  return String(count).padStart(NUMBER_WIDTH, '0')
}
