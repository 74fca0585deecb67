import { attribute, type PoolUse, type RegionUse } from './attribution.ts'
import { binsWithin } from './dominance.ts'
import type { Stamp } from './fleet.ts'
import { type OutlookBasis, peakP95 } from './outlook.ts'
import type { Policy } from './policy.ts'
import { judgePools, type PoolJudgement } from './pool-judgement.ts'
import { byId, type RegionData, regionOf, type Tenant } from './region-data.ts'

/** All that one plan is made from, worked out once. */
export interface Situation {
  readonly data: RegionData
  readonly policy: Policy
  readonly use: RegionUse
  readonly judged: readonly PoolJudgement[]
  /** Ordered by id. */
  readonly stamps: readonly Stamp[]
  readonly movedAtMs: ReadonlyMap<string, number>
}

/** A move before it has a phase. */
export interface DraftMove {
  readonly registry: string
  readonly from: string
  readonly to: string
}

export function situationOf(
  data: RegionData,
  context: { readonly policy: Policy; readonly movedAtMs: ReadonlyMap<string, number> },
): Situation {
  const use = attribute(data, context.policy.peakHours)
  return {
    data,
    policy: context.policy,
    movedAtMs: context.movedAtMs,
    use,
    judged: judgePools(use, data.nowMs, context.policy),
    stamps: regionOf(data).stamps.toSorted((a, b) => byId(a.id, b.id)),
  }
}

export function poolsOf({ judged }: Pick<Situation, 'judged'>, stamp: string): PoolJudgement[] {
  return judged.filter(({ scan }) => scan.stamp === stamp)
}

export function tenantsAt({ use }: Pick<Situation, 'use'>, stamp: string): Tenant[] {
  return use.tenants.filter(({ homeStamp }) => homeStamp === stamp)
}

/** A replica's load on one role at home, core-minutes per bin; undefined where it is idle. */
export function loadOf(
  { use }: Pick<Situation, 'use'>,
  registry: string,
  role: string,
): Float64Array | undefined {
  return use.pools.find((pool) => pool.pool.role === role && pool.by.has(registry))?.by.get(registry)
}

/** What moves bring to and take from one pool, core-minutes per bin at the pool's own speed. */
export function changeOf(
  { use }: Pick<Situation, 'use'>,
  pool: { readonly stamp: string; readonly role: string; readonly relativeSpeed: number },
  moves: readonly DraftMove[],
): Float64Array {
  const change = new Float64Array(use.grid.bins)
  for (const source of use.pools) {
    if (source.pool.role !== pool.role) continue
    for (const { registry, from, to } of moves) {
      if (from !== source.stamp.id || (from !== pool.stamp && to !== pool.stamp)) continue
      const load = source.by.get(registry)
      const factor = from === pool.stamp ? -1 : source.pool.relativeSpeed / pool.relativeSpeed
      if (load)
        for (let bin = 0; bin < change.length; bin += 1)
          change[bin] = (change[bin] ?? 0) + factor * (load[bin] ?? 0)
    }
  }
  return change
}

export function peakP95In(
  { policy }: Pick<Situation, 'policy'>,
  basis: Pick<OutlookBasis, 'binMs'>,
  hot: Float64Array,
) {
  return peakP95(hot, { binMs: basis.binMs, hours: policy.peakHours, minCoverage: policy.minCoverage })
}

/** Hottest node over mean in the peak windows of these pools' role, with its spread (P10 to P90 of the bins). */
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
      const hot = use.hot[at] ?? Number.NaN
      const average = use.average[at] ?? Number.NaN
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

/** A replica's share, 0..1, of the hot minutes of its home pools: the greatest over their roles. */
export function hotShareOf(situation: Situation, registry: string, stamp: string): number {
  const shares = poolsOf(situation, stamp).map((judgement) => {
    const own = judgement.use.by.get(registry)
    if (!own) return 0
    const bins = hotBins(judgement, situation)
    const all = bins.reduce((sum, bin) => sum + (judgement.use.load[bin] ?? 0), 0)
    return all > 0 ? bins.reduce((sum, bin) => sum + (own[bin] ?? 0), 0) / all : 0
  })
  return Math.min(1, Math.max(0, ...shares))
}
