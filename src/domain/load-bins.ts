import type { Grid } from './pool-series.ts'
import type { RegionLoad, ReplicaLoad } from './series.ts'

/** One replica's load on one role, in sums per bin of the grid; NaN is missing. */
export interface LoadBins {
  readonly registry: string
  /** Requests and throttled requests: what was asked for, served or not. */
  readonly offered: Float64Array | null
  readonly bytes: Float64Array | null
  /** CPU seconds as metered. */
  readonly metered: Float64Array | null
  /** Whether no bin is missing in any column that counts. */
  readonly whole: boolean
}

export function loadBins(series: ReplicaLoad, load: RegionLoad, grid: Grid): LoadBins {
  const { registry } = series
  const bins = (column: Float64Array | null) => (column ? sumsOnGrid(column, load, grid) : null)
  const metered = spoken(bins(series.cpuSeconds))
  // Where every bin is metered nothing else is asked.
  if (metered !== null && isWhole(metered))
    return { registry, offered: null, bytes: null, metered, whole: true }
  const bytes = spoken(bins(series.bytes))
  const offered = together(bins(series.requests), bins(series.throttled))
  // A replica of whom nothing is known stays unknown; a column that is never filled says nothing beside others.
  const silent = bytes === null && metered === null
  const all = silent ? (offered ?? new Float64Array(grid.bins).fill(Number.NaN)) : spoken(offered)
  const whole = metered === null && [all, bytes].every((column) => column === null || isWhole(column))
  return { registry, offered: all, bytes, metered, whole }
}

/** A column's sums per bin of the grid. A bin speaks where at least half of its time is known; a negative sum is no sample. */
export function sumsOnGrid(column: Float64Array, load: RegionLoad, grid: Grid): Float64Array {
  const perBin = Math.max(1, Math.round(grid.binMs / load.binMs))
  const from = (grid.startMs - load.startMs) / load.binMs
  if (perBin === 1 && Number.isInteger(from) && from >= 0 && from + grid.bins <= column.length) {
    const same = column.subarray(from, from + grid.bins)
    if (isSound(same)) return same
  }
  const sums = new Float64Array(grid.bins).fill(Number.NaN)
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

/** Whether there is nothing that would be no sample. */
function isSound(column: Float64Array): boolean {
  for (let at = 0; at < column.length; at += 1) {
    const value = column[at] ?? Number.NaN
    if (value < 0 || value === Number.POSITIVE_INFINITY) return false
  }
  return true
}

function isWhole(column: Float64Array): boolean {
  for (let at = 0; at < column.length; at += 1) if (Number.isNaN(column[at] ?? Number.NaN)) return false
  return true
}

function spoken(column: Float64Array | null): Float64Array | null {
  if (column === null) return null
  for (let at = 0; at < column.length; at += 1) if (!Number.isNaN(column[at] ?? Number.NaN)) return column
  return null
}

// What is known of throttling adds to the requests; where nothing is known the requests stand alone.
function together(requests: Float64Array | null, throttled: Float64Array | null): Float64Array | null {
  if (requests === null || throttled === null) return requests
  const offered = new Float64Array(requests.length)
  for (let at = 0; at < offered.length; at += 1) {
    const more = throttled[at] ?? Number.NaN
    offered[at] = (requests[at] ?? Number.NaN) + (Number.isNaN(more) ? 0 : more)
  }
  return offered
}
