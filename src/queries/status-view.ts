import { answerTo, approversMin, type GateAnswer } from '../domain/approval.ts'
import { type Controls, isSkipped } from '../domain/controls.ts'
import { replicaId } from '../domain/ids.ts'
import type { LoweringRecord } from '../domain/lowering.ts'
import { type Batch, batchesOf, type Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import type { RehearsalReport } from '../domain/rehearsal.ts'
import { type Decision, type Evaluation, hasEnded, type MoveRecord, type Run } from '../domain/run.ts'
import { waitingOf } from '../domain/waiting-of.ts'
import type { BatchView, StatusView } from '../messages/api.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { autonomyBrokenMs } from './autonomy.ts'
import { loweringsOf } from './lowerings.ts'
import { isMade, lastAttempt } from './provisionings.ts'
import { switchesOver } from './switches.ts'
import { undoListOf } from './undo-list.ts'

/** What a batch's cutovers take, for an estimate before there is any measure. */
const CUTOVERS_GUESS_MS = 600_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** Where a plan's run stands, computed from records alone: true as soon as a record is written. */
export async function statusView(ports: Pick<Ports, 'records' | 'clock'>, plan: Plan): Promise<StatusView> {
  const { records, clock } = ports
  const run = (await records.read('runs', plan.id))?.value ?? null
  const controls = (await records.read('controls', plan.id))?.value ?? null
  const ofPlan = `${plan.id}/`
  const moves = await everyValue(records, 'moves', ofPlan)
  const last = latest(moves)
  const decisions = await everyValue(records, 'decisions', ofPlan)
  const looks = await everyValue(records, 'evaluations', ofPlan)
  const lowerings = await loweringsOf(ports, plan.id)
  const madeStamp = isMade(await lastAttempt(ports, plan.id))
  const progress = {
    ...{ run, controls, last, lowerings, madeStamp, decisions, looks, nowMs: clock.nowMs() },
    autonomyBrokenMs: await autonomyBrokenMs(ports, plan),
  }
  const batches = batchesOf(plan).map((batch) => batchView(batch, plan, progress))
  const evaluation = looks.toSorted((a, b) => b.atMs - a.atMs)[0] ?? null
  const switches = (await switchesOver(ports, plan.region)).filter(({ setting }) => setting !== 'off')
  const rehearsal = (await records.read('rehearsals', plan.id))?.value ?? null
  const asked = batches.find(({ gate }) => run && 'gate' in run.status && run.status.gate === gate)
  return {
    planId: plan.id,
    digest: plan.digest,
    nowMs: clock.nowMs(),
    run,
    waiting: waitingOf({
      planId: plan.id,
      madeAtMs: plan.madeAtMs,
      run,
      rehearsal: plan.lowerings ? 'notNeeded' : rehearsal,
      controls,
      moves,
      approvedBy: asked?.approvedBy ?? [],
      approversNeeded: asked?.approversNeeded ?? 1,
      requestedBy: plan.requestedBy,
      drainDeadlineMs: durationMs(plan.policy.drainDeadline) ?? 0,
      switches,
    }),
    batches,
    movesDone: batches.reduce((sum, batch) => sum + batch.movesDone, 0),
    movesPlanned: plan.moves.length + (plan.lowerings?.length ?? 0),
    etaMs: etaMs(plan, run, batches, clock.nowMs()),
    allowed: allowedOrders(run, controls, canStart(plan, rehearsal)).filter(
      (order) => order !== 'skip' || plan.moves.length > 0,
    ),
    lastEvaluation: evaluation,
    reminders: await everyValue(records, 'reminders', ofPlan),
    conflicts: await everyValue(records, 'conflicts', ofPlan),
    orders: controls,
    undo: undoListOf(plan, last),
    switches,
    forwardings: (await everyValue(records, 'forwardings', ofPlan)).filter(({ ended }) => ended === null),
  }
}

function latest(moves: readonly MoveRecord[]): ReadonlyMap<string, MoveRecord> {
  return new Map(moves.map((move) => [move.replica, move]))
}

interface Progress {
  readonly controls: Controls | null
  readonly run: Run | null
  readonly last: ReadonlyMap<string, MoveRecord>
  readonly lowerings: readonly LoweringRecord[]
  /** Whether the stamp that the plan makes is there. */
  readonly madeStamp: boolean
  readonly decisions: readonly Decision[]
  readonly looks: readonly Evaluation[]
  readonly autonomyBrokenMs: number
  readonly nowMs: number
}

function batchView(batch: Batch, plan: Plan, progress: Progress): BatchView {
  const moves = batch.moves.flatMap((move) => progress.last.get(replicaId(move.registry, plan.region)) ?? [])
  const lowered = loweredIn(batch, progress)
  const movesDone =
    moves.filter((move) => move.direction === 'forward' && move.outcome?.kind === 'done').length +
    lowered.filter((change) => change?.direction === 'lower' && change.outcome?.kind === 'done').length
  const { controls } = progress
  const skipped = batch.moves.filter(({ registry }) => controls && isSkipped(controls, registry)).length
  const reversed =
    moves.some((move) => move.direction === 'reverse') ||
    lowered.some((change) => change?.direction === 'restore')
  const planned = batch.moves.length + batch.lowerings.length
  const isUnmade = batch.phase === 'provision' && !progress.madeStamp
  const needed = approversMin(plan.policy, batch.phase)
  const answer = answerIn(batch.gate, plan, progress, needed)
  const state = batchState(
    batch,
    progress.run,
    { movesDone, wanted: isUnmade ? 1 : planned - skipped },
    answer.kind === 'open' ? 'open' : 'closed',
  )
  return {
    gate: batch.gate,
    phase: batch.phase,
    registries: planned,
    state: reversed ? 'reversed' : state,
    movesDone,
    ...(skipped > 0 ? { skipped } : {}),
    decidedBy: answer.kind === 'open' ? answer.by.join(', ') : null,
    approvedBy: answer.kind === 'rejected' ? [] : [...answer.by],
    approversNeeded: needed,
  }
}

/** The last change of each minimum that a batch lowers; undefined where there was none. */
function loweredIn({ gate, lowerings }: Batch, progress: Progress): (LoweringRecord | undefined)[] {
  return lowerings.map(({ stamp, pool }) =>
    progress.lowerings.findLast(
      (change) => change.gate === gate && change.stamp === stamp && change.pool === pool,
    ),
  )
}

/** What the answers to a gate come to: for a batch that has begun to move, those that opened it then. */
function answerIn(gate: string, plan: Plan, progress: Progress, needed: number): GateAnswer {
  const worse = progress.looks.filter((look) => look.gate === gate && look.verdict === 'worse')
  const begun = [...progress.last.values(), ...progress.lowerings].filter((each) => each.gate === gate)
  const beganMs = begun.flatMap(({ steps }) => steps.slice(0, 1).map(({ atMs }) => atMs))
  const voidUntilMs = Math.max(0, ...worse.map(({ atMs }) => atMs))
  const startMs = beganMs.filter((atMs) => atMs > voidUntilMs)
  return answerTo(progress.decisions, {
    gate,
    digest: plan.digest,
    requestedBy: plan.requestedBy,
    voidUntilMs,
    nowMs: Math.min(progress.nowMs, ...startMs),
    approversMin: needed,
    autonomyBrokenMs: startMs.length > 0 ? 0 : progress.autonomyBrokenMs,
  })
}

function batchState(
  batch: Batch,
  run: Run | null,
  { movesDone, wanted }: { readonly movesDone: number; readonly wanted: number },
  gate: 'open' | 'closed',
): BatchView['state'] {
  const status = run?.status
  const current = status && 'gate' in status && status.gate === batch.gate
  if (current && (status.kind === 'moving' || status.kind === 'observing')) return status.kind
  if (movesDone === wanted) return 'done'
  return gate === 'open' ? 'approved' : 'waiting'
}

/** A plan can start when it has somewhere to move to and its rehearsal has passed; one that lowers minimums proves each step instead. */
function canStart(plan: Plan, rehearsal: RehearsalReport | null): boolean {
  if (plan.lowerings) return true
  const movable = plan.moves.length > 0 && plan.moves.every((move) => move.to !== 'new')
  return movable && rehearsal?.status === 'passed'
}

/** Which orders make sense now. */
function allowedOrders(
  run: Run | null,
  controls: Controls | null,
  startable: boolean,
): StatusView['allowed'] {
  if (!run) return startable ? ['start'] : []
  if (hasEnded(run.status)) return []
  if (controls?.abort) return []
  if (controls?.rollback) return controls.hold ? ['resume', 'abort'] : ['abort']
  const observes = run.status.kind === 'observing' && run.waiting?.kind !== 'report'
  return [
    'decide',
    controls?.hold ? 'resume' : 'hold',
    'rollback',
    'abort',
    'skip',
    ...(observes ? (['extendObservation'] as const) : []),
  ]
}

/** When the run would end if every gate were answered at once: what is left to move, to observe and to report on. */
function etaMs(plan: Plan, run: Run | null, batches: readonly BatchView[], nowMs: number): number | null {
  if (run && hasEnded(run.status)) return null
  const observeFor = new Map(plan.phases.map((phase) => [phase.name, durationMs(phase.observation) ?? 0]))
  let endMs = nowMs
  let lastMoveMs = nowMs
  for (const batch of batches) {
    const observeMs = observeFor.get(batch.phase) ?? 0
    if (batch.state === 'observing' && run?.status.kind === 'observing') {
      endMs = run.status.untilMs
      lastMoveMs = run.status.sinceMs
    } else if (batch.state !== 'done' && batch.state !== 'reversed') {
      lastMoveMs = endMs + CUTOVERS_GUESS_MS
      endMs = lastMoveMs + observeMs
    }
  }
  return Math.max(endMs, reportEtaMs(run?.startedAtMs ?? nowMs, lastMoveMs))
}

/** The report's windows lie in the day before the run, and come again whole weeks later, after the last move. */
function reportEtaMs(startedAtMs: number, lastMoveMs: number): number {
  return startedAtMs + Math.ceil((lastMoveMs - startedAtMs + DAY_MS) / WEEK_MS) * WEEK_MS
}
