import { percentile } from './percentile.ts'

const HOURS = 24
const P = 95

/**
 * A day of bins as 24 figures for a small picture: of each hour the P95 of its bins, to a tenth. Fewer where bins are
 * longer than an hour; null where an hour has no bin that is known (NaN is missing). Nothing is decided by these.
 */
export function hourlyP95(day: Float64Array): (number | null)[] {
  const parts = Math.min(HOURS, day.length)
  return Array.from({ length: parts }, (_, at) => {
    const from = Math.floor((at * day.length) / parts)
    const to = Math.floor(((at + 1) * day.length) / parts)
    const value = percentile(day.subarray(from, to), P)
    return value === null ? null : Math.round(value * 10) / 10
  })
}
