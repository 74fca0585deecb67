import { PlanId } from '../../src/domain/ids.ts'
import type { PlanBody } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { Policy } from '../../src/domain/policy.ts'
import { homesNow, type Way, wayOf } from './every-assignment.ts'
import { dataOf, type RandomRegion } from './random-region.ts'

/** The plan for a made-up region in which nobody counts as dominant. */
export function planOf(region: RandomRegion, policy: Readonly<Record<string, unknown>> = {}): PlanBody {
  return makePlan(
    dataOf(region),
    {},
    {
      policy: Policy.parse({ dominance: 100, ...policy }),
      planId: PlanId.parse('plan'),
      requestedBy: 'ada',
      pastMoves: [],
    },
  )
}

/** Whether a plan is one of those that are searched for: not held by another rule, and no isolation. */
export function isSearched({ verdict, blocked }: PlanBody): boolean {
  return (
    verdict === 'rebalance' || (verdict === 'none' && blocked.some(({ rule }) => rule === 'no-destination'))
  )
}

/** What a plan's moves do by the truth of the region; null where they break a limit. */
export function wayOfPlan(region: RandomRegion, { moves }: Pick<PlanBody, 'moves'>): Way | null {
  const homes = [...homesNow(region)]
  for (const { registry, to } of moves) {
    const replica = region.replicas.findIndex(({ name }) => name === registry)
    homes[replica] = region.stamps.findIndex(({ id }) => id === to)
  }
  return wayOf(region, homes)
}
