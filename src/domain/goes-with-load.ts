import type { Pool } from './fleet.ts'
import { percentile } from './percentile.ts'
import type { PoolSeries } from './pool-series.ts'
import { learnSkew, rememberedReach } from './skew.ts'

const MINUTE_MS = 60_000
/** A load whose P90 is less than so many times its P10 does not tell what the hottest node would show at another. */
const SPREAD_MIN = 1.5
const FULL_PERCENT = 99
/** By so much less must the relation be off than one in which all goes with the load. */
const GAIN_MIN = 0.05

/** How a pool's hottest node goes with its load. */
export interface GoesWithLoad {
  /** By bin of the grid: 0..1 of what it shows above idle goes away, or comes, in proportion to the load; the rest stays. */
  readonly share: Float64Array
  /** What the relation is off in nine bins of ten, points. */
  readonly error: number
}

/**
 * What of a pool's hottest node goes with its load, from the relation that its own day teaches; null where too few bins, or
 * too even a load, tell none: then all of it does.
 */
export function goesWithLoad(
  series: Pick<PoolSeries, 'hot' | 'average' | 'load' | 'capacity'>,
  {
    pool,
    gridBinMs,
    idlePercent,
  }: { readonly pool: Pool; readonly gridBinMs: number; readonly idlePercent: number },
): GoesWithLoad | null {
  const perGridBin = Math.max(1, Math.round(series.hot.length / series.load.length))
  const ofNode = (pool.vcpusPerNode * gridBinMs) / MINUTE_MS
  const nodes = series.capacity.map((capacity) => Math.max(1, Math.round(capacity / ofNode)))
  const above = (column: Float64Array) => column.map((value) => value - idlePercent)
  const bins = {
    hot: above(series.hot),
    average: above(unfilled(series)),
    nodes: series.hot.map((_, at) => nodes[Math.floor(at / perGridBin)] ?? Number.NaN),
  }
  const [relation, all] = [learnSkew(bins), learnSkew(bins, 'share')]
  if (relation === null || all === null || !isUneven(bins.average)) return null
  if (relation.error > all.error * (1 - GAIN_MIN)) return null
  const reachOf = rememberedReach()
  const share = series.load.map((load, bin) => {
    const mean = (100 * load) / (series.capacity[bin] ?? Number.NaN) - idlePercent
    const most = reachOf(nodes[bin] ?? 1)
    const going = (1 + most * relation.share) * mean
    return going > 0 ? going / (going + most * relation.points) : 1
  })
  return { share, error: relation.error }
}

/** The mean where no node is full, as none is at any lower mean; a full node shows no more, whatever is asked of it. */
function unfilled({ hot, average }: Pick<PoolSeries, 'hot' | 'average'>): Float64Array {
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < hot.length; at += 1)
    if ((hot[at] ?? 0) >= FULL_PERCENT) least = Math.min(least, average[at] ?? least)
  return average.map((mean) => (mean < least ? mean : Number.NaN))
}

function isUneven(average: Float64Array): boolean {
  const [low, high] = [percentile(average, 10), percentile(average, 90)]
  return low !== null && high !== null && high > 0 && high >= SPREAD_MIN * low
}
