import { partsOf, type ReplicaId, type StampId } from '../domain/ids.ts'
import { replicaResource } from '../domain/leases.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import type { CutoverStep, MoveRecord } from '../domain/run.ts'
import type { MoveStep } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord, type Stored } from '../ports/records.ts'
import { amendMove } from './amend-move.ts'
import { authorityLacking } from './authority.ts'
import { type Effect, guardEffect } from './guard.ts'
import { type Fenced, fenceFor } from './leases.ts'
import { setInMotion } from './motion.ts'
import { RecordBusy } from './record-faults.ts'
import { startPassage } from './start-rules.ts'

export type OpenMove =
  | { readonly kind: 'open'; readonly move: MoveRecord; readonly plan: Plan }
  | { readonly kind: 'refused' | 'paused'; readonly reason: string }

type Refused = Exclude<OpenMove, { kind: 'open' }>

/** A replica goes forth and back at most so often in one plan. */
const NUMBER_WIDTH = 3

/** All that happened to a replica under a plan, oldest first. */
export async function movesOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  replica: ReplicaId,
): Promise<readonly Stored<MoveRecord>[]> {
  return everyRecord(records, 'moves', `${planId}/${replica}/`)
}

/** The key of a replica's move by its number, from 1: it makes a repeat recognisable. */
export function moveKey(planId: string, replica: ReplicaId, number: number): string {
  return `${planId}/${replica}/${String(number).padStart(NUMBER_WIDTH, '0')}`
}

/** Whether a move put the replica somewhere: from its re-bind on, whatever came after. */
export function hasLanded(move: MoveRecord): boolean {
  return isDone(move, 'rebind')
}

export function isDone(move: MoveRecord, step: CutoverStep): boolean {
  return move.steps.some((each) => each.step === step && each.kind === 'done')
}

/**
 * A step with what it needs: a re-bind needs its authority anew, later ones follow from it; a failed move is only begun anew.
 * What only looks, or writes down how it ended, is held by no switch.
 */
interface Stage {
  readonly step: CutoverStep
  readonly does: 'effect' | 'look'
  readonly needs: 'authority' | 'record'
  readonly failed: 'taken' | 'refused'
}

export const STAGES = {
  prepare: { step: 'prepare', does: 'effect', needs: 'authority', failed: 'taken' },
  rebind: { step: 'rebind', does: 'effect', needs: 'authority', failed: 'refused' },
  route: { step: 'route', does: 'effect', needs: 'record', failed: 'refused' },
  drain: { step: 'drain', does: 'look', needs: 'record', failed: 'refused' },
  verify: { step: 'verify', does: 'look', needs: 'record', failed: 'refused' },
  fail: { step: 'verify', does: 'look', needs: 'record', failed: 'taken' },
} as const satisfies Record<string, Stage>

/**
 * Opens the record of one replica's move, or finds it again. Effects trust ids alone: the plan is read by digest, the
 * replica must be in the gate's batch, and what allows the move must be on record. A replica's moves are numbered, so
 * that a step which comes again after a later move has begun is told that it is stale.
 */
