import { attribute, type PoolUse, type RegionUse } from './attribution.ts'
import { binsWithin } from './dominance.ts'
import type { Stamp } from './fleet.ts'
import type { Veto } from './movable.ts'
import { type OutlookBasis, peakP95 } from './outlook.ts'
import { landingsIn, type PastMove } from './past-moves.ts'
import type { Policy } from './policy.ts'
import { judgePools, type PoolJudgement } from './pool-judgement.ts'
import { byId, type RegionData, regionOf, type Tenant } from './region-data.ts'
import { lastLocalStart } from './zone.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** All that one plan is made from, worked out once. */
export interface Situation {
  readonly data: RegionData
  readonly policy: Policy
  readonly use: RegionUse
  readonly judged: readonly PoolJudgement[]
  /** Ordered by id. */
  readonly stamps: readonly Stamp[]
  /** By registry. */
  readonly pastMoves: ReadonlyMap<string, readonly PastMove[]>
  readonly interlocks: readonly Veto[]
  /** Moves that the data don't show for the whole day yet: every prediction counts them as landed. */
  readonly landing: readonly DraftMove[]
  /** Judgements and tenants by stamp. */
  readonly poolsOfStamp: ReadonlyMap<string, readonly PoolJudgement[]>
  readonly tenantsOfStamp: ReadonlyMap<string, readonly Tenant[]>
}

/** What is known beside the telemetry when a plan is made. */
export interface Surroundings {
  readonly policy: Policy
  /** Moves of the last weeks, landed or in flight, of all regions. */
  readonly pastMoves: readonly PastMove[]
  readonly interlocks?: readonly Veto[]
}

/** A move before it has a phase. */
export interface DraftMove {
  readonly registry: string
  readonly from: string
  readonly to: string
}

export function situationOf(data: RegionData, { policy, pastMoves, interlocks }: Surroundings): Situation {
  const landings = landingsIn(pastMoves, data)
  const use = attribute(data, policy.peakHours, landings)
  const judged = judgePools(use, data.nowMs, policy)
  return {
    data,
    policy,
    use,
    judged,
    stamps: regionOf(data).stamps.toSorted((a, b) => byId(a.id, b.id)),
    pastMoves: Map.groupBy(pastMoves, ({ registry }) => registry),
    interlocks: interlocks ?? [],
    landing: [...landings.values()].toSorted((a, b) => byId(a.registry, b.registry)),
    poolsOfStamp: Map.groupBy(judged, ({ scan }) => scan.stamp),
    tenantsOfStamp: Map.groupBy(use.tenants, ({ homeStamp }) => homeStamp),
  }
}

export function poolsOf({ poolsOfStamp }: Pick<Situation, 'poolsOfStamp'>, stamp: string) {
  return poolsOfStamp.get(stamp) ?? []
}

export function tenantsAt({ tenantsOfStamp }: Pick<Situation, 'tenantsOfStamp'>, stamp: string) {
  return tenantsOfStamp.get(stamp) ?? []
}

/** A replica's load on one role of a stamp, core-minutes per bin; undefined where it is idle. */
export function loadOf(
  situation: Pick<Situation, 'poolsOfStamp'>,
  place: { readonly registry: string; readonly stamp: string; readonly role: string },
): Float64Array | undefined {
  return useAt(situation, place.stamp, place.role)?.by.get(place.registry)
}

function useAt(situation: Pick<Situation, 'poolsOfStamp'>, stamp: string, role: string): PoolUse | undefined {
  return poolsOf(situation, stamp).find(({ scan }) => scan.pool === role)?.use
}

/** What moves, those that land anyway included, bring to and take from one pool: core-minutes per bin at its own speed. */
export function changeOf(
  situation: Pick<Situation, 'use' | 'poolsOfStamp' | 'landing'>,
  pool: {
    readonly stamp: string
    readonly role: string
    readonly relativeSpeed: number
    /** Where the result is written; without it a new array. */
    readonly into?: Float64Array
  },
  moves: readonly DraftMove[],
): Float64Array {
  const change = pool.into?.fill(0) ?? new Float64Array(situation.use.grid.bins)
  const add = ({ registry, from, to }: DraftMove) => {
    if (from === to || (from !== pool.stamp && to !== pool.stamp)) return
    const source = useAt(situation, from, pool.role)
    const load = source?.by.get(registry)
    if (!source || !load) return
    const factor = from === pool.stamp ? -1 : source.pool.relativeSpeed / pool.relativeSpeed
    for (let bin = 0; bin < change.length; bin += 1)
      change[bin] = (change[bin] ?? 0) + factor * (load[bin] ?? 0)
  }
  situation.landing.forEach(add)
  moves.forEach(add)
  return change
}

