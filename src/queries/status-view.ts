import { replicaId } from '../domain/ids.ts'
import { type Batch, batchesOf, type Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import { type Controls, type Decision, hasEnded, type MoveRecord, type Run } from '../domain/run.ts'
import type { BatchView, StatusView } from '../messages/api.ts'
import type { Ports } from '../ports/ports.ts'

const RECORDS_MAX = 10_000
/** What a batch's cutovers take, for an estimate before there is any measure. */
const CUTOVERS_GUESS_MS = 600_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** Where a plan's run stands, computed from records alone: true as soon as a record is written. */
export async function statusView(ports: Pick<Ports, 'records' | 'clock'>, plan: Plan): Promise<StatusView> {
  const { records, clock } = ports
  const run = (await records.read('runs', plan.id))?.value ?? null
  const controls = (await records.read('controls', plan.id))?.value ?? null
  const last = latest(
    (await records.list('moves', { prefix: `${plan.id}/`, limit: RECORDS_MAX })).map((m) => m.value),
  )
  const decisions = (await records.list('decisions', { prefix: `${plan.id}/`, limit: RECORDS_MAX })).map(
    (d) => d.value,
  )
  const batches = batchesOf(plan).map((batch) => batchView(batch, plan.region, { run, last, decisions }))
  const seen = await records.list('evaluations', { prefix: `${plan.id}/`, limit: RECORDS_MAX })
  const evaluation = seen.map(({ value }) => value).toSorted((a, b) => b.atMs - a.atMs)[0] ?? null
  return {
    planId: plan.id,
    digest: plan.digest,
    nowMs: clock.nowMs(),
    run,
    batches,
    movesDone: batches.reduce((sum, batch) => sum + batch.movesDone, 0),
    movesPlanned: plan.moves.length,
    etaMs: etaMs(plan, run, batches, clock.nowMs()),
    allowed: allowedOrders(run, controls, await canStart(ports, plan)),
    lastEvaluation: evaluation,
  }
}

function latest(moves: readonly MoveRecord[]): ReadonlyMap<string, MoveRecord> {
  return new Map(moves.map((move) => [move.replica, move]))
}

interface Progress {
  readonly run: Run | null
  readonly last: ReadonlyMap<string, MoveRecord>
  readonly decisions: readonly Decision[]
}

function batchView(batch: Batch, region: string, progress: Progress): BatchView {
  const moves = batch.moves.flatMap((move) => progress.last.get(replicaId(move.registry, region)) ?? [])
  const movesDone = moves.filter(
    (move) => move.direction === 'forward' && move.outcome?.kind === 'done',
  ).length
  const reversed = moves.some((move) => move.direction === 'reverse')
  const approval = progress.decisions.findLast(
    (decision) => decision.gates.includes(batch.gate) && decision.answer === 'approve',
  )
  return {
    gate: batch.gate,
    phase: batch.phase,
    registries: batch.moves.length,
    state: reversed ? 'reversed' : batchState(batch, progress.run, movesDone, approval),
    movesDone,
    decidedBy: approval?.by ?? null,
  }
}

function batchState(
  batch: Batch,
  run: Run | null,
  movesDone: number,
  approval: Decision | undefined,
): BatchView['state'] {
  const status = run?.status
  const current = status && 'gate' in status && status.gate === batch.gate
  if (current && (status.kind === 'moving' || status.kind === 'observing')) return status.kind
  if (movesDone === batch.moves.length) return 'done'
  return approval ? 'approved' : 'waiting'
}

/** A plan can start when it has somewhere to move to and its rehearsal has passed. */
async function canStart({ records }: Pick<Ports, 'records'>, plan: Plan): Promise<boolean> {
  const movable = plan.moves.length > 0 && plan.moves.every((move) => move.to !== 'new')
  return movable && (await records.read('rehearsals', plan.id))?.value.status === 'passed'
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
  return ['decide', controls?.hold ? 'resume' : 'hold', 'rollback', 'abort']
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
