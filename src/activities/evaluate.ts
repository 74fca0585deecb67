import type { z } from 'zod'
import { judge, type PoolEvidence, type TenantEvidence } from '../domain/evaluation.ts'
import { batchesOf, type Move, type Plan } from '../domain/plan.ts'
import type { Evaluation } from '../domain/run.ts'
import type { RegionLoad } from '../domain/series.ts'
import type { Evaluate } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { type PoolKey, signalsOver } from '../queries/telemetry.ts'
import { RecordMissing } from './orders.ts'

const DAY_MS = 86_400_000
const LOOK_BACK_MS_MAX = 6 * 3_600_000
const TIME_WIDTH = 15

/** Judges a moved batch on its last hours, beside the same hours before the run, and keeps what it saw. */
export const createEvaluate =
  (ports: Ports) =>
  async (input: z.infer<typeof Evaluate.input>): Promise<z.infer<typeof Evaluate.output>> => {
    const plan = (await ports.records.read('plans', input.planId))?.value
    const run = (await ports.records.read('runs', input.planId))?.value
    if (plan?.digest !== input.digest || !run)
      throw new RecordMissing(`plan ${input.planId} or its run is not on record`)
    const atMs = ports.clock.nowMs()
    const now = { startMs: Math.max(input.sinceMs, atMs - LOOK_BACK_MS_MAX), endMs: atMs }
    const shiftMs = Math.ceil((now.endMs - run.startedAtMs) / DAY_MS) * DAY_MS
    const past = { startMs: now.startMs - shiftMs, endMs: now.endMs - shiftMs }
    const moves = batchesOf(plan).find(({ gate }) => gate === input.gate)?.moves ?? []

    const pools = await poolEvidence(ports, plan, moves, { now, past })
    const tenants: TenantEvidence = {
      now: await errorsOf(ports, plan, moves, now),
      past: await errorsOf(ports, plan, moves, past),
    }
    const evaluation: Evaluation = {
      final: input.final,
      gate: input.gate,
      atMs,
      ...judge(pools, tenants, plan.policy),
    }
    await ports.records.create(
      'evaluations',
      `${plan.id}/${input.gate}/${String(atMs).padStart(TIME_WIDTH, '0')}`,
      evaluation,
    )
    return { atMs, verdict: evaluation.verdict, words: evaluation.words }
  }

interface Spans {
  readonly now: { readonly startMs: number; readonly endMs: number }
  readonly past: { readonly startMs: number; readonly endMs: number }
}

async function poolEvidence(
  ports: Ports,
  plan: Plan,
  moves: readonly Move[],
  spans: Spans,
): Promise<PoolEvidence[]> {
  const sides = new Map<string, 'source' | 'destination'>()
  for (const move of moves) {
    sides.set(move.from, 'source')
    sides.set(move.to, 'destination')
  }
  const stamps = (await ports.catalog.fleet()).regions.flatMap((region) => region.stamps)
  const evidence: PoolEvidence[] = []
  for (const stamp of stamps) {
    const side = sides.get(stamp.id)
    for (const { role } of side ? stamp.pools : []) {
      const pool: PoolKey = { stamp: stamp.id, role }
      const now = await signalsOver(ports, pool, spans.now, plan.policy)
      const past = await signalsOver(ports, pool, spans.past, plan.policy)
      evidence.push({ ...pool, side: side ?? 'source', now, past })
    }
  }
  return evidence
}

async function errorsOf(
  ports: Ports,
  plan: Plan,
  moves: readonly Move[],
  span: Spans['now'],
): Promise<TenantEvidence['now']> {
  const load = await ports.metrics.load({ region: plan.region, fromMs: span.startMs, toMs: span.endMs })
  const moved = new Set<string>(moves.map((move) => move.registry))
  const series = load.series.filter(({ registry }) => moved.has(registry))
  const requests = sumOf(series, 'requests')
  return requests === null ? null : { requests, errors: sumOf(series, 'errors') ?? 0 }
}

/** The sum of what was reported; null where nothing was: silence is not zero. */
function sumOf(series: RegionLoad['series'], column: 'requests' | 'errors'): number | null {
  let sum: number | null = null
  for (const one of series)
    for (const value of one[column] ?? []) if (!Number.isNaN(value)) sum = (sum ?? 0) + value
  return sum
}
