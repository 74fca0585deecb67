import type { Endpoint, Profile, TrafficManagerManagementClient } from '@azure/arm-trafficmanager'
import { partsOf, type RegionName, ReplicaId, type StampId } from '../../domain/ids.ts'
import { ReplicaUnknown, StampUnknown } from '../../ports/catalog.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Route, RoutedReplica, Traffic } from '../../ports/traffic.ts'
import { asking, isNotFound } from './azure-fault.ts'
import type { AzureMap } from './azure-map.ts'
import { assertTellsApart, filled, isSame, replicaNamed } from './profile-names.ts'
import {
  differences,
  endpointsOf,
  epochOf,
  isEnabled,
  lowered,
  type Prepared,
  preparedOf,
  routeOf,
  TAGS,
} from './profile-route.ts'

const ROLE = 'Traffic Manager Contributor'
/** A change takes up to a minute until all servers of the service answer by it. */
const SPREAD_MS = 60_000

/** A profile that is not as it was written: somebody else writes to it at the same time. */
export class RouteNotKept extends Error {
  override readonly name = 'RouteNotKept'
}

/** A profile without an endpoint that leads to the stamp. */
export class EndpointMissing extends Error {
  override readonly name = 'EndpointMissing'
}

interface Parts {
  readonly map: Pick<AzureMap, 'routing' | 'regions'>
  readonly client: Pick<TrafficManagerManagementClient, 'profiles' | 'endpoints'>
  readonly clock: Clock
}

type Change = Parameters<Traffic['setRoute']>[0]
type Routes = Pick<Traffic, 'route' | 'routes' | 'prepareRoute' | 'settleRoute' | 'setRoute'>

/**
 * Routes by Traffic Manager: a profile leads to its enabled endpoint. Profiles have no ETag: writers of one process take turns, those
 * of others are kept apart by leases, and each write is read back. Epoch, move and lowered TTL are tags.
 */
export class TrafficManagerRoutes implements Routes {
  readonly #parts: Parts
  readonly #turns = new Map<ReplicaId, Promise<unknown>>()

  constructor(parts: Parts) {
    const { routing, regions } = parts.map
    const names = regions.map(({ name }) => name)
    assertTellsApart(routing.profile, names)
    this.#parts = parts
  }

