import { type PipelineRequest, RestError } from '@azure/core-rest-pipeline'
import { ReplicaId, StampId } from '../../../src/domain/ids.ts'
import type { WireAnswer } from './azure-client.ts'

const SUBSCRIPTION = '0d5c6c1e-6a3c-4a3c-9d5e-0a4f6a9b7c11'
const GROUP = 'rg-Routing'
const PROFILES = /\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/trafficmanagerprofiles(.*)$/i

export interface ServedEndpoint {
  readonly name: string
  type: string
  target: string
  /** Null where the service tells none. */
  endpointStatus: string | null
  location?: string | null
}

export interface ServedProfile {
  readonly name: string
  profileStatus: string
  ttl: number | null
  tags: Record<string, string> | undefined
  endpoints: ServedEndpoint[]
}

/** What comes of a request instead of its answer: another answer, or none although it was done. */
export type Disturbance = WireAnswer | 'lost after the write' | undefined

export interface RoutedChange {
  readonly replica: ReplicaId
  readonly to: StampId
  readonly moveKey: string
  readonly epoch: number
}

/**
 * Traffic Manager as ARM shows it: names alike in any letter case, a group in lower case in the ids, slashes escaped, what is not
 * known null, no ETag. A PATCH changes what it names; tags as a whole. `onRouted` hears when a profile leads to another endpoint.
 */
export function trafficManagerServer(given: {
  readonly onRouted?: (change: RoutedChange) => Promise<unknown>
}) {
  const profiles = new Map<string, ServedProfile>()
  const led = new Map<string, string>()
  const requests: { method: string; path: string; body: unknown }[] = []
  const disturbing: { next: (request: { method: string; path: string }) => Disturbance } = {
    next: () => undefined,
  }

  async function tell(profile: ServedProfile): Promise<void> {
    const [leading, ...more] = profile.endpoints.filter(({ endpointStatus }) => endpointStatus === 'Enabled')
    if (!leading || more.length > 0 || led.get(profile.name) === leading.name) return
    led.set(profile.name, leading.name)
    const { tags = {} } = profile
    if (!tags['restamp-replica']) return
    await given.onRouted?.({
      replica: ReplicaId.parse(tags['restamp-replica']),
      to: StampId.parse(leading.name),
      moveKey: tags['restamp-move'] ?? '',
      epoch: Number(tags['restamp-epoch']),
    })
  }

  async function served(method: string, rest: string, body: PatchBody): Promise<WireAnswer> {
    const [, name, type, endpointName] = rest.split('/')
    if (!name) return ok({ value: [...profiles.values()].map(profileBody) })
    const profile = profiles.get(decodeURIComponent(name).toLowerCase())
    if (!profile) return notFound(`trafficManagerProfiles/${name}`)
    if (!type) {
      if (method === 'PATCH') patchProfile(profile, body)
      return ok(profileBody(profile))
    }
    const wanted = decodeURIComponent(endpointName ?? '').toLowerCase()
    const endpoint = profile.endpoints.find(
      (each) => each.name.toLowerCase() === wanted && each.type.toLowerCase() === type.toLowerCase(),
    )
    if (!endpoint && method === 'PUT')
      return put(profile, { name: decodeURIComponent(endpointName ?? ''), type }, body)
    if (!endpoint) return notFound(`${type}/${endpointName}`)
    if (method === 'PATCH' || method === 'PUT') {
      const { endpointStatus } = body.properties ?? {}
      if (endpointStatus !== undefined) endpoint.endpointStatus = endpointStatus
      await tell(profile)
    }
    return ok(endpointBody(profile, endpoint))
  }

  return {
    requests,
    profiles,
    /** Decides about each request to come; null for none to disturb. */
    disturb(next: typeof disturbing.next | null): void {
      disturbing.next = next ?? (() => undefined)
    },
    add(
      profile: Pick<ServedProfile, 'name' | 'ttl'> & {
        stamps: Readonly<Record<string, string>>
        leadsTo: string
      },
    ) {
      const { name, ttl, stamps, leadsTo } = profile
      const endpoints = Object.entries(stamps).map(([stamp, target]) => ({
        ...{ name: stamp, type: 'externalEndpoints', target },
        endpointStatus: stamp === leadsTo ? 'Enabled' : 'Disabled',
      }))
      profiles.set(name.toLowerCase(), { name, ttl, endpoints, tags: undefined, profileStatus: 'Enabled' })
      led.set(name, leadsTo)
    },
    profile(name: string): ServedProfile {
      const found = profiles.get(name.toLowerCase())
      if (!found) throw new Error(`the server has no profile ${name}`)
      return found
    },
    async answer(request: PipelineRequest): Promise<WireAnswer> {
      const path = new URL(request.url).pathname
      const { method } = request
      const body = typeof request.body === 'string' ? JSON.parse(request.body) : undefined
      requests.push({ method, path, body })
      const [, , rest] = PROFILES.exec(path) ?? []
      if (rest === undefined) return notFound(path)
      const disturbance = disturbing.next({ method, path })
      if (typeof disturbance === 'object') return disturbance
      const answer = await served(method, rest, body ?? {})
      if (disturbance) throw new RestError('socket hang up', { code: 'ECONNRESET', request })
      return answer
    },
  }
}

