import { clockSkew } from './clock-skew.ts'
import { fitCosts } from './cost-fit.ts'
import { type GoesWithLoad, goesWithLoad } from './goes-with-load.ts'
import { type LoadBins, loadBins, sumsOnGrid } from './load-bins.ts'
import type { PastMove } from './past-moves.ts'
import { type Grid, type PoolSeries, regionSeries } from './pool-series.ts'
import { byId, type RegionData, type Tenant, tenantsOf } from './region-data.ts'
import { askedFor, estimatedUse, knownBins, meteredUse, picked, scaleDown, unmetered } from './split-load.ts'

/** Below so many bins with both CPU and load nothing is fitted. */
const FIT_BINS_MIN = 30

/** Nodes without load show no more than this; what is more is somebody's load, spread as load is. */
const IDLE_PERCENT_MAX = 5
/** One standard deviation of metered CPU: not all of it is booked on those who cause it. */
const METERED_ERROR = 0.06

/** Who causes one pool's load. Core-minutes per bin of the grid; NaN where CPU or load is missing. */
export interface PoolUse extends PoolSeries {
  /** By registry; a replica that did nothing all day has no entry. Never more in sum than the pool's load. */
  readonly by: ReadonlyMap<string, Float64Array>
  /** By registry: one standard deviation of its load, as a part of it. */
  readonly relativeError: ReadonlyMap<string, number>
  /** What no replica accounts for: the stamp's own. */
  readonly baseline: Float64Array
  /** What every node shows without load, percent: as far as the pool's quietest minute and its fit bear it out. */
  readonly idlePercent: number
  /** How its hottest node goes with its load; null where its day does not tell. */
  readonly withLoad: GoesWithLoad | null
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
  /** By registry. */
  readonly customerOf: ReadonlyMap<string, string>
  /** Ordered by stamp and role. */
  readonly pools: readonly PoolUse[]
}

/**
 * Each replica's load on the pools of its stamp over the last 24 h: as metered where the platform meters CPU, else
 * fitted to the pool's load; scaled down in bins where the replicas' sum would exceed what the pool shows. A replica
 * that moved lately counts where it was served.
 */
export function attribute(
  data: RegionData,
  peakHours: number,
  landings: ReadonlyMap<string, PastMove> = new Map(),
): RegionUse {
  const { grid, pools, problem } = regionSeries(data, peakHours)
  const tenants = tenantsOf(data).map((tenant) => ({
    ...tenant,
    homeStamp: landings.get(tenant.registry)?.to ?? tenant.homeStamp,
  }))
  const rows = new Map<string, LoadBins[]>()
  const heard = new Map<string, Uint8Array>()
  const homes = new Map(tenants.map(({ registry, homeStamp }) => [registry, homeStamp]))
  for (const series of data.load.series) {
    const home = homes.get(series.registry)
    if (home === undefined || problem !== null) continue
    const bins = loadBins(series, data.load, grid)
    for (const { stamp, served } of servedAt(bins, home, { grid, landing: landings.get(series.registry) })) {
      const key = `${stamp}/${series.role}`
      const here = rows.get(key)
      if (here === undefined) rows.set(key, [served])
      else here.push(served)
      markHeard(heard, stamp, served, grid)
    }
  }
  const inhabited = new Set([...tenants.map(({ homeStamp }) => homeStamp), ...heard.keys()])
  const uses = pools.map((pool) => {
    const stamp = pool.stamp.id
    const here = rows.get(`${stamp}/${pool.pool.role}`) ?? []
    return poolUse(
      pool,
      here.toSorted((a, b) => byId(a.registry, b.registry)),
      {
        heard: inhabited.has(stamp) ? (heard.get(stamp) ?? new Uint8Array(grid.bins)) : null,
        problem,
        gridBinMs: grid.binMs,
      },
    )
  })
  const customerOf = new Map(tenants.map(({ registry, customer }) => [registry, customer]))
  return { grid, tenants, customerOf, pools: uses }
}

