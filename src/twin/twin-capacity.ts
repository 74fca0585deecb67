import type { Capacity } from '../ports/capacity.ts'
import type { Region } from './region.ts'
import type { TwinPool } from './twin-pools.ts'

export function twinCapacity(parts: {
  readonly region: Region
  readonly pools: readonly TwinPool[]
}): Capacity {
  const { region, pools } = parts
  return {
    async pools(stamp) {
      const nowMs = region.nowMs()
      return pools
        .filter((pool) => pool.stamp === stamp)
        .map(({ pool, scaling }) => ({
          role: pool.role,
          nodes: scaling.nodesAt(nowMs),
          readyNodes: scaling.readyAt(nowMs),
          minNodes: scaling.minimumAt(nowMs),
          maxNodes: pool.maxNodes,
        }))
    },
    async setMinimum({ stamp, role, minNodes }) {
      const found = pools.find((pool) => pool.stamp === stamp && pool.pool.role === role)
      if (!found) throw new Error(`${stamp} has no pool ${role}; nothing was changed`)
      if (!Number.isInteger(minNodes) || minNodes < 0 || minNodes > found.pool.maxNodes) {
        throw new RangeError(
          `a minimum of ${minNodes} nodes for ${stamp}/${role} is out of range; expected 0 to its maximum of ${found.pool.maxNodes}`,
        )
      }
      if (found.scaling.minimumAt(region.nowMs()) === minNodes) return
      region.do({ kind: 'minimum', stamp, role, minNodes })
    },
  }
}
