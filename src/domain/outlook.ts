import type { GoesWithLoad } from './goes-with-load.ts'
import { percentile } from './hot-node.ts'
import { binsNeeded, EQUAL_WITHIN } from './peak-window.ts'

const HOUR_MS = 3_600_000

/** What a prediction starts from: a pool's last 24 h. `hot` in bins of `binMs`, the rest in bins of the grid. */
export interface OutlookBasis {
  readonly binMs: number
  /** Percent. */
  readonly hot: Float64Array
  /** Core-minutes. */
  readonly load: Float64Array
  readonly capacity: Float64Array
  /** What every node shows without load: it neither leaves nor is spread unevenly. */
  readonly idlePercent: number
  /** What of the hottest node goes with the load; null is all of it. */
  readonly withLoad: GoesWithLoad | null
}

export interface OutlookOptions {
  /** Hottest node as a multiple of the mean, for load that is foreign to the pool. */
  readonly skew: number
  /** Multiplies the capacity: a stated node count over that of the data. */
  readonly scale?: number
  /** Where the result is written; without it a new array. */
  readonly into?: Float64Array
}

/** A pool's day made ready for predictions, of which a plan needs thousands. In bins of `hot` but for `above`. */
export interface HotSlopes {
  readonly binMs: number
  readonly hot: Float64Array
  /** Points of the hottest node for each core-minute of the pool's own load. */
  readonly perOwn: Float64Array
  /** Points of the mean node for each core-minute of foreign load. */
  readonly perForeign: Float64Array
  /** The pool's load above idle, core-minutes per bin of the grid. */
  readonly above: Float64Array
}

export function slopesOf(basis: OutlookBasis): HotSlopes {
  const { hot, idlePercent, binMs, withLoad } = basis
  const perGridBin = Math.max(1, Math.round(hot.length / basis.load.length))
  const perOwn = new Float64Array(hot.length)
  const perForeign = new Float64Array(hot.length)
  const above = new Float64Array(basis.load.length)
  for (let bin = 0; bin < above.length; bin += 1) {
    const capacity = basis.capacity[bin] ?? Number.NaN
    const load = (basis.load[bin] ?? Number.NaN) - (idlePercent * capacity) / 100
    above[bin] = Math.max(0, load)
    const going = withLoad?.share[bin] ?? 1
    for (let at = bin * perGridBin; at < (bin + 1) * perGridBin; at += 1) {
      perForeign[at] = 100 / capacity
      perOwn[at] = load > 0 ? (going * Math.max(0, (hot[at] ?? Number.NaN) - idlePercent)) / load : 0
    }
  }
  return { binMs, hot, perOwn, perForeign, above }
}

/**
 * The hottest node's percent per bin, had the pool had `change` core-minutes more (or less) per bin of the grid. Load
 * that leaves takes the hottest node down in proportion. Load that comes is spread as the pool spreads its own, as far
 * as it has as much of its own, beyond that by the skew of pools like it.
 */
export function changedHot(slopes: HotSlopes, change: Float64Array, options: OutlookOptions): Float64Array {
  const { hot: before, perOwn, perForeign, above } = slopes
  const { skew, into } = options
  const perGridBin = Math.max(1, Math.round(before.length / above.length))
  const scale = 1 / (options.scale ?? 1)
  const hot = into ?? new Float64Array(before.length)
  for (let bin = 0, at = 0; bin < change.length; bin += 1) {
    const by = change[bin] ?? Number.NaN
    const load = above[bin] ?? Number.NaN
    const own = Math.min(load, Math.max(-load, by))
    const foreign = (by > load ? by - load : by - by) * skew
    for (const end = at + perGridBin; at < end; at += 1) {
      const points = own * (perOwn[at] ?? 0) + foreign * (perForeign[at] ?? 0)
      hot[at] = ((before[at] ?? 0) + points) * scale
    }
  }
  return hot
}

/** Hot-node P95 in the newly found peak window; null where no window has the minimum coverage. */
export function peakP95(
  hot: Float64Array,
  options: { readonly binMs: number; readonly hours: number; readonly minCoverage: number },
): number | null {
  const length = Math.max(1, Math.round((options.hours * HOUR_MS) / options.binMs))
  if (hot.length < length) return null
  const at = peakStart(hot, length, Math.max(1, binsNeeded(options.minCoverage, length)))
  return at === null ? null : percentile(hot.subarray(at, at + length), 95)
}

/** As `peakRun` finds it, in one walk: a plan asks for this thousands of times. Rounding is far below its tolerance. */
function peakStart(hot: Float64Array, length: number, needed: number): number | null {
  const means = new Float64Array(hot.length - length + 1)
  let [sum, present, greatest] = [0, 0, Number.NEGATIVE_INFINITY]
  for (let end = 0; end < hot.length; end += 1) {
    const come = hot[end] ?? Number.NaN
    if (!Number.isNaN(come)) {
      sum += come
      present += 1
    }
    const start = end - length + 1
    if (start < 0) continue
    const mean = present >= needed ? sum / present : Number.NEGATIVE_INFINITY
    means[start] = mean
    if (mean > greatest) greatest = mean
    const gone = hot[start] ?? Number.NaN
    if (!Number.isNaN(gone)) {
      sum -= gone
      present -= 1
    }
  }
  if (greatest === Number.NEGATIVE_INFINITY) return null
  for (let at = means.length - 1; at >= 0; at -= 1) {
    if ((means[at] ?? Number.NEGATIVE_INFINITY) >= greatest - EQUAL_WITHIN) return at
  }
  return null
}

/** How far attribution may be off: metered CPU by a little; an estimate by more, as its fit leaves more over. 0..1 */
export function loadUncertainty(pool: { readonly source: string; readonly unexplained: number }): number {
  return pool.source === 'metered' ? 0.025 : Math.min(0.5, 0.06 + pool.unexplained / 3)
}

/** Even a pool that nothing happens to differs by so many points from day to day; the band is never narrower. */
export const BAND_POINTS_MIN = 0.5
