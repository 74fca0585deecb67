import type { StampId } from '../domain/ids.ts'
import type { Figures, Plan } from '../domain/plan.ts'
import {
  changePercent,
  changePoints,
  hourShift,
  type ReportShift,
  type Span,
  weekdayShift,
} from '../domain/report.ts'
import type { MoveRecord, Run } from '../domain/run.ts'
import { hasEnded } from '../domain/run.ts'
import type { ReportRow, ReportView } from '../messages/api.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { foreignRebindsOf, repairsOf } from './deviations.ts'
import { loweringsOf } from './lowerings.ts'
import { type PoolKey, peakBefore, signalsOver } from './telemetry.ts'

interface PoolWindow extends PoolKey {
  readonly window: Span | null
  readonly control: boolean
  readonly predicted: number | null
}

/** The pools of a plan's region with the peak window that each had before the run. */
async function poolWindows(ports: Ports, plan: Plan, run: Run): Promise<PoolWindow[]> {
  const region = (await ports.catalog.fleet()).regions.find(({ name }) => name === plan.region)
  const windows: PoolWindow[] = []
  for (const stamp of region?.stamps ?? []) {
    for (const { role } of stamp.pools) {
      const pool: PoolKey = { stamp: stamp.id, role }
      const outlook = plan.pools.find((each) => each.stamp === stamp.id && each.pool === role)
      const window = await peakBefore(ports, pool, run.startedAtMs, plan.policy)
      windows.push({ ...pool, window, control: !outlook, predicted: outlook?.predicted.hotNodeP95 ?? null })
    }
  }
  return windows
}

/** When the report of a run can show the same weekdays and hours after its last move. */
export async function reportDueMs(ports: Ports, plan: Plan, run: Run): Promise<number> {
  const spans = (await poolWindows(ports, plan, run)).flatMap(({ window }) => (window ? [window] : []))
  return weekdayShift(spans, await lastMoveMs(ports, plan.id, run)).dueAtMs
}

function movesOfPlan({ records }: Pick<Ports, 'records'>, planId: string): Promise<MoveRecord[]> {
  return everyValue(records, 'moves', `${planId}/`)
}

async function lastMoveMs(ports: Ports, planId: string, run: Run): Promise<number> {
  const done = [...(await movesOfPlan(ports, planId)), ...(await loweringsOf(ports, planId))]
  const steps = done.flatMap((each) => each.steps.map((step) => step.atMs))
  return Math.max(run.startedAtMs, ...steps)
}

/** Before and after, computed from telemetry each time it is asked for. */
export async function reportView(ports: Ports, plan: Plan, run: Run): Promise<ReportView> {
  const pools = await poolWindows(ports, plan, run)
  const spans = pools.flatMap(({ window }) => (window ? [window] : []))
  const lastMs = await lastMoveMs(ports, plan.id, run)
  const shift = availableShift(spans, lastMs, ports.clock.nowMs())
  const rows = await Promise.all(pools.map((pool) => reportRow(ports, plan, pool, shift.shiftMs)))
  const ofPlan = `${plan.id}/`
  const missing = rows.filter((row) => row.before.hotNodeP95 === null || row.after.hotNodeP95 === null)
  return {
    planId: plan.id,
    digest: plan.digest,
    status: run.status.kind,
    requestedBy: plan.requestedBy,
    startedAtMs: run.startedAtMs,
    endedAtMs: hasEnded(run.status) ? run.updatedAtMs : null,
    ...shift,
    rows,
    moves: await movesOfPlan(ports, plan.id),
    provisionings: await everyValue(ports.records, 'provisionings', ofPlan),
    lowerings: [...(await loweringsOf(ports, plan.id))],
    decisions: await everyValue(ports.records, 'decisions', ofPlan),
    forwardings: await everyValue(ports.records, 'forwardings', ofPlan),
    foreignRebinds: await foreignRebindsOf(ports, plan.id),
    repairs: await repairsOf(ports, plan, run),
    staleWriters: await everyValue(ports.records, 'staleWriters', ofPlan),
    insufficient: missing.map(
      (row) =>
        `${row.stamp} ${row.pool}: ${shift.shiftMs === null ? 'the after window is not over yet' : 'too few minutes of telemetry'}`,
    ),
  }
}

function availableShift(
  spans: readonly Span[],
  lastMs: number,
  nowMs: number,
): { shiftMs: number | null; sameWeekday: boolean } {
  const choices: [ReportShift, boolean][] = [
    [weekdayShift(spans, lastMs), true],
    [hourShift(spans, lastMs), false],
  ]
  for (const [shift, sameWeekday] of choices) {
    if (shift.dueAtMs <= nowMs) return { shiftMs: shift.shiftMs, sameWeekday }
  }
  return { shiftMs: null, sameWeekday: false }
}

const NO_FIGURES: Figures = { hotNodeP95: null, poolAverage: null, max: null }

async function reportRow(
  ports: Ports,
  plan: Plan,
  pool: PoolWindow,
  shiftMs: number | null,
): Promise<ReportRow> {
  const { window, stamp, role, control, predicted } = pool
  const before = window ? await figuresOver(ports, plan, pool, window) : NO_FIGURES
  const after =
    window && shiftMs !== null
      ? await figuresOver(ports, plan, pool, {
          startMs: window.startMs + shiftMs,
          endMs: window.endMs + shiftMs,
        })
      : NO_FIGURES
  return {
    stamp,
    pool: role,
    control,
    before,
    after,
    predicted,
    window: window && { startMs: window.startMs, endMs: window.endMs },
    hotNodeP95Change: changePercent(before.hotNodeP95, after.hotNodeP95),
    maxChangePoints: changePoints(before.max, after.max),
  }
}

async function figuresOver(
  ports: Ports,
  plan: Plan,
  pool: { stamp: StampId; role: string },
  span: Span,
): Promise<Figures> {
  const seen = await signalsOver(ports, pool, span, plan.policy)
  if (seen.status !== 'ok') return NO_FIGURES
  return { hotNodeP95: seen.hotNodeP95, poolAverage: seen.poolAverage, max: seen.max?.value ?? null }
}
