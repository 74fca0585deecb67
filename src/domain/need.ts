import type { Plan } from './plan.ts'

/**
 * The nodes that a plan's destination pool needs once all moves are done: so many that its predicted hot-node P95 is at the
 * target or below. Null where the plan says nothing of the pool, or not at how many nodes its prediction stands.
 */
export function predictedNeed(
  plan: Pick<Plan, 'pools' | 'isolation' | 'policy'>,
  pool: { readonly stamp: string; readonly role: string },
): number | null {
  const outlook = plan.pools.find(({ stamp, pool: role }) => stamp === pool.stamp && role === pool.role)
  const sized = outlook && plan.isolation?.pools.find(({ role }) => role === pool.role)?.nodes
  const predicted =
    outlook?.nodes === undefined
      ? null
      : Math.max(1, Math.ceil((outlook.nodes * outlook.predicted.hotNodeP95) / plan.policy.targetPercent))
  return sized === undefined ? predicted : Math.max(sized, predicted ?? 0)
}