export async function openMove(
  ports: Pick<Ports, 'records' | 'clock' | 'catalog'>,
  step: MoveStep,
  stage: Stage,
): Promise<OpenMove> {
  const plan = (await ports.records.read('plans', step.planId))?.value
  if (!plan) return refused(`there is no plan ${step.planId}`)
  if (plan.digest !== step.digest) {
    return refused(`plan ${step.planId} has another digest than the run was started with`)
  }
  const planned = plannedMove(plan, step)
  if (!planned) return refused(`${step.replica} is not in batch ${step.gate} of ${step.planId}`)

  const log = (await movesOf(ports, step.planId, step.replica)).map(({ value }) => value)
  const at = step.sequence ?? nextOf(log, step.direction)
  const last = log.at(-1)
  if (at < log.length) return stale(ports, step, { step: stage.step, at, begun: log.length })
  const known = at === log.length ? last : undefined
  const passage = stage.does === 'look' ? undefined : await guardEffect(ports, effectOf(plan, step, last))
  if (passage && passage.kind !== 'open') return passage
  const misfit = misfitOf(step, { at, log, known, stage })
  if (misfit) return refused(misfit)
  const taken = known && stage.step === 'prepare' ? await takenSince(ports, known) : undefined
  if (taken) return refused(taken)

  if (stage.needs === 'authority' && !(known && (known.outcome?.kind === 'done' || hasLanded(known)))) {
    const forward = known && known.direction === step.direction ? log.at(-2) : last
    const refusal = await authorityLacking(ports, { step, forward, stage: stage.step })
    if (refusal) return refused(refusal)
  }
  const key = moveKey(step.planId, step.replica, at)
  const start =
    stage.step === 'prepare' && step.direction === 'forward'
      ? await startPassage(ports, plan, { key, known })
      : undefined
  if (start && start.kind !== 'open') return start
  const fenced = stage.does === 'look' ? undefined : await fencedOff(ports, plan, { step, known, stage })
  if (fenced && fenced.kind !== 'open') return fenced
  const move = known ?? (await begin(ports, step, { planned, at, fence: fenced?.fence }))
  if (stage.step !== 'prepare') return { kind: 'open', plan, move }
  const motion = await setInMotion(ports, move)
  if (motion.kind !== 'open') return motion
  return { kind: 'open', plan, move: await reopened(ports, move, fenced?.fence) }
}

/** A move that failed after it had landed is not begun anew once somebody else has bound its replica: whose it is, people say. */
async function takenSince(
  { catalog }: Pick<Ports, 'catalog'>,
  move: MoveRecord,
): Promise<string | undefined> {
  if (move.outcome?.kind !== 'failed' || !hasLanded(move)) return undefined
  const binding = await catalog.binding(move.replica)
  if (!binding || binding.lastMoveKey === move.key) return undefined
  return `${move.replica} was bound to ${binding.homeStamp} (epoch ${binding.epoch}) by somebody else since its move; skip it, or plan anew`
}

/** Whether the plan still holds the replica, and since the move began: who lost it meanwhile is too late. */
async function fencedOff(
  ports: Pick<Ports, 'records' | 'clock'>,
  plan: Plan,
  {
    step,
    known,
    stage,
  }: { readonly step: MoveStep; readonly known: MoveRecord | undefined; readonly stage: Stage },
): Promise<Fenced> {
  const resource = replicaResource(partsOf(step.replica).registry, plan.region)
  const fenced = await fenceFor(ports, plan, { resource, direction: step.direction })
  if (fenced.kind !== 'open' || stage.step === 'prepare' || known?.fence === undefined) return fenced
  return known.fence === fenced.fence
    ? fenced
    : refused(`the lease of ${step.replica} was lost and taken anew since this move began`)
}

/** What a step is to a kill switch: from the intent to re-bind on, a move is better finished than left half-way. */
function effectOf(plan: Plan, step: MoveStep, last: MoveRecord | undefined): Effect {
  const isBound = last?.direction === 'forward' && last.steps.some(({ step: done }) => done === 'rebind')
  const forward = isBound ? 'underWay' : 'newMove'
  return {
    region: plan.region,
    planId: plan.id,
    kind: step.direction === 'reverse' ? 'reversal' : forward,
  }
}

function refused(reason: string): Refused {
  return { kind: 'refused', reason }
}

/** The number of the move that a step without one belongs to. */
function nextOf(log: readonly MoveRecord[], direction: MoveStep['direction']): number {
  return log.at(-1)?.direction === direction ? log.length : log.length + 1
}

