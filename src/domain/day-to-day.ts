import { hotSeries, percentile } from './hot-node.ts'
import { DAY_MS, EARLIER_MS } from './pool-series.ts'
import type { CpuSamples } from './series.ts'

/** What is taken where fewer pools tell it: a share of the figure. */
const UNKNOWN = 0.03
const POOLS_MIN = 3
/** Of the hours that are compared so much must be there on both days; and a pool must do something. */
const PRESENT_MIN = 0.8
const PERCENT_MIN = 5
/** A standard deviation holds 68 % of the days; so many of it hold nine in ten. */
const DEVIATIONS = 1.645

/**
 * How far a pool's hot-node P95 differs from one day to the next by itself, as a share of it that holds nine in ten days:
 * told from the hours of the day that a region's data hold twice, over all its pools.
 */
export function dayToDay(
  pools: readonly { readonly samples: CpuSamples; readonly binMs: number }[],
  nowMs: number,
): number {
  const squares = pools.flatMap(({ samples, binMs }) => {
    const [today, yesterday] = [0, DAY_MS].map((backMs) => hoursBefore(samples, binMs, nowMs - backMs))
    if (today === undefined || yesterday === undefined || today === null || yesterday === null) return []
    return today < PERCENT_MIN || yesterday < PERCENT_MIN ? [] : [Math.log(today / yesterday) ** 2]
  })
  if (squares.length < POOLS_MIN) return UNKNOWN
  return DEVIATIONS * Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)
}

/** The P95 of the hottest node over the last hours before an instant; null where too few bins are there. */
function hoursBefore(samples: CpuSamples, binMs: number, atMs: number): number | null {
  const endMs = Math.floor(atMs / binMs) * binMs
  const bins = Math.floor(EARLIER_MS / binMs)
  const { hot } = hotSeries(samples, { startMs: endMs - bins * binMs, endMs, binMs })
  const present = hot.filter((value) => !Number.isNaN(value)).length
  return present < bins * PRESENT_MIN ? null : percentile(hot, 95)
}
