import type { Endpoint, Profile } from '@azure/arm-trafficmanager'
import { z } from 'zod'
import { StampId } from '../../domain/ids.ts'
import type { Route } from '../../ports/traffic.ts'
import { isSame } from './profile-names.ts'

export const TAGS = {
  /** The replica as the catalog writes it: Azure may have its name in another letter case. */
  replica: 'restamp-replica',
  epoch: 'restamp-epoch',
  move: 'restamp-move',
  to: 'restamp-to',
  prepared: 'restamp-prepared',
} as const

/** What the service takes where a profile tells no TTL; 0 comes back where none was given. */
const TTL_SECONDS_DEFAULT = 60

/** A lowered TTL: what it was, what it is, since when, and for which move. */
const Prepared = z.object({
  beforeSeconds: z.int(),
  movingSeconds: z.int(),
  sinceMs: z.int(),
  moveKey: z.string(),
})
export type Prepared = z.infer<typeof Prepared>

/** Where a profile leads, for the stamps that its region has in the map. */
export function routeOf(profile: Profile, stamps: readonly StampId[]): Route {
  const enabled = endpointsOf(profile).filter(isEnabled)
  const leading =
    enabled.length > 1 ? enabled.find(({ name }) => !isSame(name, profile.tags?.[TAGS.to])) : enabled[0]
  return {
    stamp: stampNamed(leading?.name, stamps, profile) ?? null,
    ttlSeconds: lowered(profile)?.beforeSeconds ?? (profile.dnsConfig?.ttl || TTL_SECONDS_DEFAULT),
  }
}

/** A stamp that was made since the map was written is known by our having led the profile there. */
function stampNamed(
  name: string | undefined,
  stamps: readonly StampId[],
  { tags }: Profile,
): StampId | undefined {
  const to = StampId.safeParse(tags?.[TAGS.to]).data
  return stamps.find((stamp) => isSame(stamp, name)) ?? (to && isSame(to, name) ? to : undefined)
}

/** The epoch of the binding that the profile last followed; 0 for none of ours. */
export function epochOf({ tags }: Profile): number {
  return Number(tags?.[TAGS.epoch] ?? 0) || 0
}

/** The note of a prepared move; undefined where there is none, or none that can be read. */
export function preparedOf({ tags }: Profile): Prepared | undefined {
  try {
    return Prepared.safeParse(JSON.parse(tags?.[TAGS.prepared] || 'null')).data
  } catch {
    return undefined
  }
}

/** The note, as long as the TTL is still the one that it tells of: else somebody else has set it since. */
export function lowered(profile: Profile): Prepared | undefined {
  const prepared = preparedOf(profile)
  return prepared?.movingSeconds === profile.dnsConfig?.ttl ? prepared : undefined
}

/** A profile's endpoints; lists come as null where there are none. */
export function endpointsOf({ endpoints }: Profile): readonly Endpoint[] {
  return endpoints ?? []
}

/** One whose status the service leaves out is taken for enabled: it is what the service makes it. */
export function isEnabled({ endpointStatus }: Endpoint): boolean {
  return !isSame(endpointStatus, 'Disabled')
}

/** What in a profile is not as it was written, in words; empty where all of it is. */
export function differences(
  profile: Profile,
  wanted: { readonly tags: Readonly<Record<string, string>>; readonly to?: string; readonly ttl?: number },
): string[] {
  const { to, ttl } = wanted
  const tags = Object.entries(wanted.tags).flatMap(([name, value]) =>
    (profile.tags?.[name] ?? '') === value
      ? []
      : [`tag ${name} is ${profile.tags?.[name] ?? 'gone'}, not ${value}`],
  )
  const statuses = endpointsOf(profile).flatMap((endpoint) => {
    if (to === undefined || isEnabled(endpoint) === isSame(endpoint.name, to)) return []
    return [`endpoint ${endpoint.name} is ${isEnabled(endpoint) ? 'enabled' : 'disabled'}`]
  })
  const isThere = to === undefined || endpointsOf(profile).some(({ name }) => isSame(name, to))
  const found = profile.dnsConfig?.ttl ?? undefined
  return [
    ...tags,
    ...(isThere ? [] : [`endpoint ${to} is gone`]),
    ...statuses,
    ...(ttl === undefined || found === ttl ? [] : [`the TTL is ${found} s, not ${ttl} s`]),
  ]
}
