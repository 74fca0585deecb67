import { z } from 'zod'
import { PoolRole } from './fleet.ts'
import { PlanId, RegionName, StampId } from './ids.ts'
import type { PlanBody } from './plan.ts'
import { percent } from './pool-judgement.ts'

/** So many predictions missed in a row, and the planner stops proposing for the pool. */
const MISSES_MAX = 2

/** What was predicted of a pool, and what it showed after the moves and their observation. Percent. */
export const Prediction = z.object({
  planId: PlanId,
  region: RegionName,
  stamp: StampId,
  pool: PoolRole,
  madeAtMs: z.int(),
  predicted: z.object({ hotNodeP95: z.number(), low: z.number(), high: z.number() }),
  comparedAtMs: z.int(),
  /** At the node count that was predicted for; null where it can't be compared, and `words` say why. */
  actual: z.number().nullable(),
  words: z.string(),
  /** A batch went home since the pool turned hot under it: a miss, however wide the band was. */
  reversed: z.boolean().optional(),
  /** A person has looked into a miss: it no longer stops the planner. */
  accepted: z.object({ by: z.string(), reason: z.string(), atMs: z.int() }).optional(),
})
export type Prediction = z.infer<typeof Prediction>

/** How predictions of one pool have done: points of hot-node P95; truth less prediction is `bias`. */
export const Calibration = z.object({
  stamp: StampId,
  pool: PoolRole,
  compared: z.int(),
  error: z.number(),
  bias: z.number(),
  inBand: z.int(),
  /** Misses in a row that nobody has accepted, the latest ones. */
  missesInARow: z.int(),
})
export type Calibration = z.infer<typeof Calibration>

export function isMiss({
  actual,
  predicted,
  reversed = false,
}: Pick<Prediction, 'actual' | 'predicted' | 'reversed'>): boolean {
  return reversed || (actual !== null && (actual < predicted.low || actual > predicted.high))
}

/** How predictions have done, pool by pool; predictions that can't be compared say nothing. */
export function calibrationsOf(predictions: readonly Prediction[]): Calibration[] {
  const pools = new Map<string, Prediction[]>()
  for (const prediction of predictions.toSorted((a, b) => a.madeAtMs - b.madeAtMs)) {
    if (prediction.actual === null) continue
    const key = keyOf(prediction)
    pools.set(key, [...(pools.get(key) ?? []), prediction])
  }
  return [...pools.values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const misses = own.map(({ actual, predicted }) => (actual ?? 0) - predicted.hotNodeP95)
    const lastGood = own.findLastIndex((one) => !isMiss(one) || one.accepted !== undefined)
    return [
      {
        stamp: first.stamp,
        pool: first.pool,
        compared: own.length,
        error: misses.reduce((sum, miss) => sum + Math.abs(miss), 0) / own.length,
        bias: misses.reduce((sum, miss) => sum + miss, 0) / own.length,
        inBand: own.filter((one) => !isMiss(one)).length,
        missesInARow: own.length - 1 - lastGood,
      },
    ]
  })
}

export function isStopped({ missesInARow }: Calibration): boolean {
  return missesInARow >= MISSES_MAX
}

/**
 * A plan with what past predictions of its pools were off; nothing is proposed where the last two of a pool that it would
 * touch were beyond their bands.
 */
export function calibrated(body: PlanBody, calibrations: readonly Calibration[]): PlanBody {
  const known = new Map(calibrations.map((one) => [keyOf(one), one]))
  const stopped = body.pools.flatMap((pool) => {
    const one = known.get(keyOf(pool))
    return one && isStopped(one) ? [one] : []
  })
  if (body.moves.length > 0 && stopped.length > 0) return withoutMoves(body, stopped)
  const pools = body.pools.map((pool) => {
    const one = known.get(keyOf(pool))
    return one ? { ...pool, past: { compared: one.compared, error: one.error, bias: one.bias } } : pool
  })
  return { ...body, pools }
}

function withoutMoves(body: PlanBody, stopped: readonly Calibration[]): PlanBody {
  const { isolation: _, contributors, ...rest } = body
  const blocked = stopped.map((one) => ({ stamp: one.stamp, rule: 'mispredicted', detail: stopWords(one) }))
  const sources = [...new Set(body.moves.map(({ from }) => from))]
    .filter((stamp) => blocked.every((one) => one.stamp !== stamp))
    .map((stamp) => ({ stamp, rule: 'mispredicted', detail: blocked[0]?.detail ?? '' }))
  return {
    ...rest,
    ...(contributors ? { contributors } : {}),
    verdict: 'none',
    reason: `${body.reason} But ${blocked.map(({ detail }) => detail).join('; ')}.`,
    moves: [],
    reverses: [],
    phases: [],
    pools: [],
    blocked: [...body.blocked, ...blocked, ...sources],
  }
}

function stopWords({ stamp, pool, missesInARow, error }: Calibration): string {
  return `the last ${missesInARow} predictions of ${stamp} ${pool} were missed, ${error.toFixed(1)} points off on average: nothing is proposed for it until somebody has accepted why`
}

/** A prediction beside the truth, in a sentence. */
export function comparisonWords({ predicted, actual }: Pick<Prediction, 'predicted' | 'actual'>): string {
  const band = `${percent(predicted.hotNodeP95)} predicted, ${percent(predicted.low)} to ${percent(predicted.high)}`
  if (actual === null) return band
  const where = isMiss({ predicted, actual }) ? 'beyond its band' : 'within its band'
  return `${band}; ${percent(actual)} was seen, ${where}`
}

function keyOf({ stamp, pool }: { readonly stamp: string; readonly pool: string }): string {
  return `${stamp}/${pool}`
}
