import type { StampId } from '../domain/ids.ts'
import type { Capacity } from '../ports/capacity.ts'
import { stateOf } from './made-stamps.ts'
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
      const made = region.made(stamp)
      if (made && !['ready', 'active'].includes(stateOf(made, nowMs).kind)) return []
      return pools
        .filter((pool) => pool.stamp === stamp)
        .map(({ pool, scaling }) => ({
          role: pool.role,
          nodes: scaling.nodesAt(nowMs),
          readyNodes: scaling.readyAt(nowMs),
          minNodes: scaling.minimumAt(nowMs),
          maxNodes: pool.maxNodes,
          ...lastChange(region, stamp, pool.role),
        }))
    },
    async setMinimum(change) {
      const found = poolFor(pools, change)
      if (found.scaling.minimumAt(region.nowMs()) === change.minNodes) return
      const { stamp, role, minNodes } = change
      region.do({ kind: 'minimum', stamp, role, minNodes })
    },
    async changeMinimum({ expectedEpoch, ...change }) {
      poolFor(pools, change)
      const { epoch, lastChangeKey } = lastChange(region, change.stamp, change.role)
      if (lastChangeKey === change.changeKey) return { kind: 'alreadyChanged' }
      if (epoch !== expectedEpoch) return { kind: 'stale' }
      region.do({ kind: 'minimum', ...change })
      return { kind: 'changed' }
    },
  }
}

function lastChange(region: Region, stamp: string, role: string) {
  const changes = region.minimums.filter((change) => change.stamp === stamp && change.role === role)
  return { epoch: changes.length + 1, lastChangeKey: changes.at(-1)?.changeKey ?? null }
}

/** The pool whose minimum is to change; throws where there is none, or where it can't be so. */
function poolFor(
  pools: readonly TwinPool[],
  change: { readonly stamp: StampId; readonly role: string; readonly minNodes: number },
): TwinPool {
  const { stamp, role, minNodes } = change
  const found = pools.find((pool) => pool.stamp === stamp && pool.pool.role === role)
  if (!found) throw new Error(`${stamp} has no pool ${role}; nothing was changed`)
  if (!Number.isInteger(minNodes) || minNodes < 0 || minNodes > found.pool.maxNodes) {
    throw new RangeError(
      `a minimum of ${minNodes} nodes for ${stamp}/${role} is out of range; expected 0 to its maximum of ${found.pool.maxNodes}`,
    )
  }
  return found
}
