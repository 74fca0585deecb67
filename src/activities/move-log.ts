import { partsOf, type ReplicaId, type StampId } from '../domain/ids.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import type { CutoverStep, MoveRecord } from '../domain/run.ts'
import type { CutoverInput } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import type { Stored } from '../ports/records.ts'
import { evaluationsOf } from '../queries/decisions.ts'
import { approvalFor } from './approval.ts'
import { type Effect, guardEffect } from './guard.ts'
import { RecordBusy } from './orders.ts'

export type Step = Omit<CutoverInput, 'drainDeadlineMs'>

export type OpenMove =
  | {
      readonly kind: 'open'
      readonly move: MoveRecord
      readonly log: Stored<MoveRecord>
      readonly plan: Plan
    }
  | { readonly kind: 'refused' | 'paused'; readonly reason: string }

/** A replica goes forth and back at most so often in one plan. */
const MOVES_MAX = 100
const NUMBER_WIDTH = 3

/** All that happened to a replica under a plan, oldest first. */
export async function movesOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  replica: ReplicaId,
): Promise<readonly Stored<MoveRecord>[]> {
  return records.list('moves', { prefix: `${planId}/${replica}/`, limit: MOVES_MAX })
}

/** Whether a move put the replica somewhere: from its re-bind on, whatever came after. */
export function hasLanded(move: MoveRecord): boolean {
  return move.steps.some((step) => step.step === 'rebind' && step.kind === 'done')
}

/**
 * Opens the record of one replica's move, or finds it again. Effects trust ids alone: the plan is read by digest, the
 * replica must be in the gate's batch, and a person's answer or the run's own verdict must be on record. Only a first step
 * begins a move: a later one that comes again after the replica went the other way finds nothing to go on with. What only
 * looks, or writes down how it ended, is held by no switch.
 */
export async function openMove(
  ports: Pick<Ports, 'records' | 'clock'>,
  step: Step,
  stage: 'begins' | 'goesOn' | 'looks',
): Promise<OpenMove> {
  const plan = (await ports.records.read('plans', step.planId))?.value
  if (plan?.digest !== step.digest) {
    return { kind: 'refused', reason: `plan ${step.planId} has another digest than the run was started with` }
  }
  const planned = plannedMove(plan, step)
  if (!planned)
    return { kind: 'refused', reason: `${step.replica} is not in batch ${step.gate} of ${step.planId}` }

  const log = await movesOf(ports, step.planId, step.replica)
  const last = log.at(-1)
  const passage = stage === 'looks' ? undefined : await guardEffect(ports, effectOf(plan, step, last?.value))
  if (passage && passage.kind !== 'open') return passage
  if (last?.value.direction === step.direction) return { kind: 'open', move: last.value, log: last, plan }
  if (step.direction === 'reverse' && !(last && hasLanded(last.value))) {
    return { kind: 'refused', reason: `${step.replica} has not moved, so there is nothing to reverse` }
  }
  if (stage !== 'begins') {
    return { kind: 'refused', reason: `${step.replica} has no move under way that this step belongs to` }
  }
  const refusal = await authorityLacking(ports, step)
  if (refusal) return { kind: 'refused', reason: refusal }

  const number = String(log.length + 1).padStart(NUMBER_WIDTH, '0')
  const id = `${step.planId}/${step.replica}/${number}`
  const move: MoveRecord = {
    ...planned,
    planId: step.planId,
    replica: step.replica,
    gate: step.gate,
    key: id,
    steps: [],
    outcome: null,
    direction: step.direction,
  }
  await ports.records.create('moves', id, move)
  const created = await ports.records.read('moves', id)
  if (!created) throw new RecordBusy(`move ${id} was made and is not there`)
  return { kind: 'open', move: created.value, log: created, plan }
}

/** What a step is to a kill switch: from the intent to re-bind on, a move is better finished than left half-way. */
function effectOf(plan: Plan, step: Step, last: MoveRecord | undefined): Effect {
  const isBound = last?.direction === 'forward' && last.steps.some(({ step: done }) => done === 'rebind')
  const forward = isBound ? 'underWay' : 'newMove'
  return {
    region: plan.region,
    planId: plan.id,
    kind: step.direction === 'reverse' ? 'reversal' : forward,
  }
}

function plannedMove(plan: Plan, step: Step): { from: StampId; to: StampId } | undefined {
  const { registry } = partsOf(step.replica)
  const batch = batchesOf(plan).find(({ gate }) => gate === step.gate)
  const move = batch?.moves.find((candidate) => candidate.registry === registry)
  if (!move || move.to === 'new') return undefined
  if (step.direction === 'forward') return { from: move.from, to: move.to }
  const back = plan.reverses.find((reverse) => reverse.registry === registry)
  return back && { from: back.from, to: back.to }
}

/** What a move lacks to begin: an answer of somebody else than the requester, or a reason to go back. */
async function authorityLacking(
  ports: Pick<Ports, 'records' | 'clock'>,
  step: Step,
): Promise<string | undefined> {
  const controls = (await ports.records.read('controls', step.planId))?.value
  if (!controls) return `controls of ${step.planId} can't be read, so nothing is moved`
  const seen = await evaluationsOf(ports, step.planId, step.gate)
  const worseMs = Math.max(0, ...seen.filter(({ verdict }) => verdict === 'worse').map(({ atMs }) => atMs))
  if (step.direction === 'reverse') {
    return controls.rollback || worseMs > 0
      ? undefined
      : `nobody ordered a rollback and ${step.gate} was not judged worse`
  }
  if (controls.abort ?? controls.rollback ?? controls.hold)
    return `the run of ${step.planId} was stopped by an order`
  const approval = await approvalFor(ports, step)
  return approval.kind === 'approved' ? undefined : approval.reason
}

const WRITES_MAX = 8

/** Appends a step to a move's record, once: a repeat finds it there. */
export async function logStep(
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
  id: string,
  entry: { readonly step: CutoverStep; readonly kind: 'intent' | 'done'; readonly detail: string },
  outcome?: MoveRecord['outcome'],
): Promise<void> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('moves', id)
    if (!stored) throw new RecordBusy(`move ${id} is not on record`)
    const known = stored.value.steps.some(({ step, kind }) => step === entry.step && kind === entry.kind)
    if (known && outcome === undefined) return
    const steps = known ? stored.value.steps : [...stored.value.steps, { ...entry, atMs: clock.nowMs() }]
    const move = { ...stored.value, steps, outcome: outcome === undefined ? stored.value.outcome : outcome }
    if ((await records.replace('moves', id, move, stored.etag)) === 'replaced') return
  }
  throw new RecordBusy(`move ${id} was written by others ${WRITES_MAX} times in a row`)
}
