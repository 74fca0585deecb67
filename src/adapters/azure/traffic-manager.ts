import type { Endpoint, Profile } from '@azure/arm-trafficmanager'
import { partsOf, type RegionName, ReplicaId, type StampId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Route, RoutedReplica, Traffic } from '../../ports/traffic.ts'
import type { AzureMap } from './azure-map.ts'
import type { AzureStamps } from './azure-stamps.ts'
import { destinationOf, EndpointMissing, endpointTo } from './destination-endpoint.ts'
import type { ProfileClient } from './profile-client.ts'
import { assertTellsApart, isSame, replicaNamed } from './profile-names.ts'
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

/** A change takes up to a minute until all servers of the service answer by it. */
const SPREAD_MS = 60_000

/** A profile that is not as it was written: somebody else writes to it at the same time. */
export class RouteNotKept extends Error {
  override readonly name = 'RouteNotKept'
}

interface Parts {
  readonly map: Pick<AzureMap, 'routing' | 'regions'>
  readonly stamps: AzureStamps
  readonly profiles: ProfileClient
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
    const profile = await this.#parts.profiles.find(replica)
    return profile && routeOf(profile, this.#stampsOf(partsOf(replica).region))
  }

  /** The name that the replica's profile answers to in DNS. */
  async fqdn(replica: ReplicaId): Promise<string> {
    const { name, dnsConfig } = await this.#parts.profiles.read(replica)
    if (dnsConfig?.fqdn) return dnsConfig.fqdn
    throw new EndpointMissing(`profile ${name} of ${replica} has no name in DNS, so it leads nobody anywhere`)
  }

  async routes(region: RegionName): Promise<readonly RoutedReplica[]> {
    const { map, profiles } = this.#parts
    const stamps = this.#stampsOf(region)
    if (stamps.length === 0) return []
    return (await profiles.all()).flatMap((profile) => {
      const named = replicaNamed(map.routing.profile, profile.name ?? '', region)
      if (named === undefined) return []
      const own = ReplicaId.safeParse(profile.tags?.[TAGS.replica]).data
      const replica = own && isSame(own, named) ? own : named
      const { stamp } = routeOf(profile, stamps)
      const preparedFor = preparedOf(profile)?.moveKey
      return [{ replica, stamp, ...(preparedFor === undefined ? {} : { preparedFor }) }]
    })
  }

  async prepareRoute(
    change: Pick<Change, 'replica' | 'to' | 'moveKey'>,
  ): Promise<{ readonly readyInMs: number }> {
    const { replica, moveKey } = change
    return this.#inTurn(replica, async () => {
      const profile = await this.#parts.profiles.read(replica)
      await this.#endpointOf(profile, change)
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
      const profile = await this.#parts.profiles.find(replica)
      if (!profile?.tags?.[TAGS.prepared]) return
      const ttl = lowered(profile)?.beforeSeconds
      const written = { replica, tags: { [TAGS.prepared]: '' }, ...(ttl === undefined ? {} : { ttl }) }
      await this.#write(profile, written)
    })
  }

  async setRoute(change: Change): Promise<'routed' | 'stale'> {
    const { profiles } = this.#parts
    const { replica, to, moveKey, epoch } = change
    const tags = { [TAGS.replica]: replica, [TAGS.epoch]: String(epoch), [TAGS.move]: moveKey, [TAGS.to]: to }
    return this.#inTurn(replica, async () => {
      const profile = await profiles.read(replica)
      if (epochOf(profile) > epoch) return 'stale'
      const destination = await this.#endpointOf(profile, change)
      if (differences(profile, { tags, to }).length === 0) return 'routed'

      // The epoch first, so that who is late learns of it; and the destination before the others go, so that there is never none.
      if ((await this.#write(profile, { replica, tags, epoch })) === 'overtaken') return 'stale'
      if (!isSame(destination.endpointStatus, 'Enabled')) await profiles.enable(replica, destination)
      for (const endpoint of endpointsOf(profile))
        if (!isSame(endpoint.name, destination.name) && isEnabled(endpoint))
          await profiles.disable(replica, endpoint)
      return (await this.#readBack({ replica, tags, epoch, to })) === 'overtaken' ? 'stale' : 'routed'
    })
  }

  /** The endpoint that leads to the destination; for a stamp that Restamp made it is made, too. */
  async #endpointOf(profile: Profile, change: Pick<Change, 'replica' | 'to'>): Promise<Endpoint> {
    const destination = await destinationOf(this.#parts, change)
    const endpoint = endpointTo(profile, destination)
    if (endpoint) return endpoint
    const { replica, to, host } = destination
    return this.#parts.profiles.add(replica, { name: to, target: host }, profile)
  }

  async #write(profile: Profile, written: Written): Promise<'kept' | 'overtaken'> {
    await this.#parts.profiles.patch(written.replica, profile, written)
    return this.#readBack(written)
  }

  /** Whether what was written is there; a writer with a newer epoch may have come after it. */
  async #readBack(written: Written): Promise<'kept' | 'overtaken'> {
    const { replica, epoch } = written
    const profile = await this.#parts.profiles.read(replica)
    if (epoch !== undefined && epochOf(profile) > epoch) return 'overtaken'
    const differing = differences(profile, written)
    if (differing.length === 0) return 'kept'
    throw new RouteNotKept(
      `profile ${profile.name} of ${replica} does not read as it was written: ${differing.join('; ')}. Somebody else writes to it; find out who`,
    )
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
