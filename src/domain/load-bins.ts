import type { Grid } from './pool-series.ts'
import type { RegionLoad, ReplicaLoad } from './series.ts'

/** One replica's load on one role, in sums per bin of the grid; NaN is missing. */
export interface LoadBins {
  readonly registry: string
  /** Requests and throttled requests: what was asked for, served or not. */
  readonly offered: Float64Array | null
  readonly bytes: Float64Array | null
  /** Core-minutes as metered. */
  readonly metered: Float64Array | null
}

export function loadBins(series: ReplicaLoad, load: RegionLoad, grid: Grid): LoadBins {
  const bins = (column: Float64Array | null) => (column ? sumsOnGrid(column, load, grid) : null)
  const requests = bins(series.requests)
  const throttled = bins(series.throttled)
  const bytes = spoken(bins(series.bytes))
  const metered = spoken(bins(series.cpuSeconds))?.map((seconds) => seconds / 60) ?? null
  const offered = requests?.map((count, bin) => count + known(throttled?.[bin])) ?? null
  // A replica of whom nothing is known stays unknown; a column that is never filled says nothing beside others.
  const silent = bytes === null && metered === null
  const all = silent ? (offered ?? new Float64Array(grid.bins).fill(Number.NaN)) : spoken(offered)
  return { registry: series.registry, offered: all, bytes, metered }
}

/** A column's sums per bin of the grid. A bin speaks where at least half of its time is known; a negative sum is no sample. */
export function sumsOnGrid(column: Float64Array, load: RegionLoad, grid: Grid): Float64Array {
  const sums = new Float64Array(grid.bins).fill(Number.NaN)
  const perBin = Math.max(1, Math.round(grid.binMs / load.binMs))
  for (let bin = 0; bin < grid.bins; bin += 1) {
    const first = Math.ceil((grid.startMs + bin * grid.binMs - load.startMs) / load.binMs)
    let present = 0
    let sum = 0
    for (let at = first; at < first + perBin; at += 1) {
      const value = column[at]
      if (value === undefined || !(value >= 0 && value < Number.POSITIVE_INFINITY)) continue
      present += 1
      sum += value
    }
    if (present > 0 && present * 2 >= perBin) sums[bin] = (sum * perBin) / present
  }
  return sums
}

function spoken(column: Float64Array | null): Float64Array | null {
  return column?.some((value) => !Number.isNaN(value)) ? column : null
}

// What is known of throttling adds to the requests; where nothing is known the requests stand alone.
function known(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? 0 : value
}