/** The hot-node P95 of a day of hot values: in the given peak window's time of day, else in the newly found one. */
export function peakP95In(
  { policy, data, use }: Pick<Situation, 'policy' | 'data' | 'use'>,
  { binMs }: Pick<OutlookBasis, 'binMs'>,
  hot: Float64Array,
): number | null {
  const { peakHours: hours, minCoverage, peakStart, peakZone } = policy
  if (peakStart === undefined) return peakP95(hot, { binMs, hours, minCoverage })
  const startMs = lastLocalStart(peakStart, peakZone ?? 'UTC', data.nowMs)
  const within = hot.filter((_, at) => {
    const sinceMs = use.grid.startMs + at * binMs - startMs
    return ((sinceMs % DAY_MS) + DAY_MS) % DAY_MS < hours * HOUR_MS
  })
  return peakP95(within, { binMs, hours: (within.length * binMs) / HOUR_MS, minCoverage })
}

/** Hottest node over mean, both above idle, in the peak windows of these pools' role, with its spread (P10 to P90 of the bins). */
export interface Skew {
  readonly middle: number
  readonly low: number
  readonly high: number
}

/** Learns a role's skew from loaded pools, each weighing as its load does; no unevenness where there is none to see. */
export function skewOf(situation: Situation, role: string, sources: readonly string[]): Skew {
  const ratios: number[] = []
  let hotSum = 0
  let averageSum = 0
  for (const { use, scan } of situation.judged) {
    if (scan.pool !== role || !sources.includes(scan.stamp) || scan.window === null) continue
    for (const at of fineBins(use, situation, scan.window)) {
      const hot = (use.hot[at] ?? Number.NaN) - use.idlePercent
      const average = (use.average[at] ?? Number.NaN) - use.idlePercent
      if (!(average > 0 && hot >= average)) continue
      hotSum += hot
      averageSum += average
      ratios.push(hot / average)
    }
  }
  if (averageSum === 0) return { middle: 1, low: 1, high: 1 }
  const sorted = Float64Array.from(ratios).sort()
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 1
  const middle = hotSum / averageSum
  return { middle, low: Math.min(middle, at(0.1)), high: Math.max(middle, at(0.9)) }
}

/** Bins of the grid that hold a pool's hot minutes: those of the peak window at or above its hot-node P95. */
export function hotBins({ use, scan }: PoolJudgement, situation: Situation): number[] {
  const { window, figures } = scan
  if (window === null || figures.hotNodeP95 === null) return []
  const least = figures.hotNodeP95
  const perGridBin = Math.max(1, Math.round(use.hot.length / use.load.length))
  const bins = fineBins(use, situation, window)
    .filter((at) => (use.hot[at] ?? Number.NaN) >= least)
    .map((at) => Math.floor(at / perGridBin))
  return [...new Set(bins)].filter((bin) => !Number.isNaN(use.baseline[bin] ?? Number.NaN))
}

function fineBins(
  use: PoolUse,
  { use: { grid } }: Situation,
  window: { readonly startMs: number; readonly endMs: number },
): number[] {
  const perGridBin = Math.max(1, Math.round(use.hot.length / use.load.length))
  return binsWithin({ startMs: grid.startMs, binMs: use.binMs, bins: grid.bins * perGridBin }, window)
}

/** A replica's core-minutes over the last 24 h, all roles of a stamp. */
export function dayLoadOf(situation: Situation, registry: string, stamp: string): number {
  let sum = 0
  for (const { use } of poolsOf(situation, stamp)) {
    for (const value of use.by.get(registry) ?? []) if (!Number.isNaN(value)) sum += value
  }
  return sum
}
