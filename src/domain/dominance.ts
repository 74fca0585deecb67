import type { PoolUse, RegionUse } from './attribution.ts'
import type { Window } from './hot-node.ts'
import type { Grid } from './pool-series.ts'
import { byId } from './region-data.ts'
import type { Dominance } from './scan.ts'

/** A pool whose load varies by less of its mean has no ups and downs that anyone could cause. */
const VARIATION_MIN = 0.01

/** One customer's load on a pool as a series, core-minutes per bin of the grid; to be read only. */
export function customerSeries(
  use: PoolUse,
  customerOf: ReadonlyMap<string, string>,
): Map<string, Float64Array> {
  const sums = new Map<string, Float64Array>()
  const own = new Set<Float64Array>()
  for (const [registry, series] of use.by) {
    const customer = customerOf.get(registry)
    if (customer === undefined) continue
    const before = sums.get(customer)
    if (before === undefined) {
      sums.set(customer, series)
      continue
    }
    const sum = own.has(before) ? before : before.slice()
    own.add(sum)
    sums.set(customer, sum)
    for (let bin = 0; bin < sum.length; bin += 1) sum[bin] = (sum[bin] ?? 0) + (series[bin] ?? 0)
  }
  return sums
}

/**
 * Each customer's share of a pool's load and of its variance, cov(customer, pool) / var(pool), within a window; the
 * greatest of both shares first, then by name. Both are 0..1: a negative covariance calms the pool and counts as none.
 */
export function sharesOf(
  use: PoolUse,
  region: Pick<RegionUse, 'grid' | 'tenants' | 'customerOf'>,
  window: Pick<Window, 'startMs' | 'endMs'>,
): Dominance[] {
  const bins = binsWithin(region.grid, window).filter(
    (bin) => !Number.isNaN(use.baseline[bin] ?? Number.NaN) && !Number.isNaN(use.load[bin] ?? Number.NaN),
  )
  const away = fromCentre(use.load, bins)
  const pool = momentsOf(use.load, away, bins)
  if (bins.length === 0 || pool.sum <= 0) return []
  const isFlat = pool.covariance < bins.length * ((VARIATION_MIN * pool.sum) / bins.length) ** 2
  return [...customerSeries(use, region.customerOf)]
    .map(([customer, series]) => {
      const own = momentsOf(series, away, bins)
      return {
        customer,
        loadShare: within01(own.sum / pool.sum),
        varianceShare: isFlat ? 0 : within01(own.covariance / pool.covariance),
      }
    })
    .toSorted((a, b) => greaterShare(b) - greaterShare(a) || byId(a.customer, b.customer))
}

/** The customer who dominates a pool of a shared stamp; null where nobody does, or nobody else lives there. */
export function dominatorOf(
  use: PoolUse,
  region: Pick<RegionUse, 'grid' | 'tenants' | 'customerOf'>,
  options: { readonly window: Pick<Window, 'startMs' | 'endMs'>; readonly dominancePercent: number },
): Dominance | null {
  if (use.stamp.kind !== 'shared' || options.dominancePercent >= 100) return null
  const [first] = sharesOf(use, region, options.window)
  if (!first || greaterShare(first) * 100 < options.dominancePercent) return null
  const others = region.tenants.some(
    ({ homeStamp, customer }) => homeStamp === use.stamp.id && customer !== first.customer,
  )
  return others ? first : null
}

export function greaterShare({ loadShare, varianceShare }: Dominance): number {
  return Math.max(loadShare, varianceShare)
}

/** The bins of a grid that lie wholly within a window. */
export function binsWithin(grid: Grid, window: Pick<Window, 'startMs' | 'endMs'>): number[] {
  const first = Math.max(0, Math.ceil((window.startMs - grid.startMs) / grid.binMs))
  const end = Math.min(grid.bins, Math.floor((window.endMs - grid.startMs) / grid.binMs))
  return Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at)
}

/** How far the pool's load is from its mean, in the order of the bins. */
function fromCentre(load: Float64Array, bins: readonly number[]): Float64Array {
  const away = Float64Array.from(bins, (bin) => load[bin] ?? 0)
  let sum = 0
  for (let at = 0; at < away.length; at += 1) sum += away[at] ?? 0
  const centre = sum / Math.max(1, away.length)
  for (let at = 0; at < away.length; at += 1) away[at] = (away[at] ?? 0) - centre
  return away
}

/** A series' sum, and its covariance with the pool times the number of bins: what is off the pool's centre adds up to 0. */
function momentsOf(series: Float64Array, away: Float64Array, bins: readonly number[]) {
  let [sum, covariance] = [0, 0]
  for (let at = 0; at < bins.length; at += 1) {
    const value = series[bins[at] ?? 0] ?? 0
    sum += value
    covariance += value * (away[at] ?? 0)
  }
  return { sum, covariance }
}

function within01(value: number): number {
  return Math.min(1, Math.max(0, value))
}
