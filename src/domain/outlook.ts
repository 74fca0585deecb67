import { percentile } from './hot-node.ts'
import { peakRun } from './peak-window.ts'

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
}

export interface OutlookOptions {
  /** Hottest node as a multiple of the mean, for load that is foreign to the pool. */
  readonly skew: number
  /** Multiplies the capacity: a stated node count over that of the data. */
  readonly scale?: number
}

/**
 * The hottest node's percent per bin, had the pool had `change` core-minutes more (or less) per bin of the grid. Load
 * that leaves takes the hottest node down in proportion. Load that comes is spread as the pool spreads its own, as far
 * as it has as much of its own, beyond that by the skew of pools like it.
 */
export function changedHot(basis: OutlookBasis, change: Float64Array, options: OutlookOptions): Float64Array {
  const perGridBin = Math.max(1, Math.round(basis.hot.length / basis.load.length))
  const scale = options.scale ?? 1
  const idle = basis.idlePercent
  return basis.hot.map((hot, at) => {
    const bin = Math.floor(at / perGridBin)
    const capacity = basis.capacity[bin] ?? Number.NaN
    const load = (basis.load[bin] ?? Number.NaN) - (idle * capacity) / 100
    const by = change[bin] ?? Number.NaN
    if (by === 0) return hot / scale
    const above = Math.max(0, hot - idle)
    if (by < 0) return (hot - above + (load > 0 ? (above * Math.max(0, load + by)) / load : 0)) / scale
    const ownSkew = load > 0 ? (above * capacity) / (load * 100) : options.skew
    const weight = Math.min(1, Math.max(0, load) / by)
    const skew = weight * ownSkew + (1 - weight) * options.skew
    return (hot + ((by * 100) / capacity) * skew) / scale
  })
}

/** Hot-node P95 in the newly found peak window; null where no window has the minimum coverage. */
export function peakP95(
  hot: Float64Array,
  options: { readonly binMs: number; readonly hours: number; readonly minCoverage: number },
): number | null {
  const length = Math.max(1, Math.round((options.hours * HOUR_MS) / options.binMs))
  const at = peakRun(hot, length, options.minCoverage)
  return at === null ? null : percentile(hot.subarray(at, at + length), 95)
}

/** How far attribution may be off: metered CPU by a tenth; an estimate by more, as its fit leaves more over. 0..1 */
export function loadUncertainty(pool: { readonly source: string; readonly unexplained: number }): number {
  return pool.source === 'metered' ? 0.1 : Math.min(0.5, 0.15 + pool.unexplained / 2)
}

/** Even a pool that nothing happens to differs by so many points from day to day; the band is never narrower. */
export const BAND_POINTS_MIN = 1
