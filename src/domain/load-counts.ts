import type { RegionLoad, ReplicaLoad } from './series.ts'

/** What some replicas did, bin by bin, on all roles together; NaN where none of them has a row. */
export interface LoadCounts {
  readonly startMs: number
  readonly binMs: number
  /** Requests and throttled requests. */
  readonly offered: Float64Array
  readonly throttled: Float64Array
  readonly errors: Float64Array
  readonly bytes: Float64Array
  readonly inFlight: Float64Array
}

/** Sums series over replicas and roles: what nobody measured stays NaN, bin by bin and column by column. */
export function countsOf(load: RegionLoad, series: readonly ReplicaLoad[]): LoadCounts {
  const { startMs, binMs, bins } = load
  const empty = () => new Float64Array(bins).fill(Number.NaN)
  const counts = { offered: empty(), throttled: empty(), errors: empty(), bytes: empty(), inFlight: empty() }
  for (const one of series) {
    add(counts.offered, one.requests)
    add(counts.offered, one.throttled)
    add(counts.throttled, one.throttled)
    add(counts.errors, one.errors)
    add(counts.bytes, one.bytes)
    add(counts.inFlight, one.inFlight)
  }
  return { startMs, binMs, ...counts }
}

function add(sums: Float64Array, column: Float64Array | null): void {
  if (column === null) return
  for (let bin = 0; bin < sums.length; bin += 1) {
    const value = column[bin] ?? Number.NaN
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) continue
    const sum = sums[bin] ?? Number.NaN
    sums[bin] = Number.isNaN(sum) ? value : sum + value
  }
}

/** The sum of the known bins in [from, to), and how many these are. */
export function sumIn(
  column: Float64Array,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly sum: number; readonly known: number } {
  let sum = 0
  let known = 0
  for (let bin = Math.max(0, from); bin < Math.min(to, column.length); bin += 1) {
    const value = column[bin] ?? Number.NaN
    if (Number.isNaN(value)) continue
    sum += value
    known += 1
  }
  return { sum, known }
}
