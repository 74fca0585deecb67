import { fitCosts } from './cost-fit.ts'
import { type LoadBins, loadBins, sumsOnGrid } from './load-bins.ts'
import { type Grid, type PoolSeries, regionSeries } from './pool-series.ts'
import { byId, type RegionData, type Tenant, tenantsOf } from './region-data.ts'

/** Below so many bins with both CPU and load nothing is fitted. */
const FIT_BINS_MIN = 30

/** Who causes one pool's load. Core-minutes per bin of the grid; NaN where CPU or load is missing. */
export interface PoolUse extends PoolSeries {
  /** By registry; a replica that did nothing all day has no entry. Never more in sum than the pool's load. */
  readonly by: ReadonlyMap<string, Float64Array>
  /** What no replica accounts for: the stamp's own. */
  readonly baseline: Float64Array
  /** Whether replicas' CPU was metered or is estimated from requests and bytes, all or some of it. */
  readonly source: 'metered' | 'estimated' | 'mixed' | 'idle'
  /** 0..1 of the pool's variance that the estimate leaves over; 0 where all is metered. */
  readonly unexplained: number
  /** Why nothing can be attributed; null when it can. */
  readonly problem: string | null
}

export interface RegionUse {
  readonly grid: Grid
  readonly tenants: readonly Tenant[]
  /** Ordered by stamp and role. */
  readonly pools: readonly PoolUse[]
}

/**
 * Each replica's load on the pools of its home stamp over the last 24 h: as metered where the platform meters CPU, else
 * fitted to the pool's load; scaled down in bins where the replicas' sum would exceed what the pool shows.
 */
export function attribute(data: RegionData, peakHours: number): RegionUse {
  const { grid, pools, problem } = regionSeries(data, peakHours)
  const tenants = tenantsOf(data)
  const homes = new Map(tenants.map(({ registry, homeStamp }) => [registry, homeStamp]))
  const rows = new Map<string, LoadBins[]>()
  const heard = new Map<string, Uint8Array>()
  for (const series of data.load.series) {
    const stamp = homes.get(series.registry)
    if (stamp === undefined || problem !== null) continue
    const bins = loadBins(series, data.load, grid)
    const key = `${stamp}/${series.role}`
    rows.set(key, [...(rows.get(key) ?? []), bins])
    markHeard(heard, stamp, bins, grid)
  }
  const uses = pools.map((pool) => {
    const stamp = pool.stamp.id
    const here = rows.get(`${stamp}/${pool.pool.role}`) ?? []
    const inhabited = tenants.some(({ homeStamp }) => homeStamp === stamp)
    return poolUse(
      pool,
      here.toSorted((a, b) => byId(a.registry, b.registry)),
      {
        heard: inhabited ? (heard.get(stamp) ?? new Uint8Array(grid.bins)) : null,
        problem,
      },
    )
  })
  return { grid, tenants, pools: uses }
}

/** Marks the bins in which any replica of the stamp has a row: there, and only there, a replica without one is idle. */
function markHeard(heard: Map<string, Uint8Array>, stamp: string, bins: LoadBins, grid: Grid): void {
  const marks = heard.get(stamp) ?? new Uint8Array(grid.bins)
  heard.set(stamp, marks)
  for (const column of [bins.offered, bins.bytes, bins.metered]) {
    if (column)
      for (let at = 0; at < grid.bins; at += 1) if (!Number.isNaN(column[at] ?? Number.NaN)) marks[at] = 1
  }
}

