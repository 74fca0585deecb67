import { partsOf } from '../../domain/ids.ts'
import { type FoundProfile, placeOfId } from './discovery.ts'
import type { Tell } from './first-map.ts'
import type { FirstStamp } from './first-stamps.ts'
import { isSame, replicaNamed } from './profile-names.ts'
import { toFillIn } from './to-fill-in.ts'

const NAMES_SHOWN_MAX = 3

/** Patterns by which a replica is known; see `AzureRouting`. */
export interface FirstRouting {
  readonly profile?: string | undefined
  readonly endpoint?: string | undefined
  /** Name of the tag of a profile that says whose registry it is. */
  readonly customerTag: string
}

/** The group of the profiles that the pattern names, which has to be one. */
export function firstRouting(
  profiles: readonly FoundProfile[],
  { profile, endpoint }: FirstRouting,
  regions: readonly string[],
  tell: Tell,
): object {
  const own = profile
    ? profiles.filter(({ name }) => regions.some((at) => replicaNamed(profile, name, at)))
    : []
  const [place, ...more] = placesOf(own.length > 0 ? own : profiles)
  if (!profile || own.length === 0) {
    const names = profiles.slice(0, NAMES_SHOWN_MAX).map(({ name }) => name)
    const like = names.length > 0 ? `, such as ${names.join(', ')}` : ''
    tell(
      'routing',
      `${profiles.length} profiles${like}; ${profile ? `none named ${profile}` : 'which are replicas is not known'}`,
      "give --profile, such as 'tm-{registry}.{region}'",
    )
  }
  if (more.length > 0)
    tell('routing', `profiles in ${more.length + 1} groups`, 'move all to one group, or correct --profile')
  if (!endpoint)
    tell('routing', 'no host name of replicas', "give --endpoint, such as '{registry}.registry.example.com'")
  return {
    ...(place && more.length === 0
      ? place
      : {
          subscriptionId: toFillIn("subscription of the profiles' group"),
          resourceGroup: toFillIn('group of the profiles'),
        }),
    profile: profile ?? toFillIn("pattern of the profiles' names"),
    endpoint: endpoint ?? toFillIn('pattern of the host names of replicas'),
  }
}

function placesOf(profiles: readonly FoundProfile[]) {
  const places = profiles.map(({ id }) => placeOfId(id))
  return places.filter(
    ({ subscriptionId, resourceGroup }, at) =>
      places.findIndex(
        (other) => isSame(other.subscriptionId, subscriptionId) && isSame(other.resourceGroup, resourceGroup),
      ) === at,
  )
}

interface RegionStamps {
  readonly name: string
  readonly here: readonly FirstStamp[]
}

/** A registry for all profiles of its name; its home in a region is the stamp that alone is enabled there. */
export function firstRegistries(
  profiles: readonly FoundProfile[],
  { profile: pattern, customerTag }: FirstRouting,
  regions: readonly RegionStamps[],
  tell: Tell,
): object[] {
  if (!pattern) return []
  const replicas = profiles.flatMap((profile) =>
    regions.flatMap((region) => {
      const replica = replicaNamed(pattern, profile.name, region.name)
      return replica ? [{ profile, region, registry: partsOf(replica).registry }] : []
    }),
  )
  const byRegistry = Map.groupBy(replicas, ({ registry }) => registry)
  const homeless: string[] = []
  const ownerless: string[] = []
  const registries = [...byRegistry]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => {
      const customer = own.map(({ profile }) => profile.tags[customerTag]).find((tag) => tag)
      if (!customer) ownerless.push(name)
      const homes = own.map(({ profile, region }) => {
        const homeStamp = homeOf(profile, region)
        if (!homeStamp) homeless.push(profile.name)
        return { region: region.name, homeStamp: homeStamp ?? toFillIn('the stamp that serves it now') }
      })
      return { name, customer: customer ?? toFillIn('whose it is'), replicas: homes }
    })
  tellNames('home stamps', homeless, 'enable the endpoint of the stamp that serves it, and no other', tell)
  tellNames('customers', ownerless, `tag their profiles ${customerTag}, or fill them in in the fleet`, tell)
  return registries
}

function homeOf({ endpoints }: FoundProfile, { here }: RegionStamps): string | undefined {
  const enabled = endpoints.filter(({ properties }) => isSame(properties?.endpointStatus, 'Enabled'))
  const [only, ...more] = enabled
  return more.length > 0 ? undefined : here.find(({ stamp }) => isSame(stamp, only?.name))?.stamp
}

function tellNames(about: string, names: readonly string[], todo: string, tell: Tell): void {
  if (names.length === 0) return
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(', ')
  tell(about, `not known for ${names.length}, such as ${shown}`, todo)
}
