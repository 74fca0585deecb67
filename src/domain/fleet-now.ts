import type { Fleet } from './fleet.ts'
import { type ReplicaId, replicaId, type StampId } from './ids.ts'

/** The fleet with its homes as bound and its pools as scaled now. */
export function fleetNow(
  fleet: Fleet,
  now: {
    readonly homeOf: (replica: ReplicaId) => StampId | undefined
    readonly scaleOf: (
      stamp: string,
      role: string,
    ) => { readonly nodes: number; readonly minNodes: number } | undefined
  },
): Fleet {
  return {
    regions: fleet.regions.map((region) => ({
      ...region,
      stamps: region.stamps.map((stamp) => ({
        ...stamp,
        pools: stamp.pools.map((pool) => ({ ...pool, ...now.scaleOf(stamp.id, pool.role) })),
      })),
    })),
    registries: fleet.registries.map((registry) => ({
      ...registry,
      replicas: registry.replicas.map((replica) => ({
        ...replica,
        homeStamp: now.homeOf(replicaId(registry.name, replica.region)) ?? replica.homeStamp,
      })),
    })),
  }
}