/** A replica's load by the stamp that served it: before its latest landing the one that it came from. */
function servedAt(
  bins: LoadBins,
  home: string,
  { grid, landing }: { readonly grid: Grid; readonly landing: PastMove | undefined },
): { readonly stamp: string; readonly served: LoadBins }[] {
  if (landing === undefined) return [{ stamp: home, served: bins }]
  const { from, landedAtMs } = landing
  if (landedAtMs === null) return [{ stamp: from, served: bins }]
  const border = Math.ceil((landedAtMs - grid.startMs) / grid.binMs)
  return [
    { stamp: from, served: during(bins, (bin) => bin < border) },
    { stamp: landing.to, served: during(bins, (bin) => bin >= border) },
  ]
}

function during(bins: LoadBins, isServed: (bin: number) => boolean): LoadBins {
  const cut = (column: Float64Array | null) =>
    column?.map((value, bin) => (isServed(bin) ? value : 0)) ?? null
  const { registry, offered, bytes, metered, whole } = bins
  return { registry, offered: cut(offered), bytes: cut(bytes), metered: cut(metered), whole }
}

/** Marks the bins in which any replica of the stamp has a row: there, and only there, a replica without one is idle. */
function markHeard(heard: Map<string, Uint8Array>, stamp: string, bins: LoadBins, grid: Grid): void {
  const marks = heard.get(stamp) ?? new Uint8Array(grid.bins)
  heard.set(stamp, marks)
  if (bins.whole) {
    marks.fill(1)
    return
  }
  for (const column of [bins.offered, bins.bytes, bins.metered]) {
    if (column)
      for (let at = 0; at < grid.bins; at += 1) if (!Number.isNaN(column[at] ?? Number.NaN)) marks[at] = 1
  }
}

function poolUse(
  pool: PoolSeries,
  rows: readonly LoadBins[],
  stamp: { readonly heard: Uint8Array | null; readonly problem: string | null; readonly gridBinMs: number },
): PoolUse {
  const known = knownBins(pool, rows, stamp.heard)
  const relativeError = new Map<string, number>()
  const by = new Map<string, Float64Array>()
  const result = {
    ...pool,
    by,
    relativeError,
    idlePercent: 0,
    withLoad: null,
    source: 'idle',
    unexplained: 0,
  } as const
  const unknown = new Float64Array(pool.load.length).fill(Number.NaN)
  if (stamp.problem !== null) return { ...result, baseline: unknown, problem: stamp.problem }
  if (known.length < Math.min(FIT_BINS_MIN, pool.load.length)) {
    const problem = `only ${known.length} of ${pool.load.length} bins have both CPU and load`
    return { ...result, baseline: unknown, problem }
  }
  const skew = clockSkew(askedFor(rows, pool.load.length), pool.load)
  if (skew !== 0) {
    const problem = `load seems to run ${Math.abs(skew)} bins ${skew > 0 ? 'behind' : 'ahead of'} CPU, with which it agrees well only when shifted so; set their clocks right`
    return { ...result, baseline: unknown, problem }
  }

  const estimated = rows.filter((row) => row.metered === null)
  const pick = (column: Float64Array | null) => column && picked(column, known)
  const rest = unmetered(picked(pool.load, known), rows, known)
  const fit = fitCosts(
    rest,
    picked(pool.capacity, known),
    estimated.map((row) => ({ offered: pick(row.offered), bytes: pick(row.bytes) })),
  )
  const places = new Map(estimated.map((row, at) => [row, at]))
  for (const row of rows) {
    const at = places.get(row) ?? -1
    const cost = { perRequest: fit.perRequest[at] ?? 0, perByte: fit.perByte[at] ?? 0 }
    const use = row.metered ? meteredUse(row.metered, known) : estimatedUse(row, cost, known)
    if (use === null) continue
    by.set(row.registry, use)
    relativeError.set(row.registry, row.metered ? METERED_ERROR : (fit.relativeError[at] ?? 0))
  }
  const source = estimated.length === 0 ? 'metered' : estimated.length === rows.length ? 'estimated' : 'mixed'
  const unexplained = source === 'metered' ? 0 : fit.unexplained
  const idlePercent = Math.min(IDLE_PERCENT_MAX, fit.idle * 100, quietest(pool.average))
  return {
    ...result,
    baseline: scaleDown(pool.load, by, known),
    idlePercent,
    withLoad: goesWithLoad(pool, { pool: pool.pool, gridBinMs: stamp.gridBinMs, idlePercent }),
    source: rows.length === 0 ? 'idle' : source,
    unexplained,
    problem: null,
  }
}

function quietest(average: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  for (const value of average) if (value < least) least = value
  return least
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
