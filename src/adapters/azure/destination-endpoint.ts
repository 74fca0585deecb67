import type { Endpoint, Profile } from '@azure/arm-trafficmanager'
import { partsOf, type ReplicaId, type StampId } from '../../domain/ids.ts'
import { StampUnknown } from '../../ports/catalog.ts'
import type { AzureMap } from './azure-map.ts'
import type { AzureStamps } from './azure-stamps.ts'
import { isSame } from './profile-names.ts'
import { endpointsOf } from './profile-route.ts'

/** A profile that can't lead to the stamp as it is: what it needs is a person's to give. */
export class EndpointMissing extends Error {
  override readonly name = 'EndpointMissing'
}

/** Where a move leads: a stamp's host, and whether the stamp is one that Restamp made, whose endpoints nobody else makes. */
export interface Destination {
  readonly replica: ReplicaId
  readonly to: StampId
  readonly host: string
  readonly isMade: boolean
}

export async function destinationOf(
  { map, stamps }: { readonly map: Pick<AzureMap, 'regions'>; readonly stamps: AzureStamps },
  { replica, to }: { readonly replica: ReplicaId; readonly to: StampId },
): Promise<Destination> {
  const { region } = partsOf(replica)
  const at = map.regions.find((each) => each.stamps.some(({ stamp }) => stamp === to))
  const stamp = at && at.name !== region ? undefined : await stamps.find(to)
  if (!stamp)
    throw new StampUnknown(`${to} is no stamp of ${region} on Azure, so ${replica} was not led there`)
  return { replica, to, host: stamp.host, isMade: at === undefined }
}

/**
 * The endpoint that leads there; undefined where it is to be made, which is so for a stamp that Restamp made. Throws
 * `EndpointMissing`, with what to do, where a profile can't lead there as it is.
 */
export function endpointTo(
  profile: Profile,
  { replica, to, host, isMade }: Destination,
): Endpoint | undefined {
  const what = `profile ${profile.name} of ${replica}`
  const doThis = `give it an external endpoint ${to} with the target ${host}, disabled, and resume`
  if (isSame(profile.profileStatus, 'Disabled'))
    throw new EndpointMissing(`${what} is disabled and leads nobody anywhere; enable it and resume`)
  const endpoint = endpointsOf(profile).find((each) => isSame(each.name, to))
  if (!endpoint) {
    if (isMade) return undefined
    throw new EndpointMissing(`${what} has no endpoint ${to}; ${doThis}`)
  }
  if (!isSame(endpoint.type?.split('/').at(-1), 'externalEndpoints'))
    throw new EndpointMissing(`endpoint ${to} of ${what} is of type ${endpoint.type}; ${doThis}`)
  if (isSame(endpoint.target, host)) return endpoint
  throw new EndpointMissing(`endpoint ${to} of ${what} leads to ${endpoint.target ?? 'nothing'}; ${doThis}`)
}