function poolUse(
  pool: PoolSeries,
  rows: readonly LoadBins[],
  stamp: { readonly heard: Uint8Array | null; readonly problem: string | null },
): PoolUse {
  const known = knownBins(pool, rows, stamp.heard)
  const result = { ...pool, by: new Map<string, Float64Array>(), source: 'idle', unexplained: 0 } as const
  const unknown = new Float64Array(pool.load.length).fill(Number.NaN)
  if (stamp.problem !== null) return { ...result, baseline: unknown, problem: stamp.problem }
  if (known.length < Math.min(FIT_BINS_MIN, pool.load.length)) {
    const problem = `only ${known.length} of ${pool.load.length} bins have both CPU and load`
    return { ...result, baseline: unknown, problem }
  }

  const estimated = rows.filter((row) => row.metered === null)
  const rest = Float64Array.from(known, (bin) =>
    rows.reduce((left, row) => left - (row.metered?.[bin] ?? 0), pool.load[bin] ?? 0),
  )
  const pick = (column: Float64Array | null) => column && picked(column, known)
  const fit = fitCosts(
    rest.map((value) => Math.max(0, value)),
    pick(pool.capacity) ?? rest,
    estimated.map((row) => ({ offered: pick(row.offered), bytes: pick(row.bytes) })),
  )
  const by = new Map<string, Float64Array>()
  for (const row of rows) {
    const at = estimated.indexOf(row)
    const cost = { perRequest: fit.perRequest[at] ?? 0, perByte: fit.perByte[at] ?? 0 }
    const use = unknown.slice()
    for (const bin of known) use[bin] = row.metered?.[bin] ?? estimate(row, cost, bin)
    if (use.some((value) => value > 0)) by.set(row.registry, use)
  }
  const source = estimated.length === 0 ? 'metered' : estimated.length === rows.length ? 'estimated' : 'mixed'
  const unexplained = source === 'metered' ? 0 : fit.unexplained
  return {
    ...result,
    by,
    baseline: scaleDown(pool.load, by, known),
    source: rows.length === 0 ? 'idle' : source,
    unexplained,
    problem: null,
  }
}

function picked(column: Float64Array, bins: Uint32Array): Float64Array {
  const values = new Float64Array(bins.length)
  for (let at = 0; at < bins.length; at += 1) values[at] = column[bins[at] ?? 0] ?? 0
  return values
}

function estimate(
  row: LoadBins,
  cost: { readonly perRequest: number; readonly perByte: number },
  bin: number,
) {
  return (row.offered?.[bin] ?? 0) * cost.perRequest + (row.bytes?.[bin] ?? 0) * cost.perByte
}

/** The bins in which the pool's load is known and that of each of its replicas too. */
function knownBins(pool: PoolSeries, rows: readonly LoadBins[], heard: Uint8Array | null): Uint32Array {
  const bins: number[] = []
  const columns = rows
    .flatMap((row) => (row.metered ? [row.metered] : [row.offered, row.bytes]))
    .filter((one) => one !== null)
  for (let bin = 0; bin < pool.load.length; bin += 1) {
    if (Number.isNaN(pool.load[bin] ?? Number.NaN) || (heard !== null && heard[bin] !== 1)) continue
    if (columns.every((column) => !Number.isNaN(column[bin] ?? Number.NaN))) bins.push(bin)
  }
  return Uint32Array.from(bins)
}

/** Scales replicas down where together they exceed the pool's load; what is left over is the stamp's own. */
function scaleDown(
  load: Float64Array,
  by: ReadonlyMap<string, Float64Array>,
  known: Uint32Array,
): Float64Array {
  const baseline = new Float64Array(load.length).fill(Number.NaN)
  for (const bin of known) {
    const shown = load[bin] ?? 0
    let sum = 0
    for (const use of by.values()) sum += use[bin] ?? 0
    if (sum > shown) for (const use of by.values()) use[bin] = ((use[bin] ?? 0) * shown) / sum
    baseline[bin] = Math.max(0, shown - sum)
  }
  return baseline
}

/** Requests, throttled requests and errors of one stamp's replicas over the last 24 h, on all roles; known bins only. */
export function reactionsOf(
  data: RegionData,
  use: RegionUse,
  stamp: string,
): { readonly offered: number; readonly throttled: number; readonly errors: number } {
  const here = new Set(
    use.tenants.filter(({ homeStamp }) => homeStamp === stamp).map(({ registry }) => registry),
  )
  const sums = { offered: 0, throttled: 0, errors: 0 }
  for (const series of data.load.series) {
    if (!here.has(series.registry)) continue
    const total = (column: Float64Array | null) =>
      column
        ? sumsOnGrid(column, data.load, use.grid).reduce(
            (sum, value) => sum + (Number.isNaN(value) ? 0 : value),
            0,
          )
        : 0
    sums.offered += total(series.requests) + total(series.throttled)
    sums.throttled += total(series.throttled)
    sums.errors += total(series.errors)
  }
  return sums
}
