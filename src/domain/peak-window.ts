import { hotSeries, type Window } from './hot-series.ts'
import type { CpuSamples } from './series.ts'

const HOUR_MS = 3_600_000
/** How far back from the end of the data a peak window may lie. */
const LOOK_BACK_MS = 24 * HOUR_MS
/** Means this close (percentage points) are equal: decimal readings differ by more, rounding by less. */
export const EQUAL_WITHIN = 1e-11

/**
 * Of all windows of `hours` in the last 24 h before `nowMs` that start on a bin, the one with the greatest mean
 * hot value; ties go to the latest. Null when no window has the minimum coverage (0..1).
 */
export function findPeakWindow(
  samples: CpuSamples,
  options: {
    readonly hours: number
    readonly binMs: number
    readonly nowMs: number
    readonly minCoverage: number
  },
): Window | null {
  const { binMs, nowMs, minCoverage } = options
  const expected = Math.round(options.hours * HOUR_MS) / binMs
  if (!Number.isInteger(expected) || expected < 1) {
    throw new RangeError(
      `${options.hours} h are no multiple of a bin of ${binMs} ms; pick another length or bin`,
    )
  }
  const startMs = Math.ceil((nowMs - LOOK_BACK_MS) / binMs) * binMs
  const endMs = Math.floor(nowMs / binMs) * binMs
  if ((endMs - startMs) / binMs < expected) return null

  const { hot } = hotSeries(samples, { startMs, endMs, binMs })
  const at = peakRun(hot, expected, minCoverage)
  return at === null
    ? null
    : { startMs: startMs + at * binMs, endMs: startMs + (at + expected) * binMs, binMs }
}

/** Where the run of `length` bins with the greatest mean starts; ties go to the latest. Null when none is covered. */
export function peakRun(hot: Float64Array, length: number, minCoverage: number): number | null {
  if (hot.length < length) return null
  const means = windowMeans(hot, length, Math.max(1, binsNeeded(minCoverage, length)))
  const best = means.reduce((greatest, mean) => Math.max(greatest, mean), Number.NEGATIVE_INFINITY)
  if (best === Number.NEGATIVE_INFINITY) return null
  return means.findLastIndex((mean) => mean >= best - EQUAL_WITHIN)
}

/** How many bins must be present of the expected ones (R9): ceil(min x expected), as if reckoned in decimals. */
export function binsNeeded(minCoverage: number, expectedBins: number): number {
  const product = minCoverage * expectedBins
  const nearest = Math.round(product)
  // 0.55 x 100 is 55.00000000000001 in binary: the product of the numbers as written is meant.
  return Math.abs(product - nearest) <= 1e-9 * Math.max(1, expectedBins) ? nearest : Math.ceil(product)
}

/** The mean of each run of `length` bins over its present ones; -Infinity where fewer than `needed` are present. */
function windowMeans(hot: Float64Array, length: number, needed: number): Float64Array {
  const { sums, rests, present } = prefixes(hot)
  const means = new Float64Array(hot.length - length + 1)
  for (let at = 0; at < means.length; at += 1) {
    const bins = (present[at + length] ?? 0) - (present[at] ?? 0)
    const sum = (sums[at + length] ?? 0) - (sums[at] ?? 0) + ((rests[at + length] ?? 0) - (rests[at] ?? 0))
    means[at] = bins >= needed ? sum / bins : Number.NEGATIVE_INFINITY
  }
  return means
}

// Each sum is kept with what rounding took from it, so that windows of equal values come out equal wherever they lie.
function prefixes(hot: Float64Array) {
  const sums = new Float64Array(hot.length + 1)
  const rests = new Float64Array(hot.length + 1)
  const present = new Int32Array(hot.length + 1)
  let sum = 0
  let rest = 0
  let bins = 0
  for (let b = 0; b < hot.length; b += 1) {
    const value = hot[b] ?? Number.NaN
    if (!Number.isNaN(value)) {
      const next = sum + value
      rest += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
      sum = next
      bins += 1
    }
    sums[b + 1] = sum
    rests[b + 1] = rest
    present[b + 1] = bins
  }
  return { sums, rests, present }
}
