import type { Plan } from '../domain/plan.ts'

/** What gates do beside moving registries, each in a sentence: minimums that go down, and a stamp that is made. */
export function gateWork(
  { lowerings = [], isolation }: Pick<Plan, 'lowerings' | 'isolation'>,
  gates: readonly string[],
): string[] {
  const steps = lowerings
    .filter(({ batch }) => gates.includes(`right-size-${batch}`))
    .map(({ stamp, pool, from, to, why }) => `${stamp} ${pool}: minimum ${from} → ${to} nodes; ${why}`)
  if (!isolation?.stamp || !gates.includes('provision-1')) return steps
  const size = isolation.pools.map(
    ({ role, nodes, like }) => `${role} ${nodes} nodes${like ? ` like ${like}` : ''}`,
  )
  return [
    `${isolation.stamp} is made: ${size.join(', ')}; nobody moves before it has been healthy for an hour`,
    ...steps,
  ]
}

/** The gates that lower minimums or make a stamp, in order, for a plan's page. */
export function workGates({ lowerings = [], isolation }: Pick<Plan, 'lowerings' | 'isolation'>): string[] {
  const batches = [...new Set(lowerings.map(({ batch }) => batch))]
  return [...(isolation?.stamp ? ['provision-1'] : []), ...batches.map((batch) => `right-size-${batch}`)]
}
