import { fleetNow } from '../domain/fleet-now.ts'
import { partsOf, type ReplicaId, type StampId } from '../domain/ids.ts'
import { type Catalog, type RebindOutcome, ReplicaUnknown, StampUnknown } from '../ports/catalog.ts'
import type { Region } from './region.ts'
import type { TwinPool } from './twin-pools.ts'

/** The catalog did not answer: a retry may cure it. */
export class CatalogUnavailable extends Error {
  override readonly name = 'CatalogUnavailable'
}

export function twinCatalog(parts: {
  readonly region: Region
  readonly pools: readonly TwinPool[]
}): Catalog {
  const { region, pools } = parts
  return {
    async fleet() {
      const nowMs = region.nowMs()
      return fleetNow(region.fleet(), {
        homeOf: (replica) => region.binding(replica)?.homeStamp,
        scaleOf: (stamp, role) => {
          const found = pools.find((pool) => pool.stamp === stamp && pool.pool.role === role)
          if (!found) return undefined
          return { nodes: found.scaling.nodesAt(nowMs), minNodes: found.scaling.minimumAt(nowMs) }
        },
      })
    },
    binding: async (replica) => region.binding(replica),
    bindings: async () => region.bindings(),
    rebind: async (move) => rebind(region, move),
  }
}

function rebind(
  region: Region,
  move: {
    readonly replica: ReplicaId
    readonly to: StampId
    readonly expectedEpoch: number
    readonly moveKey: string
  },
): RebindOutcome {
  const { replica, to, expectedEpoch, moveKey } = move
  const before = region.binding(replica)
  if (!before) throw new ReplicaUnknown(`${replica} is no replica of this fleet; look it up with the fleet`)
  const place = partsOf(replica).region
  const stamps = region.fleet().regions.find(({ name }) => name === place)?.stamps ?? []
  if (!stamps.some((stamp) => stamp.id === to)) {
    const known = stamps.map((stamp) => stamp.id).join(', ')
    throw new StampUnknown(`${to} is no stamp of ${place}; pick one of ${known}`)
  }
  if (region.rebindFails(replica)) {
    region.do({ kind: 'rebindFailed', replica })
    throw new CatalogUnavailable(`the catalog did not take the re-bind of ${replica} to ${to}; try again`)
  }

  if (before.lastMoveKey === moveKey) return { kind: 'alreadyBound', binding: before }
  if (before.epoch !== expectedEpoch) return { kind: 'stale', binding: before }
  region.do({ kind: 'rebind', replica, to, epoch: before.epoch + 1, moveKey })
  return { kind: 'bound', binding: region.binding(replica) ?? before }
}
