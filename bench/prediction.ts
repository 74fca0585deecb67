import { findPeakWindow, hotSeries, signalsIn, type Window } from '../src/domain/hot-node.ts'
import { PlanId, replicaId, type StampId } from '../src/domain/ids.ts'
import type { PlanBody, PoolOutlook } from '../src/domain/plan.ts'
import { makePlan } from '../src/domain/planner.ts'
import { DEFAULT_POLICY } from '../src/domain/policy.ts'
import type { CpuSamples } from '../src/domain/series.ts'
import { createTwin, type Twin } from '../src/twin/twin.ts'
import { errorWords } from './measured-pools.ts'
import { aRegionFor, ENDS_MS, REGION } from './prediction-region.ts'

const REGIONS = Number(process.argv[2] ?? 60)
const FIRST_SEED = Number(process.argv[3] ?? 1)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Old addresses are kept for at most so long after a move. */
const SETTLED_MS = HOUR_MS
const RULE = { hours: DEFAULT_POLICY.peakHours, binMs: MINUTE_MS, minCoverage: DEFAULT_POLICY.minCoverage }

interface Found {
  readonly ours: number[]
  readonly averages: number[]
  inBand: number
  readonly widths: number[]
  plans: number
}
let found: Found = { ours: [], averages: [], inBand: 0, widths: [], plans: 0 }

async function oneRegion(seed: number, days: 'alike' | 'differing'): Promise<void> {
  const clock = { ms: ENDS_MS, nowMs: () => clock.ms }
  const { files, metered } = aRegionFor(seed, days)
  const twin = createTwin({ files, database: ':memory:', clock, seed })
  try {
    const plan = await planOn(twin, metered)
    if (plan.moves.length === 0 || plan.moves.some(({ to }) => to === 'new')) return
    found.plans += 1
    const before = await Promise.all(plan.pools.map((pool) => averagesOf(twin, pool, clock.ms)))
    await moveAll(twin, plan)
    clock.ms += SETTLED_MS + DAY_MS
    const after = await loadMoved(twin, plan)
    for (const [at, pool] of plan.pools.entries())
      await compare(twin, pool, { nowMs: clock.ms, before: before[at] ?? 0, moved: after })
  } finally {
    twin.close()
  }
}

/** The plan from the twin's telemetry alone: what its pools do with load is nowhere in it. */
async function planOn(twin: Twin, metered: boolean): Promise<PlanBody> {
  const fleet = await twin.catalog.fleet()
  const span = { fromMs: ENDS_MS - 30 * HOUR_MS, toMs: ENDS_MS }
  const cpu = []
  for (const { id, pools } of fleet.regions[0]?.stamps ?? [])
    for (const { role } of pools)
      cpu.push({
        region: REGION,
        stamp: id,
        role,
        samples: await twin.metrics.cpu({ stamp: id, role, ...span }),
      })
  const load = await twin.metrics.load({ region: REGION, ...span })
  const series = metered ? load.series : load.series.map((one) => ({ ...one, cpuSeconds: null }))
  const data = { fleet, region: REGION, cpu, load: { ...load, series }, nowMs: ENDS_MS }
  return makePlan(
    data,
    {},
    { policy: DEFAULT_POLICY, planId: PlanId.parse('plan-bench'), requestedBy: 'bench', pastMoves: [] },
  )
}

async function moveAll(twin: Twin, plan: PlanBody): Promise<void> {
  for (const { registry, to } of plan.moves) {
    if (to === 'new') continue
    const replica = replicaId(registry, REGION)
    const binding = await twin.catalog.binding(replica)
    const moveKey = `bench/${registry}`
    const { binding: after } = await twin.catalog.rebind({
      replica,
      to,
      moveKey,
      expectedEpoch: binding?.epoch ?? 0,
    })
    await twin.traffic.setRoute({ replica, to, moveKey, epoch: after.epoch })
  }
}

/** The pool average of a day's peak window, percent. */
async function averagesOf(twin: Twin, { stamp, pool }: PoolOutlook, nowMs: number): Promise<number> {
  const { samples, window } = await dayOf(twin, { stamp, pool }, nowMs)
  return window ? (signalsIn(samples, window).poolAverage ?? 0) : 0
}

async function dayOf(
  twin: Twin,
  { stamp, pool }: Pick<PoolOutlook, 'stamp' | 'pool'>,
  nowMs: number,
): Promise<{ samples: CpuSamples; window: Window | null }> {
  const id = stamp as StampId
  const samples = await twin.metrics.cpu({ stamp: id, role: pool, fromMs: nowMs - DAY_MS, toMs: nowMs })
  return { samples, window: findPeakWindow(samples, { ...RULE, nowMs }) }
}

