import { binned, type SampleCounts, type Window } from './hot-series.ts'
import { binsNeeded } from './peak-window.ts'
import { percentile as percentileOf } from './percentile.ts'
import type { CpuSamples } from './series.ts'

export { binMsOf } from './bin-interval.ts'
export { hotSeries, type Window } from './hot-series.ts'
export { findPeakWindow } from './peak-window.ts'
export { percentile } from './percentile.ts'

/** The three CPU figures of one pool in one window, with what they rest on. Percent; null where nothing is known. */
export interface Signals {
  /** Nothing may be decided by the figures unless this is `ok` (R9). */
  readonly status: 'ok' | 'insufficient-coverage' | 'no-data'
  readonly window: Window
  readonly hotNodeP95: number | null
  readonly poolAverage: number | null
  readonly max: { readonly value: number; readonly node: string; readonly atMs: number } | null
  readonly coverage: {
    readonly expectedBins: number
    readonly presentBins: number
    readonly minimum: number
  }
  readonly counts: SampleCounts
}

/** Hot-node P95, pool average and Max by the exact rules R1 to R12. Throws RangeError where the window breaks R2. */
export function signalsIn(
  samples: CpuSamples,
  window: Window,
  options: { readonly percentile?: number; readonly minCoverage?: number } = {},
): Signals {
  const { percentile = 95, minCoverage = 0.95 } = options
  const { series, counts, max } = binned(samples, window)
  const expectedBins = series.hot.length
  let presentBins = 0
  let sumOfAverages = 0
  for (const average of series.average) {
    if (Number.isNaN(average)) continue
    presentBins += 1
    sumOfAverages += average
  }
  const coverage = { expectedBins, presentBins, minimum: minCoverage }
  if (presentBins === 0) {
    return { status: 'no-data', window, hotNodeP95: null, poolAverage: null, max: null, coverage, counts }
  }
  return {
    status: presentBins >= binsNeeded(minCoverage, expectedBins) ? 'ok' : 'insufficient-coverage',
    window,
    hotNodeP95: percentileOf(series.hot, percentile),
    poolAverage: sumOfAverages / presentBins,
    max,
    coverage,
    counts,
  }
}
