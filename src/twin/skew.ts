import type { PoolSource } from './pool-source.ts'
import { numberOf, unitAt } from './seeded.ts'

/**
 * What each node gets of load that came from elsewhere, as a multiple of the mean over `serving` nodes. A pool with
 * replicas of its own spreads it as it spreads theirs; an empty one gets the unevenness of such pools of its role.
 */
export function arrivalSkew(
  pool: PoolSource,
  loaded: readonly PoolSource[],
  seed: number,
): (node: number, serving: number) => number {
  const ratios = loaded.includes(pool) ? [...pool.nodeSkew] : borrowed(pool, loaded, seed)
  const means: number[] = []
  let sum = 0
  for (let node = 0; node < Math.max(pool.maxNodes, ratios.length); node++) {
    sum += ratios[node] ?? 1
    means.push(sum / (node + 1))
  }
  return (node, serving) => (ratios[node] ?? 1) / (means[serving - 1] ?? 1)
}

/** The other pools' node ratios in a seeded order, as many as the pool can have nodes. */
function borrowed(pool: PoolSource, loaded: readonly PoolSource[], seed: number): number[] {
  const ratios = loaded.filter((other) => other.role === pool.role).flatMap((other) => [...other.nodeSkew])
  if (ratios.length === 0) return []
  const name = numberOf(`${pool.stamp}/${pool.role}`)
  const order = ratios
    .map((ratio, at) => ({ ratio, place: unitAt(seed, name, at) }))
    .toSorted((a, b) => a.place - b.place)
  return Array.from({ length: pool.maxNodes }, (_, at) => order[at % order.length]?.ratio ?? 1)
}
