import { isMiss } from './calibration.ts'
import type { Fleet } from './fleet.ts'
import { binMsOf, findPeakWindow, signalsIn } from './hot-node.ts'
import { StampId } from './ids.ts'
import { outlooksOf } from './outlooks.ts'
import type { PoolOutlook } from './plan.ts'
import type { Policy } from './policy.ts'
import { DAY_MS } from './pool-series.ts'
import { cpuOf, type RegionData, regionOf } from './region-data.ts'
import { situationOf } from './situation.ts'

const HOUR_MS = 3_600_000
/** Moves that people made within so long of one another belong together. */
const TOGETHER_MS = 6 * HOUR_MS
/** Old addresses are forgotten so long after the last move; from then on a day shows what came of it. */
const SETTLED_MS = HOUR_MS

/** A move that somebody made by hand. */
export interface HandMove {
  readonly atMs: number
  readonly registry: string
  readonly from: string
  readonly to: string
}

/** What would have been predicted for moves made by hand, beside what came. Percent; null where too little data tells it. */
export interface ShadowedMoves {
  readonly atMs: number
  readonly moves: readonly HandMove[]
  readonly pools: readonly {
    readonly stamp: string
    readonly pool: string
    readonly predicted: PoolOutlook['predicted']
    readonly actual: number | null
    readonly inBand: boolean | null
  }[]
  /** Why nothing could be predicted; null when it could. */
  readonly problem: string | null
}

/** Predicts each group of moves from the telemetry before it alone, and lays beside it the first whole day after. */
export function shadowMoves(data: RegionData, moves: readonly HandMove[], policy: Policy): ShadowedMoves[] {
  const ordered = moves.toSorted((a, b) => a.atMs - b.atMs)
  return groupsOf(ordered).map((group) => {
    const [first] = group
    const atMs = first?.atMs ?? 0
    const lastMs = group.at(-1)?.atMs ?? atMs
    const fleet = fleetBefore(data, ordered, atMs)
    const base = { atMs, moves: group }
    if (atMs > data.nowMs) return { ...base, pools: [], problem: 'made after the end of the data' }
    const situation = situationOf({ ...data, fleet, nowMs: atMs }, { policy, pastMoves: [] })
    const drafted = group.map(({ registry, from, to }) => ({ registry, from, to }))
    const outlooks = outlooksOf(situation, {
      kind: 'moves',
      verdict: 'rebalance',
      customer: null,
      moves: drafted,
      reason: '',
      blocked: [],
      nodes: new Map(),
      newPools: [],
      whyNot: new Map(),
    })
    if (outlooks === null)
      return { ...base, pools: [], problem: 'too many minutes before it lack CPU or load' }
    const pools = outlooks.map(({ stamp, pool, predicted }) => {
      const actual = actualOf(data, { stamp, pool, endMs: lastMs + SETTLED_MS + DAY_MS }, policy)
      return {
        stamp,
        pool,
        predicted,
        actual,
        inBand: actual === null ? null : !isMiss({ actual, predicted }),
      }
    })
    return { ...base, pools, problem: null }
  })
}

function groupsOf(ordered: readonly HandMove[]): HandMove[][] {
  const groups: HandMove[][] = []
  for (const move of ordered) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    if (group && last && move.atMs - last.atMs <= TOGETHER_MS) group.push(move)
    else groups.push([move])
  }
  return groups
}

/** The fleet as it was before an instant: what was moved from then on is where it came from. */
function fleetBefore({ fleet, region }: RegionData, ordered: readonly HandMove[], atMs: number): Fleet {
  const homes = new Map<string, string>()
  for (const move of ordered.toReversed()) if (move.atMs >= atMs) homes.set(move.registry, move.from)
  return {
    ...fleet,
    registries: fleet.registries.map((registry) => ({
      ...registry,
      replicas: registry.replicas.map((replica) => {
        const home = homes.get(registry.name)
        return replica.region === region && home !== undefined
          ? { ...replica, homeStamp: StampId.parse(home) }
          : replica
      }),
    })),
  }
}

function actualOf(
  data: RegionData,
  at: { readonly stamp: string; readonly pool: string; readonly endMs: number },
  policy: Policy,
): number | null {
  if (at.endMs > data.nowMs) return null
  const region = regionOf(data)
  const stamp = region.stamps.find(({ id }) => id === at.stamp)
  const pool = stamp?.pools.find(({ role }) => role === at.pool)
  const samples = stamp && pool ? cpuOf(data, region, stamp, pool)?.samples : undefined
  if (!samples) return null
  const { peakHours: hours, minCoverage } = policy
  const window = findPeakWindow(samples, { hours, minCoverage, binMs: binMsOf(samples), nowMs: at.endMs })
  return window ? signalsIn(samples, window, { minCoverage }).hotNodeP95 : null
}
