import { clockSkew } from './clock-skew.ts'
import { fitCosts } from './cost-fit.ts'
import { type GoesWithLoad, goesWithLoad } from './goes-with-load.ts'
import { type LoadBins, loadBins, sumsOnGrid } from './load-bins.ts'
import type { PastMove } from './past-moves.ts'
import { type Grid, type PoolSeries, regionSeries } from './pool-series.ts'
import { byId, type RegionData, type Tenant, tenantsOf } from './region-data.ts'
import type { ReplicaLoad } from './series.ts'
import { SparseLoads } from './sparse-loads.ts'
import { askedFor, estimatedUse, knownBins, meteredUse, picked, scaleDown, unmetered } from './split-load.ts'

/** Below so many bins with both CPU and load nothing is fitted. */
const FIT_BINS_MIN = 30

/** Nodes without load show no more than this; what is more is somebody's load, spread as load is. */
const IDLE_PERCENT_MAX = 5
/** Ten nodes' worth and more in one: counters show it where they overflow. */
const PERCENT_MAX = 10_000
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
  const homes = new Map(tenants.map(({ registry, homeStamp }) => [registry, homeStamp]))
  const servedBy = seriesByStamp(problem === null ? data.load.series : [], homes, landings)
  const inhabited = new Set([...homes.values(), ...servedBy.keys()])
  // One stamp after another, so that the bins of no more than one stamp's replicas are held at a time.
  const uses = [...Map.groupBy(pools, ({ stamp }) => stamp.id)].flatMap(([stamp, own]) =>
    usesAt(own, {
      grid,
      problem,
      isInhabited: inhabited.has(stamp),
      served: (servedBy.get(stamp) ?? []).map((series) => ({
        role: series.role,
        bins: servedAt(loadBins(series, data.load, grid), stamp, {
          grid,
          landing: landings.get(series.registry),
        }),
      })),
    }),
  )
  const customerOf = new Map(tenants.map(({ registry, customer }) => [registry, customer]))
  return { grid, tenants, customerOf, pools: uses }
}

/** The series of the replicas that each stamp served over the day: one that moved in it counts at both. */
function seriesByStamp(
  all: readonly ReplicaLoad[],
  homes: ReadonlyMap<string, string>,
  landings: ReadonlyMap<string, PastMove>,
): Map<string, ReplicaLoad[]> {
  const served = new Map<string, ReplicaLoad[]>()
  for (const series of all) {
    const home = homes.get(series.registry)
    if (home === undefined) continue
    const landing = landings.get(series.registry)
    const last = landing?.landedAtMs === null ? [] : [landing?.to ?? home]
    for (const stamp of new Set([...(landing ? [landing.from] : []), ...last])) {
      const here = served.get(stamp)
      if (here === undefined) served.set(stamp, [series])
      else here.push(series)
    }
  }
  return served
}

/** The pools of one stamp. */
function usesAt(
  pools: readonly PoolSeries[],
  {
    grid,
    problem,
    isInhabited,
    served,
  }: {
    readonly grid: Grid
    readonly problem: string | null
    readonly isInhabited: boolean
    readonly served: readonly { readonly role: string; readonly bins: LoadBins }[]
  },
): PoolUse[] {
  const heard = new Uint8Array(grid.bins)
  for (const { bins } of served) markHeard(heard, bins)
  return pools.map((pool) => {
    const rows = served.filter(({ role }) => role === pool.pool.role).map(({ bins }) => bins)
    return poolUse(
      pool,
      rows.toSorted((a, b) => byId(a.registry, b.registry)),
      { heard: isInhabited ? heard : null, problem, gridBinMs: grid.binMs },
    )
  })
}

/** What one stamp served of a replica's load: before its latest landing the one that it came from, then the other. */
function servedAt(
  bins: LoadBins,
  stamp: string,
  { grid, landing }: { readonly grid: Grid; readonly landing: PastMove | undefined },
): LoadBins {
  if (landing === undefined || landing.landedAtMs === null) return bins
  const border = Math.ceil((landing.landedAtMs - grid.startMs) / grid.binMs)
  return during(bins, (bin) => (stamp === landing.from ? bin < border : bin >= border))
}

function during(bins: LoadBins, isServed: (bin: number) => boolean): LoadBins {
  const cut = (column: Float64Array | null) =>
    column?.map((value, bin) => (isServed(bin) ? value : 0)) ?? null
  const { registry, offered, bytes, metered, whole } = bins
  return { registry, offered: cut(offered), bytes: cut(bytes), metered: cut(metered), whole }
}

/** Marks the bins in which any replica of the stamp has a row: there, and only there, a replica without one is idle. */
function markHeard(marks: Uint8Array, bins: LoadBins): void {
  if (bins.whole) {
    marks.fill(1)
    return
  }
  for (const column of [bins.offered, bins.bytes, bins.metered]) {
    if (column)
      for (let at = 0; at < marks.length; at += 1) if (!Number.isNaN(column[at] ?? Number.NaN)) marks[at] = 1
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
  const problem = stamp.problem ?? impossible(pool.hot)
  if (problem !== null) return { ...result, baseline: unknown, problem }
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
  const baseline = scaleDown(pool.load, by, known)
  const idlePercent = Math.min(IDLE_PERCENT_MAX, fit.idle * 100, quietest(pool.average))
  return {
    ...result,
    by: new SparseLoads(by, known, pool.load.length),
    baseline,
    idlePercent,
    withLoad: goesWithLoad(pool, { pool: pool.pool, gridBinMs: stamp.gridBinMs, idlePercent }),
    source: rows.length === 0 ? 'idle' : source,
    unexplained,
    problem: null,
  }
}

/** A figure that no CPU shows is kept as it is (R5), and nothing is reckoned with it. */
function impossible(hot: Float64Array): string | null {
  for (const value of hot)
    if (value > PERCENT_MAX)
      return `a node shows ${value.toPrecision(3)} % CPU, which can't be; mend the data`
  return null
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
