import type { Endpoint, Profile, TrafficManagerManagementClient } from '@azure/arm-trafficmanager'
import type { ReplicaId } from '../../domain/ids.ts'
import { ReplicaUnknown } from '../../ports/catalog.ts'
import { asking, isNotFound } from './azure-fault.ts'
import type { AzureRouting } from './azure-map.ts'
import { filled } from './profile-names.ts'

const ROLE = 'Restamp router (infra/stamps), or Traffic Manager Contributor,'
const TYPE = 'ExternalEndpoints'

/** The profiles of replicas in one resource group; what goes wrong has a name that says whether a retry may cure it. */
export class ProfileClient {
  readonly #routing: AzureRouting
  readonly #client: Pick<TrafficManagerManagementClient, 'profiles' | 'endpoints'>

  constructor(routing: AzureRouting, client: Pick<TrafficManagerManagementClient, 'profiles' | 'endpoints'>) {
    this.#routing = routing
    this.#client = client
  }

  nameOf(replica: ReplicaId): string {
    return filled(this.#routing.profile, replica)
  }

  async all(): Promise<readonly Profile[]> {
    const { resourceGroup } = this.#routing
    return asking({ of: `profiles in ${resourceGroup}`, role: ROLE }, async () => {
      const found: Profile[] = []
      for await (const profile of this.#client.profiles.listByResourceGroup(resourceGroup))
        found.push(profile)
      return found
    })
  }

  async find(replica: ReplicaId): Promise<Profile | undefined> {
    return this.#asking(replica, async (group, name) => {
      try {
        return await this.#client.profiles.get(group, name)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    })
  }

  async read(replica: ReplicaId): Promise<Profile> {
    const profile = await this.find(replica)
    if (profile) return profile
    throw new ReplicaUnknown(
      `${replica} has no Traffic Manager profile ${this.nameOf(replica)} in ${this.#routing.resourceGroup}, so it is not routed by Restamp; make one with an endpoint for each stamp`,
    )
  }

  /** Writes tags, and the TTL where there is one to write; all else in the profile stays as it is. */
  async patch(
    replica: ReplicaId,
    before: Profile,
    { tags, ttl }: { readonly tags: Readonly<Record<string, string>>; readonly ttl?: number },
  ): Promise<void> {
    const { relativeName } = before.dnsConfig ?? {}
    const dnsConfig = { ...(relativeName ? { relativeName } : {}), ...(ttl === undefined ? {} : { ttl }) }
    const change = { tags: { ...before.tags, ...tags }, ...(ttl === undefined ? {} : { dnsConfig }) }
    await this.#asking(replica, (group, name) => this.#client.profiles.update(group, name, change))
  }

  async enable(replica: ReplicaId, endpoint: Endpoint): Promise<void> {
    await this.#switch(replica, endpoint, 'Enabled')
  }

  async disable(replica: ReplicaId, endpoint: Endpoint): Promise<void> {
    await this.#switch(replica, endpoint, 'Disabled')
  }

  /** Makes an endpoint that leads nobody anywhere yet; where others tell a location, it has that of one of them. */
  async add(
    replica: ReplicaId,
    endpoint: { readonly name: string; readonly target: string },
    beside: Profile,
  ) {
    const { name, target } = endpoint
    const located = beside.endpoints?.find(({ endpointLocation }) => endpointLocation)?.endpointLocation
    const made = { target, endpointStatus: 'Disabled', ...(located ? { endpointLocation: located } : {}) }
    return this.#asking(replica, (group, profile) =>
      this.#client.endpoints.createOrUpdate(group, profile, TYPE, name, made),
    )
  }

  async #switch(replica: ReplicaId, { name = '', type }: Endpoint, endpointStatus: string): Promise<void> {
    await this.#asking(replica, (group, profile) =>
      this.#client.endpoints.update(group, profile, typeOf(type), name, { endpointStatus }),
    )
  }

  #asking<T>(replica: ReplicaId, call: (group: string, name: string) => Promise<T>): Promise<T> {
    const name = this.nameOf(replica)
    return asking({ of: `profile ${name}`, role: ROLE }, () => call(this.#routing.resourceGroup, name))
  }
}

/** Endpoints of other types are somebody else's; they are only ever disabled. */
function typeOf(type: string | undefined) {
  const last = type?.split('/').at(-1)?.toLowerCase()
  if (last === 'azureendpoints') return 'AzureEndpoints'
  return last === 'nestedendpoints' ? 'NestedEndpoints' : TYPE
}
