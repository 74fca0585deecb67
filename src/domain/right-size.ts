import { headroomAt, lowestProven, type Peak, stepsDown } from './headroom.ts'
import type { PlanId, StampId } from './ids.ts'
import type { Figures, Lowering, Plan, PlanBody, PoolOutlook } from './plan.ts'
import type { Policy } from './policy.ts'

/** Where the policy does not say: a day holds each hour of the peak. */
const OBSERVE_FOR = 'PT24H'

/** A pool that moves have relieved, as it is now. */
export interface RelievedPool {
  readonly stamp: StampId
  readonly role: string
  readonly minNodes: number
  readonly figures: Figures
  readonly peak: Peak
}

export interface RightSizeContext {
  readonly planId: PlanId
  readonly requestedBy: string
  readonly nowMs: number
  readonly policy: Policy
}

/**
 * Plans how far the minimums of relieved pools go down, step by step: each step as far as the forecast peak and a lost update
 * domain leave room for. A pool that nobody can forecast keeps its minimum, and says what is missing.
 */
export function makeRightSizing(
  relieved: Pick<Plan, 'id' | 'region' | 'customer'>,
  pools: readonly RelievedPool[],
  context: RightSizeContext,
): PlanBody {
  const { planId, requestedBy, nowMs, policy } = context
  const lowerings = pools
    .flatMap((pool) => loweringsOf(pool, policy))
    .toSorted((a, b) => a.batch - b.batch || order(a.stamp, b.stamp) || order(a.pool, b.pool))
  const blocked = pools.flatMap((pool) => blockedOf(pool, policy))
  const unknown = pools.filter(({ peak }) => peak.kind === 'unknown')
  const lowered = pools.filter((pool) => lowerings.some((one) => isOf(one, pool)))
  return {
    id: planId,
    region: relieved.region,
    customer: relieved.customer,
    verdict: lowerings.length > 0 ? 'right-size' : unknown.length > 0 ? 'insufficient-data' : 'none',
    reason: reasonOf(relieved, { pools, lowered, lowerings, unknown }),
    madeAtMs: nowMs,
    requestedBy,
    policy,
    moves: [],
    reverses: [],
    phases:
      lowerings.length > 0
        ? [{ name: 'right-size', observation: policy.observeRightSize ?? OBSERVE_FOR }]
        : [],
    pools: lowered.flatMap((pool) => outlookOf(pool, lowerings)),
    blocked,
    relievedBy: relieved.id,
    ...(lowerings.length > 0 ? { lowerings } : {}),
  }
}

function isOf(lowering: Lowering, { stamp, role }: RelievedPool): boolean {
  return lowering.stamp === stamp && lowering.pool === role
}

function order(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function loweringsOf({ stamp, role, minNodes, peak }: RelievedPool, policy: Policy): Lowering[] {
  if (peak.kind === 'unknown') return []
  const steps = stepsDown(minNodes, lowestProven(peak, minNodes, policy), policy)
  return steps.map((to, at) => ({
    stamp,
    pool: role,
    from: steps[at - 1] ?? minNodes,
    to,
    batch: at + 1,
    why: headroomAt(peak, to, policy).words,
  }))
}

function blockedOf({ stamp, role, minNodes, peak }: RelievedPool, policy: Policy): PlanBody['blocked'] {
  if (peak.kind === 'unknown') {
    const until = peak.knownAtMs === null ? '' : `; enough at ${new Date(peak.knownAtMs).toISOString()}`
    return [{ stamp, rule: 'insufficient-data', detail: `${role}: ${peak.words}${until}` }]
  }
  const lowest = lowestProven(peak, minNodes, policy)
  const { words } = headroomAt(peak, Math.max(0, lowest - 1), policy)
  const detail = lowest <= 1 ? 'its minimum is one node already' : words
  return [{ stamp, rule: 'headroom', detail: `${role} goes no lower than ${lowest}: ${detail}` }]
}

/** What each lowered pool shows now, and at its forecast peak with the last minimum. */
function outlookOf({ stamp, role, figures, peak }: RelievedPool, lowerings: readonly Lowering[]) {
  const last = lowerings.findLast((one) => one.stamp === stamp && one.pool === role)
  if (peak.kind === 'unknown' || !last) return []
  const by = peak.atNodes / last.to
  const outlook: PoolOutlook = {
    stamp,
    pool: role,
    before: figures,
    predicted: { hotNodeP95: peak.hotNodeP95 * by, low: 0, high: peak.high * by },
    nodes: last.to,
    ifNothingIsDone: { hotNodeP95: figures.hotNodeP95, words: 'it keeps more nodes than its load needs' },
  }
  return [outlook]
}

function reasonOf(
  { id }: Pick<Plan, 'id'>,
  seen: {
    readonly pools: readonly RelievedPool[]
    readonly lowered: readonly RelievedPool[]
    readonly lowerings: readonly Lowering[]
    readonly unknown: readonly RelievedPool[]
  },
): string {
  const { pools, lowered, lowerings, unknown } = seen
  if (lowered.length === 0) {
    return unknown.length > 0
      ? `Of ${pools.length} pools that ${id} relieved, ${unknown.length} can't be forecast yet, and no other has room to spare.`
      : `No pool that ${id} relieved has room to spare: every minimum is what its forecast peak needs.`
  }
  const words = lowered.map(({ stamp, role, minNodes }) => {
    const last = lowerings.findLast((one) => one.stamp === stamp && one.pool === role)
    return `${stamp} ${role} from ${minNodes} to ${last?.to ?? minNodes} nodes`
  })
  return `${id} took load off; the minimums of ${words.join(', ')} go down step by step.`
}