interface PatchBody {
  readonly tags?: Record<string, string>
  readonly properties?: {
    readonly target?: string
    readonly endpointStatus?: string
    readonly endpointLocation?: string
    readonly dnsConfig?: { readonly ttl?: number }
  }
}

function patchProfile(profile: ServedProfile, { tags, properties }: PatchBody): void {
  if (tags) profile.tags = tags
  if (properties?.dnsConfig?.ttl !== undefined) profile.ttl = properties.dnsConfig.ttl
}

function put(
  profile: ServedProfile,
  { name, type }: { readonly name: string; readonly type: string },
  { properties = {} }: PatchBody,
): WireAnswer {
  const { target = '', endpointStatus = 'Enabled', endpointLocation: location = null } = properties
  const kind = type.replace(/^./, (letter) => letter.toLowerCase())
  const endpoint = { name, type: kind, target, endpointStatus, location }
  profile.endpoints.push(endpoint)
  return { ...ok(endpointBody(profile, endpoint)), status: 201 }
}

function ok(body: object): WireAnswer {
  return {
    status: 200,
    text: JSON.stringify(body).replaceAll('/', '\\/'),
    headers: { 'x-ms-ratelimit-remaining-subscription-resource-requests': '10797' },
  }
}

function notFound(what: string): WireAnswer {
  const error = { code: 'ResourceNotFound', message: `The Resource '${what}' was not found.` }
  return { status: 404, body: { error } }
}

function idOf({ name }: ServedProfile): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP.toLowerCase()}/providers/Microsoft.Network/trafficManagerProfiles/${name}`
}

function profileBody(profile: ServedProfile): object {
  const { name, tags, profileStatus, ttl, endpoints } = profile
  const relativeName = name.toLowerCase()
  return {
    ...{ id: idOf(profile), name, type: 'Microsoft.Network/trafficManagerProfiles', location: 'global' },
    tags: tags ?? {},
    properties: {
      profileStatus,
      trafficRoutingMethod: 'Weighted',
      dnsConfig: { relativeName, fqdn: `${relativeName}.trafficmanager.net`, ttl },
      monitorConfig: {
        ...{ profileMonitorStatus: 'CheckingEndpoints', protocol: 'HTTPS', port: 443, path: '/health' },
        ...{ intervalInSeconds: 30, toleratedNumberOfFailures: 3, timeoutInSeconds: 10 },
      },
      endpoints: endpoints.length === 0 ? null : endpoints.map((endpoint) => endpointBody(profile, endpoint)),
      trafficViewEnrollmentStatus: 'Disabled',
      maxReturn: null,
    },
  }
}

function endpointBody(profile: ServedProfile, endpoint: ServedEndpoint): object {
  const { name, type, target, endpointStatus, location = null } = endpoint
  return {
    ...{ id: `${idOf(profile)}/${type}/${name}`, name },
    type: `Microsoft.Network/trafficManagerProfiles/${type}`,
    properties: {
      endpointStatus,
      endpointMonitorStatus: endpointStatus === 'Disabled' ? 'Disabled' : 'CheckingEndpoint',
      ...{ targetResourceId: null, target, weight: 1, priority: profile.endpoints.indexOf(endpoint) + 1 },
      ...{
        endpointLocation: location,
        minChildEndpoints: null,
        minChildEndpointsIPv4: null,
        minChildEndpointsIPv6: null,
      },
    },
  }
}
