import { PlanId } from './ids.ts'
import type { PlanBody } from './plan.ts'
import { makePlan } from './planner.ts'
import type { Policy } from './policy.ts'
import type { RegionData } from './region-data.ts'
import type { PoolScan } from './scan.ts'
import { scanRegion } from './scan-region.ts'
import { type Supposed, type Supposition, suppose } from './what-if.ts'

const NO_ID = PlanId.parse('plan')

/** A pool's hot-node P95 as it is and as it would be, percent; null is not known, or gone. */
export interface SupposedPool {
  readonly stamp: string
  readonly pool: string
  readonly now: number | null
  readonly wouldBe: number | null
  readonly hot: boolean
}

export interface WhatWouldBe {
  readonly moves: Supposed['moves']
  readonly problems: readonly string[]
  readonly pools: readonly SupposedPool[]
  readonly plan: Pick<PlanBody, 'verdict' | 'reason' | 'moves' | 'blocked'>
}

/** What each pool would have shown on the last day had something been otherwise, and what would then be planned. Throws RangeError where a name is unknown. */
export function whatWouldBe(
  data: RegionData,
  suppositions: readonly Supposition[],
  { policy, askedBy }: { readonly policy: Policy; readonly askedBy: string },
): WhatWouldBe {
  const supposed = suppose(data, suppositions, policy)
  const before = scanRegion(data, policy).pools
  const after = scanRegion(supposed.data, policy).pools
  const context = { policy, planId: NO_ID, requestedBy: askedBy, pastMoves: [] }
  const { verdict, reason, moves, blocked } = makePlan(supposed.data, {}, context)
  return {
    moves: supposed.moves,
    problems: supposed.problems,
    pools: sideBySide(before, after, policy.hotPercent),
    plan: { verdict, reason, moves, blocked },
  }
}

function sideBySide(
  before: readonly PoolScan[],
  after: readonly PoolScan[],
  hotPercent: number,
): SupposedPool[] {
  const keyOf = ({ stamp, pool }: PoolScan) => `${stamp}/${pool}`
  const figures = (pools: readonly PoolScan[]) =>
    new Map(pools.map((pool) => [keyOf(pool), pool.figures.hotNodeP95]))
  const was = figures(before)
  const is = figures(after)
  const places = new Map(
    [...before, ...after].map(({ stamp, pool }) => [`${stamp}/${pool}`, { stamp, pool }]),
  )
  return [...places].map(([key, place]) => {
    const wouldBe = is.get(key) ?? null
    return { ...place, now: was.get(key) ?? null, wouldBe, hot: (wouldBe ?? 0) >= hotPercent }
  })
}
