import type { Pool, Stamp } from './fleet.ts'
import { binMsOf, hotSeries } from './hot-node.ts'
import { byId, cpuOf, type RegionData, regionOf } from './region-data.ts'
import type { CpuSamples } from './series.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** How far back a plan looks; the peak window is found within it. */
export const DAY_MS = 24 * HOUR_MS
/** How long before the present evaluation the earlier one is made, which `hot` needs as well. */
export const EARLIER_MS = 6 * HOUR_MS
/** Two evaluations of a peak window that is found take so much CPU. */
const FOUND_MS = DAY_MS + EARLIER_MS
/** Of a given one the last whole window may have begun most of a day before its length, and a day of 25 h ago. */
const GIVEN_MS = FOUND_MS + 14 * HOUR_MS
/** CPU and load are compared in bins that both fill; none longer than this is used. */
const GRID_BIN_MAX_MS = HOUR_MS

/** How much CPU before now both evaluations of a region take, hours. */
export function lookBackHours({ peakStart }: { readonly peakStart?: string | undefined }): number {
  return (peakStart === undefined ? FOUND_MS : GIVEN_MS) / HOUR_MS
}

/** The bins in which CPU and load are compared: whole ones within the last 24 h. */
export interface Grid {
  readonly startMs: number
  readonly binMs: number
  readonly bins: number
}

/** One pool over the last 24 h. Core-minutes per bin of the grid; NaN is missing. */
export interface PoolSeries {
  readonly stamp: Stamp
  readonly pool: Pool
  /** All samples that both evaluations may need. */
  readonly samples: CpuSamples
  readonly binMs: number
  /** The hottest node's percent, in bins of `binMs` over the grid's span. */
  readonly hot: Float64Array
  readonly average: Float64Array
  readonly load: Float64Array
  readonly capacity: Float64Array
}

export interface RegionSeries {
  readonly grid: Grid
  /** Ordered by stamp and role. */
  readonly pools: readonly PoolSeries[]
  /** Why load can't be laid beside CPU; null when it can. */
  readonly problem: string | null
}

/** The region's pools on one grid. Stamps that are retired or not there yet are left out. */
export function regionSeries(data: RegionData, peakHours: number): RegionSeries {
  const region = regionOf(data)
  const found = region.stamps
    .filter(({ state }) => state !== 'retired' && state !== 'provisioning')
    .flatMap((stamp) => stamp.pools.map((pool) => ({ stamp, pool })))
    .toSorted((a, b) => byId(a.stamp.id, b.stamp.id) || byId(a.pool.role, b.pool.role))
    .map(({ stamp, pool }) => {
      const samples = before(cpuOf(data, region, stamp, pool)?.samples ?? EMPTY, data.nowMs)
      return { stamp, pool, samples, binMs: data.binMs ?? judgingBinMs(samples, peakHours) }
    })
  const bins = found.filter(({ samples }) => samples.timesMs.length > 0).map(({ binMs }) => binMs)
  const loadBins = data.load.series.length > 0 ? [data.load.binMs] : []
  const wanted = [...bins, ...loadBins].reduce(leastCommonMultiple, bins[0] ?? loadBins[0] ?? MINUTE_MS)
  const fits = wanted <= GRID_BIN_MAX_MS
  const binMs = fits ? wanted : bins.reduce(leastCommonMultiple, bins[0] ?? MINUTE_MS)
  const endMs = Math.floor(data.nowMs / binMs) * binMs
  const startMs = Math.ceil((data.nowMs - DAY_MS) / binMs) * binMs
  const grid = { startMs, binMs, bins: Math.max(1, Math.round((endMs - startMs) / binMs)) }
  const problem = fits
    ? null
    : `load comes every ${data.load.binMs / 1000} s and CPU every ${binMs / 1000} s: no bin up to an hour fits both`
  return { grid, pools: found.map((pool) => onGrid(pool, grid)), problem }
}

/** The bin of the data's own interval, lengthened where needed so that the peak window is a multiple of it. */
function judgingBinMs(samples: CpuSamples, peakHours: number): number {
  const own = Math.max(1, Math.round(binMsOf(samples) / MINUTE_MS))
  const minutes = peakHours * 60
  for (let length = own; length <= minutes; length += 1) if (minutes % length === 0) return length * MINUTE_MS
  return minutes * MINUTE_MS
}

function onGrid(pool: Pick<PoolSeries, 'stamp' | 'pool' | 'samples' | 'binMs'>, grid: Grid): PoolSeries {
  // A pool without samples may have a bin that the grid is no multiple of: nothing is lost with the grid's own.
  const binMs = grid.binMs % pool.binMs === 0 ? pool.binMs : grid.binMs
  const window = { startMs: grid.startMs, endMs: grid.startMs + grid.bins * grid.binMs, binMs }
  const { hot, average, nodesPresent } = hotSeries(pool.samples, window)
  const perGridBin = grid.binMs / binMs
  const load = new Float64Array(grid.bins).fill(Number.NaN)
  const capacity = new Float64Array(grid.bins).fill(Number.NaN)
  const minutes = grid.binMs / MINUTE_MS
  for (let bin = 0; bin < grid.bins; bin += 1) {
    let present = 0
    let busy = 0
    let nodes = 0
    for (let at = bin * perGridBin; at < (bin + 1) * perGridBin; at += 1) {
      const percent = average[at] ?? Number.NaN
      if (Number.isNaN(percent)) continue
      present += 1
      busy += (percent / 100) * (nodesPresent[at] ?? 0)
      nodes += nodesPresent[at] ?? 0
    }
    // Of a longer bin at least half must be there to speak for it.
    if (present * 2 < perGridBin || present === 0) continue
    load[bin] = (busy / present) * pool.pool.vcpusPerNode * minutes
    capacity[bin] = (nodes / present) * pool.pool.vcpusPerNode * minutes
  }
  return { ...pool, binMs, hot, average, load, capacity }
}

const EMPTY: CpuSamples = {
  nodes: [],
  timesMs: new Float64Array(0),
  nodeAt: new Uint32Array(0),
  cpuPercent: new Float64Array(0),
  cpuPercentMax: null,
}

function before(samples: CpuSamples, nowMs: number): CpuSamples {
  const { timesMs, nodeAt, cpuPercent, cpuPercentMax } = samples
  const fromMs = nowMs - GIVEN_MS
  const inTime = (_: number, at: number) => {
    const atMs = timesMs[at] ?? Number.NaN
    return atMs >= fromMs && atMs < nowMs
  }
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let at = 0; at < timesMs.length; at += 1) {
    const atMs = timesMs[at] ?? Number.NaN
    if (atMs < first) first = atMs
    if (atMs > last) last = atMs
  }
  if (!(first < fromMs || last >= nowMs)) return samples
  return {
    nodes: samples.nodes,
    timesMs: timesMs.filter(inTime),
    nodeAt: nodeAt.filter(inTime),
    cpuPercent: cpuPercent.filter(inTime),
    cpuPercentMax: cpuPercentMax?.filter(inTime) ?? null,
  }
}

function leastCommonMultiple(a: number, b: number): number {
  let [greater, rest] = [a, b]
  // Euclid's remainders at least halve every two steps.
  for (let step = 0; step < 128 && rest !== 0; step += 1) [greater, rest] = [rest, greater % rest]
  return (a / greater) * b
}
