import type { RegionLoad, ReplicaLoad } from '../domain/series.ts'
import type { PoolSource } from './pool-source.ts'
import type { Timeline } from './timeline.ts'

/** What one replica costs pools of one role: cores in use at relative speed 1, for each recorded bin. */
export interface ReplicaCost {
  readonly registry: string
  readonly role: string
  readonly cores: Float64Array
}

/** What a request and a byte cost a role, in cores for one a bin. */
interface UnitCost {
  readonly perRequest: number
  readonly perByte: number
}

/** Share of a pool's cores that is laid on its replicas where requests and bytes don't explain its ups and downs. */
const SHARE_WITHOUT_FIT = 0.8

/**
 * Replicas' costs: as metered where the files have `cpu_seconds`, else one cost for a request and a byte of each
 * role, by least squares over all its pools, each pool about its own mean (so that idle cost falls out).
 */
export function replicaCosts(
  load: RegionLoad,
  pools: readonly PoolSource[],
  homes: { readonly stampOf: (registry: string) => string | undefined; readonly timeline: Timeline },
): ReplicaCost[] {
  const roles = [...new Set(load.series.map((series) => series.role))]
  return roles.flatMap((role) => {
    const series = load.series.filter((one) => one.role === role)
    const unit = unitCost(
      pools.filter((pool) => pool.role === role).map((pool) => poolFit(pool, series, load, homes)),
    )
    return series.map((one) => ({
      registry: one.registry,
      role,
      cores: costOf(one, unit, load, homes.timeline),
    }))
  })
}

function costOf(series: ReplicaLoad, unit: UnitCost, load: RegionLoad, timeline: Timeline): Float64Array {
  if (series.cpuSeconds) {
    const seconds = onTimeline(series.cpuSeconds, load, timeline)
    return seconds.map((value) => value / (timeline.binMs / 1000))
  }
  const requests = onTimeline(series.requests, load, timeline)
  const bytes = onTimeline(series.bytes, load, timeline)
  return requests.map((value, bin) => value * unit.perRequest + (bytes[bin] ?? 0) * unit.perByte)
}

/** A load column on the recorded bins; zero where it is missing: nothing can be laid on what is not known. */
export function onTimeline(column: Float64Array | null, load: RegionLoad, timeline: Timeline): Float64Array {
  const values = new Float64Array(timeline.bins)
  if (!column) return values
  const shift = Math.round((timeline.startMs - load.startMs) / load.binMs)
  return values.map((_, bin) => {
    const value = column[bin + shift]
    return value === undefined || Number.isNaN(value) ? 0 : value
  })
}

/** One pool's cores in use beside the requests and bytes of the replicas at home there. */
interface PoolFit {
  readonly cores: Float64Array
  readonly requests: Float64Array
  readonly bytes: Float64Array
}

function poolFit(
  pool: PoolSource,
  series: readonly ReplicaLoad[],
  load: RegionLoad,
  homes: { readonly stampOf: (registry: string) => string | undefined; readonly timeline: Timeline },
): PoolFit {
  const requests = new Float64Array(homes.timeline.bins)
  const bytes = new Float64Array(homes.timeline.bins)
  for (const one of series) {
    if (homes.stampOf(one.registry) !== pool.stamp) continue
    addTo(requests, onTimeline(one.requests, load, homes.timeline))
    addTo(bytes, onTimeline(one.bytes, load, homes.timeline))
  }
  return { cores: coresInUse(pool), requests, bytes }
}

/** Cores in use at relative speed 1; NaN where the files have no sample. */
export function coresInUse(pool: PoolSource): Float64Array {
  const coresPerNode = pool.vcpusPerNode * pool.relativeSpeed
  return pool.average.map((percent, bin) => (percent / 100) * (pool.nodesPresent[bin] ?? 0) * coresPerNode)
}

function addTo(total: Float64Array, part: Float64Array): void {
  for (const [at, value] of part.entries()) total[at] = (total[at] ?? 0) + value
}

/** Least squares with both costs at least zero; proportional to the load where nothing can be fitted. */
function unitCost(pools: readonly PoolFit[]): UnitCost {
  const s = { rr: 0, rb: 0, bb: 0, ry: 0, by: 0, r: 0, b: 0, y: 0 }
  for (const pool of pools) {
    const known = pool.cores.map((value) => (Number.isNaN(value) ? 0 : 1))
    const meanR = meanOf(pool.requests, known)
    const meanB = meanOf(pool.bytes, known)
    const meanY = meanOf(pool.cores, known)
    if (meanR === 0 && meanB === 0) continue
    s.r += meanR
    s.b += meanB
    s.y += meanY
    for (const [bin, y] of pool.cores.entries()) {
      if (known[bin] === 0) continue
      const dr = (pool.requests[bin] ?? 0) - meanR
      const db = (pool.bytes[bin] ?? 0) - meanB
      s.rr += dr * dr
      s.rb += dr * db
      s.bb += db * db
      s.ry += dr * (y - meanY)
      s.by += db * (y - meanY)
    }
  }
  return solved(s)
}

function solved(s: Readonly<Record<'rr' | 'rb' | 'bb' | 'ry' | 'by' | 'r' | 'b' | 'y', number>>): UnitCost {
  const determinant = s.rr * s.bb - s.rb * s.rb
  if (determinant > 1e-6 * s.rr * s.bb) {
    const perRequest = (s.ry * s.bb - s.by * s.rb) / determinant
    const perByte = (s.by * s.rr - s.ry * s.rb) / determinant
    if (perRequest >= 0 && perByte >= 0) return capped({ perRequest, perByte }, s)
  }
  const gainR = s.rr > 0 && s.ry > 0 ? (s.ry * s.ry) / s.rr : 0
  const gainB = s.bb > 0 && s.by > 0 ? (s.by * s.by) / s.bb : 0
  if (gainR === 0 && gainB === 0) {
    if (s.r > 0) return { perRequest: (SHARE_WITHOUT_FIT * s.y) / s.r, perByte: 0 }
    return { perRequest: 0, perByte: s.b > 0 ? (SHARE_WITHOUT_FIT * s.y) / s.b : 0 }
  }
  const single =
    gainR >= gainB ? { perRequest: s.ry / s.rr, perByte: 0 } : { perRequest: 0, perByte: s.by / s.bb }
  return capped(single, s)
}

/** Never more than the pools show on the whole. */
function capped(unit: UnitCost, s: { readonly r: number; readonly b: number; readonly y: number }): UnitCost {
  const laid = unit.perRequest * s.r + unit.perByte * s.b
  const factor = laid > s.y && laid > 0 ? s.y / laid : 1
  return { perRequest: unit.perRequest * factor, perByte: unit.perByte * factor }
}

function meanOf(values: Float64Array, known: Float64Array): number {
  let sum = 0
  let count = 0
  for (const [at, value] of values.entries()) {
    if (known[at] === 0) continue
    sum += value
    count++
  }
  return count === 0 ? 0 : sum / count
}
