import type { Fleet, Pool, Region, Stamp } from './fleet.ts'
import type { PoolCpu, RegionLoad } from './series.ts'

/** All that scan and planner know of one region. Nothing at or after `nowMs` is looked at. */
export interface RegionData {
  readonly fleet: Fleet
  readonly region: string
  readonly cpu: readonly PoolCpu[]
  readonly load: RegionLoad
  readonly nowMs: number
  /** Judges in bins of this length; without it the bin comes from the data's own interval. */
  readonly binMs?: number
}

/** A replica of the region, with its customer. */
export interface Tenant {
  readonly registry: string
  readonly customer: string
  readonly homeStamp: string
  readonly pinned: boolean
  readonly routing: 'dns' | 'privateLink' | 'both'
}

/** Orders by id as canonical JSON orders its keys, so that equal fleets give equal plans. */
export function byId(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The region by its name; throws RangeError where the fleet has none of it. */
export function regionOf({ fleet, region }: Pick<RegionData, 'fleet' | 'region'>): Region {
  const found = fleet.regions.find(({ name }) => name === region)
  if (found) return found
  const names = fleet.regions.map(({ name }) => name).join(', ')
  throw new RangeError(`${region} is no region of this fleet; pick one of ${names || '(it has none)'}`)
}

/** The region's replicas, ordered by registry. */
export function tenantsOf({ fleet, region }: Pick<RegionData, 'fleet' | 'region'>): Tenant[] {
  return fleet.registries
    .flatMap(({ name, customer, replicas }) =>
      replicas
        .filter((replica) => replica.region === region)
        .map(({ homeStamp, pinned, routing }) => ({ registry: name, customer, homeStamp, pinned, routing })),
    )
    .toSorted((a, b) => byId(a.registry, b.registry))
}

/** The CPU samples of one pool; a file may leave out the stamp or the role where the region has but one. */
export function cpuOf(data: RegionData, region: Region, stamp: Stamp, pool: Pool): PoolCpu | undefined {
  const matches = data.cpu.filter(
    (cpu) =>
      (cpu.region === null || cpu.region === data.region) &&
      (cpu.stamp === stamp.id || (cpu.stamp === null && region.stamps.length === 1)) &&
      (cpu.role === pool.role || (cpu.role === null && stamp.pools.length === 1)),
  )
  const named = (cpu: PoolCpu) => [cpu.region, cpu.stamp, cpu.role].filter((name) => name !== null).length
  return matches.toSorted((a, b) => named(b) - named(a))[0]
}