/** Why a step fits nowhere in a replica's moves, if so. */
function misfitOf(
  step: MoveStep,
  {
    at,
    log,
    known,
    stage,
  }: {
    readonly at: number
    readonly log: readonly MoveRecord[]
    readonly known: MoveRecord | undefined
    readonly stage: Stage
  },
): string | undefined {
  const { replica, direction } = step
  const last = log.at(-1)
  if (known) {
    if (known.direction !== direction || known.gate !== step.gate)
      return `move ${at} of ${replica} goes ${known.direction} under ${known.gate}`
    return stage.failed === 'taken' || known.outcome?.kind !== 'failed'
      ? undefined
      : `move ${at} of ${replica} has failed: ${known.outcome.reason}`
  }
  if (direction === 'reverse' && !(last?.direction === 'forward' && hasLanded(last))) {
    return `${replica} has not moved, so there is nothing to reverse`
  }
  if (at !== log.length + 1) return `${replica} has made ${log.length} moves, so ${at} can't be its next`
  if (direction === 'forward' && last && last.direction !== 'reverse')
    return `move ${log.length} of ${replica} was not undone, so it can't be made again`
  if (direction === 'forward' && last && last.outcome?.kind !== 'done')
    return `${replica} is still on its way home; it has to arrive before it goes anywhere`
  return stage.step === 'prepare' ? undefined : `${replica} has no move under way that this step belongs to`
}

async function begin(
  ports: Pick<Ports, 'records' | 'clock' | 'catalog'>,
  step: MoveStep,
  {
    planned,
    at,
    fence,
  }: {
    readonly planned: { from: StampId; to: StampId }
    readonly at: number
    readonly fence: number | undefined
  },
): Promise<MoveRecord> {
  const id = moveKey(step.planId, step.replica, at)
  const epoch = (await ports.catalog.binding(step.replica))?.epoch
  const { planId, replica, gate, direction } = step
  const move: MoveRecord = {
    ...planned,
    ...{ planId, replica, gate, direction, key: id, steps: [], outcome: null },
    begunMs: ports.clock.nowMs(),
    ...(epoch === undefined ? {} : { epoch }),
    ...(fence === undefined ? {} : { fence }),
  }
  await ports.records.create('moves', id, move)
  const created = await ports.records.read('moves', id)
  if (!created) throw new RecordBusy(`move ${id} was made and is not there`)
  return created.value
}

/** A move that failed before it landed is tried anew, from the binding as it is now. */
async function reopened(
  ports: Pick<Ports, 'records' | 'clock' | 'catalog'>,
  move: MoveRecord,
  fence: number | undefined,
): Promise<MoveRecord> {
  const isDone = move.outcome?.kind === 'done'
  if (isDone || (move.outcome === null && move.fence === fence)) return move
  const epoch = (await ports.catalog.binding(move.replica))?.epoch
  return amendMove(ports, move.key, (stored) => {
    if (fence !== undefined && stored.outcome?.kind !== 'failed') return { ...stored, fence }
    if (stored.outcome?.kind !== 'failed') return stored
    const fresh = epoch === undefined || hasLanded(stored) ? {} : { epoch }
    const lease = fence === undefined ? {} : { fence }
    return { ...stored, ...fresh, ...lease, begunMs: ports.clock.nowMs(), outcome: null }
  })
}

function plannedMove(plan: Plan, step: MoveStep): { from: StampId; to: StampId } | undefined {
  const { registry, region } = partsOf(step.replica)
  const batch = batchesOf(plan).find(({ gate }) => gate === step.gate)
  const move = batch?.moves.find((candidate) => candidate.registry === registry)
  if (!move || move.to === 'new' || region !== plan.region) return undefined
  if (step.direction === 'forward') return { from: move.from, to: move.to }
  const back = plan.reverses.find((reverse) => reverse.registry === registry)
  return back && { from: back.from, to: back.to }
}

async function stale(
  ports: Pick<Ports, 'records' | 'clock'>,
  step: MoveStep,
  { step: name, at, begun }: { readonly step: CutoverStep; readonly at: number; readonly begun: number },
): Promise<Refused> {
  const words = `${name} of move ${at} of ${step.replica} came after move ${begun} had begun; it changed nothing`
  await recordStale(ports, step, { step: name, words })
  return refused(words)
}

/** Keeps that a writer came too late, for the report to count. */
export async function recordStale(
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
  { planId, replica, sequence }: MoveStep,
  late: { readonly step: CutoverStep; readonly words: string },
): Promise<void> {
  const atMs = clock.nowMs()
  const id = `${planId}/${replica}/${sequence ?? 0}-${late.step}-${atMs}`
  await records.create('staleWriters', id, { planId, replica, atMs, ...late })
}