/** By stamp: mean cores that moves take and bring, as metered or reckoned from requests by the pool's own mean cost. */
async function loadMoved(twin: Twin, plan: PlanBody): Promise<Map<string, number>> {
  const load = await twin.metrics.load({ region: REGION, fromMs: ENDS_MS - DAY_MS, toMs: ENDS_MS })
  const change = new Map<string, number>()
  for (const { registry, from, to } of plan.moves) {
    const cores = await meanCores(twin, load, registry, from)
    change.set(from, (change.get(from) ?? 0) - cores)
    change.set(to, (change.get(to) ?? 0) + cores)
  }
  return change
}

async function meanCores(
  twin: Twin,
  load: Awaited<ReturnType<Twin['metrics']['load']>>,
  registry: string,
  from: StampId,
): Promise<number> {
  const series = load.series.find((one) => one.registry === registry)
  const mean = (column: Float64Array) => column.reduce((sum, value) => sum + value, 0) / column.length
  if (series?.cpuSeconds) return mean(series.cpuSeconds) / 60
  const fleet = await twin.catalog.fleet()
  const pool = fleet.regions[0]?.stamps.find(({ id }) => id === from)?.pools[0]
  const home = load.series.filter((one) => one.registry.startsWith(`${from}-`))
  const all = home.reduce((sum, one) => sum + (one.requests ? mean(one.requests) : 0), 0)
  const samples = await twin.metrics.cpu({
    stamp: from,
    role: pool?.role ?? '',
    fromMs: ENDS_MS - DAY_MS,
    toMs: ENDS_MS,
  })
  const { average } = hotSeries(samples, { startMs: ENDS_MS - DAY_MS, endMs: ENDS_MS, binMs: MINUTE_MS })
  const cores = (mean(average) / 100) * (pool?.nodes ?? 0) * (pool?.vcpusPerNode ?? 0)
  return series?.requests && all > 0 ? (cores * mean(series.requests)) / all : 0
}

async function compare(
  twin: Twin,
  pool: PoolOutlook,
  {
    nowMs,
    before,
    moved,
  }: { readonly nowMs: number; readonly before: number; readonly moved: ReadonlyMap<string, number> },
): Promise<void> {
  const { samples, window } = await dayOf(twin, pool, nowMs)
  const truth = window && signalsIn(samples, window).hotNodeP95
  if (truth === null) return
  const fleet = await twin.catalog.fleet()
  const size = fleet.regions[0]?.stamps
    .find(({ id }) => id === pool.stamp)
    ?.pools.find(({ role }) => role === pool.pool)
  const cores = (size?.nodes ?? 1) * (size?.vcpusPerNode ?? 1)
  const { hotNodeP95, low, high } = pool.predicted
  found.ours.push(hotNodeP95 - truth)
  found.averages.push(before + (100 * (moved.get(pool.stamp) ?? 0)) / cores - truth)
  found.widths.push(high - low)
  if (truth >= low && truth <= high) found.inBand += 1
  if (process.env.RESTAMP_BENCH_ALL)
    console.log(
      `${pool.stamp} ${(pool.before.hotNodeP95 ?? 0).toFixed(1)} -> ${low.toFixed(1)} ${hotNodeP95.toFixed(1)} ${high.toFixed(1)}; was ${truth.toFixed(1)}`,
    )
}

for (const days of ['alike', 'differing'] as const) {
  found = { ours: [], averages: [], inBand: 0, widths: [], plans: 0 }
  for (let seed = 0; seed < REGIONS; seed += 1) await oneRegion(FIRST_SEED + seed, days)
  const share = (found.inBand / found.ours.length) * 100
  const width = found.widths.reduce((sum, one) => sum + one, 0) / found.widths.length
  console.log(
    `Hot-node P95 of touched pools a day after a plan's moves, days ${days}: twins of ${REGIONS} regions, ${found.plans} with moves`,
  )
  console.log(`  predicted         ${errorWords(found.ours)} (P90 of at most 5 wanted)`)
  console.log(`  sum of averages   ${errorWords(found.averages)} (at least twice as far off wanted)`)
  console.log(
    `  the band held the truth in ${share.toFixed(1)} % (85 to 97 wanted), ${width.toFixed(1)} points wide on average`,
  )
}
