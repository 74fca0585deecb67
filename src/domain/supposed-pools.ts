import type { PoolUse } from './attribution.ts'
import type { Pool, Stamp } from './fleet.ts'
import { changedHot, slopesOf } from './outlook.ts'
import type { PoolCpu } from './series.ts'
import type { Situation } from './situation.ts'
import { hottestOnNodes, learnSkew } from './skew.ts'
import { likeTheLastDay, type PoolDay } from './synthetic-day.ts'

const MINUTE_MS = 60_000
/** What a node without load shows, of a pool that is not there yet. Percent. */
const IDLE_PERCENT = 2

/** A region otherwise than it was: where replicas are served, and how much they ask for. */
export interface Otherwise {
  readonly situation: Situation
  /** By registry. */
  readonly homes: ReadonlyMap<string, string>
  readonly factors: ReadonlyMap<string, number>
  /** By role: hottest node over mean of load that is foreign to a pool. */
  readonly skew: ReadonlyMap<string, number>
}

/** The CPU of one pool as its last day would have been; just as it was where nothing changes. */
export function supposedCpu(otherwise: Otherwise, stamp: Stamp, pool: Pool): PoolCpu {
  const { data, use } = otherwise.situation
  const known = use.pools.find((one) => one.stamp.id === stamp.id && one.pool.role === pool.role)
  const day = known ? changedDay(otherwise, known, pool) : madeDay(otherwise, stamp, pool)
  const place = { region: data.region, stamp: stamp.id, role: pool.role }
  if (day === null && known) return { ...place, samples: known.samples }
  return { ...place, samples: likeTheLastDay(place, day ?? madeDay(otherwise, stamp, pool), use.grid) }
}

/** A pool's day under what comes and leaves, on the nodes that it would have; null where nothing changes. */
function changedDay(otherwise: Otherwise, use: PoolUse, pool: Pool): PoolDay | null {
  const change = changeAt(otherwise, use.stamp.id, pool)
  const resized = pool.nodes !== use.pool.nodes
  if (!resized && change.every((value) => value === 0)) return null
  const hot = changedHot(slopesOf(use), change, { skew: otherwise.skew.get(pool.role) ?? 1 })
  const perGridBin = Math.max(1, Math.round(use.hot.length / use.load.length))
  const bins = Array.from(use.hot, (_, at) => Math.floor(at / perGridBin))
  const cores = (bin: number) => use.capacity[bin] ?? Number.NaN
  const average = Float64Array.from(
    bins,
    (bin, at) => (use.average[at] ?? Number.NaN) + (100 * (change[bin] ?? Number.NaN)) / cores(bin),
  )
  const ofNode = nodeCoreMinutes(otherwise, pool)
  const nodes = Float64Array.from(bins, (bin) => Math.max(1, Math.round((use.capacity[bin] ?? 0) / ofNode)))
  const day = { binMs: use.binMs, hot, average, nodes }
  return resized ? resizedDay(day, pool.nodes / Math.max(1, use.pool.nodes)) : day
}

/** The same load on other numbers of nodes: the mean is as load and nodes have it, the hottest one by the pool's skew. */
function resizedDay(day: PoolDay, factor: number): PoolDay {
  const { hot, average, nodes: before } = day
  const relation = learnSkew(day) ?? { points: 0, share: 0, error: 0, bins: 0 }
  const nodes = before.map((count) => Math.max(1, Math.round(count * factor)))
  const at = (bin: number) => ({ mean: average[bin] ?? Number.NaN, nodes: before[bin] ?? 1 })
  return {
    binMs: day.binMs,
    hot: hot.map((value, bin) => hottestOnNodes(relation, { hot: value, ...at(bin) }, nodes[bin] ?? 1)),
    average: average.map((mean, bin) => (mean * (before[bin] ?? 1)) / (nodes[bin] ?? 1)),
    nodes,
  }
}

/** The day of a pool that is not there yet: idle, but for what comes. */
function madeDay(otherwise: Otherwise, stamp: Stamp, pool: Pool): PoolDay {
  const { grid } = otherwise.situation.use
  const full = (value: number) => new Float64Array(grid.bins).fill(value)
  const capacity = pool.nodes * nodeCoreMinutes(otherwise, pool)
  const change = changeAt(otherwise, stamp.id, pool)
  const idle = {
    binMs: grid.binMs,
    hot: full(IDLE_PERCENT),
    load: full((IDLE_PERCENT * capacity) / 100),
    capacity: full(capacity),
    idlePercent: IDLE_PERCENT,
    withLoad: null,
  }
  return {
    binMs: grid.binMs,
    hot: changedHot(slopesOf(idle), change, { skew: otherwise.skew.get(pool.role) ?? 1 }),
    average: change.map((by) => IDLE_PERCENT + (100 * by) / capacity),
    nodes: full(pool.nodes),
  }
}

function nodeCoreMinutes({ situation }: Otherwise, { vcpusPerNode }: Pool): number {
  return (vcpusPerNode * situation.use.grid.binMs) / MINUTE_MS
}

/** Core-minutes that a pool has more or less, at its own speed: by moves and by traffic. */
function changeAt({ situation, homes, factors }: Otherwise, stamp: string, pool: Pool): Float64Array {
  const { grid, tenants, pools } = situation.use
  const change = new Float64Array(grid.bins)
  for (const { registry, homeStamp } of tenants) {
    const to = homes.get(registry) ?? homeStamp
    const factor = factors.get(registry) ?? 1
    if ((homeStamp !== stamp && to !== stamp) || (homeStamp === to && factor === 1)) continue
    const source = pools.find((use) => use.stamp.id === homeStamp && use.pool.role === pool.role)
    const load = source?.by.get(registry)
    if (!source || !load) continue
    const speed = source.pool.relativeSpeed / pool.relativeSpeed
    const times = (to === stamp ? factor * speed : 0) - (homeStamp === stamp ? 1 : 0)
    for (let bin = 0; bin < change.length; bin += 1)
      change[bin] = (change[bin] ?? 0) + times * (load[bin] ?? 0)
  }
  return change
}