  async route(replica: ReplicaId): Promise<Route | undefined> {
    const profile = await this.#find(replica)
    return profile && routeOf(profile, this.#stampsOf(partsOf(replica).region))
  }

  /** The name that the replica's profile answers to in DNS. */
  async fqdn(replica: ReplicaId): Promise<string> {
    const { name, dnsConfig } = await this.#read(replica)
    if (dnsConfig?.fqdn) return dnsConfig.fqdn
    throw new EndpointMissing(`profile ${name} of ${replica} has no name in DNS, so it leads nobody anywhere`)
  }

  async routes(region: RegionName): Promise<readonly RoutedReplica[]> {
    const { map, client } = this.#parts
    const stamps = this.#stampsOf(region)
    const found: RoutedReplica[] = []
    if (stamps.length === 0) return found
    const { resourceGroup, profile: pattern } = map.routing
    await asking({ of: `profiles in ${resourceGroup}`, role: ROLE }, async () => {
      for await (const profile of client.profiles.listByResourceGroup(resourceGroup)) {
        const replica = replicaNamed(pattern, profile.name ?? '', region)
        if (replica === undefined) continue
        const { stamp } = routeOf(profile, stamps)
        const preparedFor = preparedOf(profile)?.moveKey
        const own = ReplicaId.safeParse(profile.tags?.[TAGS.replica]).data
        const id = isSame(own, replica) && own ? own : replica
        found.push({ replica: id, stamp, ...(preparedFor === undefined ? {} : { preparedFor }) })
      }
    })
    return found
  }

  async prepareRoute(
    change: Pick<Change, 'replica' | 'to' | 'moveKey'>,
  ): Promise<{ readonly readyInMs: number }> {
    const { replica, moveKey } = change
    return this.#inTurn(replica, async () => {
      const profile = await this.#read(replica)
      this.#destination(profile, change)
      const nowMs = this.#parts.clock.nowMs()
      const movingSeconds = this.#parts.map.routing.movingTtlSeconds
      const beforeSeconds = profile.dnsConfig?.ttl || 0
      const before = lowered(profile)
      if (!before && beforeSeconds <= movingSeconds) return { readyInMs: 0 }
      const prepared = { ...(before ?? { beforeSeconds, movingSeconds, sinceMs: nowMs }), moveKey }
      const tags = { [TAGS.replica]: replica, [TAGS.prepared]: JSON.stringify(prepared) }
      if (before?.moveKey !== moveKey)
        await this.#write(profile, { replica, tags, ttl: prepared.movingSeconds })
      return { readyInMs: Math.max(0, inForceMs(prepared) - nowMs) }
    })
  }

  async settleRoute(replica: ReplicaId): Promise<void> {
    await this.#inTurn(replica, async () => {
      const profile = await this.#find(replica)
      if (!profile?.tags?.[TAGS.prepared]) return
      const ttl = lowered(profile)?.beforeSeconds
      await this.#write(profile, {
        replica,
        tags: { [TAGS.prepared]: '' },
        ...(ttl === undefined ? {} : { ttl }),
      })
    })
  }

  async setRoute(change: Change): Promise<'routed' | 'stale'> {
    const { replica, to, moveKey, epoch } = change
    const tags = { [TAGS.replica]: replica, [TAGS.epoch]: String(epoch), [TAGS.move]: moveKey, [TAGS.to]: to }
    return this.#inTurn(replica, async () => {
      const profile = await this.#read(replica)
      if (epochOf(profile) > epoch) return 'stale'
      const destination = this.#destination(profile, change)
      if (differences(profile, { tags, to }).length === 0) return 'routed'

      // The epoch first, so that who is late learns of it; and the destination before the others go, so that there is never none.
      if ((await this.#write(profile, { replica, tags, epoch })) === 'overtaken') return 'stale'
      if (!isSame(destination.endpointStatus, 'Enabled')) await this.#switch(replica, destination, 'Enabled')
      for (const endpoint of endpointsOf(profile))
        if (endpoint.name !== destination.name && isEnabled(endpoint))
          await this.#switch(replica, endpoint, 'Disabled')
      return (await this.#readBack({ replica, tags, epoch, to })) === 'overtaken' ? 'stale' : 'routed'
    })
  }

  /** Writes tags, and the TTL where there is one to write; all else in the profile stays as it is. */
  async #write(profile: Profile, written: Written): Promise<'kept' | 'overtaken'> {
    const { replica, tags, ttl } = written
    const { map, client } = this.#parts
    const { relativeName } = profile.dnsConfig ?? {}
    const dnsConfig = { ...(relativeName ? { relativeName } : {}), ...(ttl === undefined ? {} : { ttl }) }
    await asking(this.#asked(replica), () =>
      client.profiles.update(map.routing.resourceGroup, this.#nameOf(replica), {
        tags: { ...profile.tags, ...tags },
        ...(ttl === undefined ? {} : { dnsConfig }),
      }),
    )
    return this.#readBack(written)
  }

  async #switch(
    replica: ReplicaId,
    { name = '' }: Endpoint,
    endpointStatus: 'Enabled' | 'Disabled',
  ): Promise<void> {
    const { map, client } = this.#parts
    await asking(this.#asked(replica), () =>
      client.endpoints.update(map.routing.resourceGroup, this.#nameOf(replica), 'ExternalEndpoints', name, {
        endpointStatus,
      }),
    )
  }

  /** Whether what was written is there; a writer with a newer epoch may have come after it. */
  async #readBack(written: Written): Promise<'kept' | 'overtaken'> {
    const { replica, epoch } = written
    const profile = await this.#read(replica)
    if (epoch !== undefined && epochOf(profile) > epoch) return 'overtaken'
    const differing = differences(profile, written)
    if (differing.length === 0) return 'kept'
    throw new RouteNotKept(
      `${this.#nameOf(replica)} of ${replica} does not read as it was written: ${differing.join('; ')}. Somebody else writes to it; find out who`,
    )
  }

  /** The endpoint that leads to a stamp. */
  #destination(profile: Profile, { replica, to }: Pick<Change, 'replica' | 'to'>): Endpoint {
    const { region: name } = partsOf(replica)
    const region = this.#parts.map.regions.find((each) => each.name === name)
    const stamp = region?.stamps.find((each) => each.stamp === to)
    if (!stamp)
      throw new StampUnknown(`${to} is no stamp of ${name} in the mapping, so ${replica} was not led there`)
    if (isSame(profile.profileStatus, 'Disabled'))
      throw new EndpointMissing(
        `profile ${profile.name} of ${replica} is disabled and leads nobody anywhere; enable it`,
      )
    const endpoint = endpointsOf(profile).find((each) => isSame(each.name, to))
    const what = `profile ${profile.name} of ${replica}`
    const doThis = `give it an external endpoint ${to} with the target ${stamp.host}, disabled, and resume`
    if (!endpoint) throw new EndpointMissing(`${what} has no endpoint ${to}; ${doThis}`)
    if (!isSame(endpoint.type?.split('/').at(-1), 'externalEndpoints'))
      throw new EndpointMissing(`endpoint ${to} of ${what} is of type ${endpoint.type}; ${doThis}`)
    if (!isSame(endpoint.target, stamp.host))
      throw new EndpointMissing(
        `endpoint ${to} of ${what} leads to ${endpoint.target ?? 'nothing'}; ${doThis}`,
      )
    return endpoint
  }

  async #read(replica: ReplicaId): Promise<Profile> {
    const profile = await this.#find(replica)
    if (profile) return profile
    const { resourceGroup } = this.#parts.map.routing
    throw new ReplicaUnknown(
      `${replica} has no Traffic Manager profile ${this.#nameOf(replica)} in ${resourceGroup}, so it is not routed by Restamp; make one with an endpoint for each stamp`,
    )
  }

  async #find(replica: ReplicaId): Promise<Profile | undefined> {
    const { map, client } = this.#parts
    return asking(this.#asked(replica), async () => {
      try {
        return await client.profiles.get(map.routing.resourceGroup, this.#nameOf(replica))
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    })
  }

  #nameOf(replica: ReplicaId): string {
    return filled(this.#parts.map.routing.profile, replica)
  }

  #asked(replica: ReplicaId) {
    return { of: `profile ${this.#nameOf(replica)}`, role: ROLE }
  }

  #stampsOf(region: RegionName): readonly StampId[] {
    const { regions } = this.#parts.map
    return regions
      .filter(({ name }) => name === region)
      .flatMap(({ stamps }) => stamps.map(({ stamp }) => stamp))
  }

  async #inTurn<T>(replica: ReplicaId, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(replica) ?? Promise.resolve()).then(work, work)
    this.#turns.set(replica, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(replica) === turn) this.#turns.delete(replica)
    }
  }
}

interface Written {
  readonly replica: ReplicaId
  readonly tags: Readonly<Record<string, string>>
  readonly ttl?: number
  readonly epoch?: number
  readonly to?: string
}

/** From when on nobody goes by the TTL from before. */
function inForceMs({ sinceMs, beforeSeconds }: Prepared): number {
  return sinceMs + beforeSeconds * 1000 + SPREAD_MS
}
