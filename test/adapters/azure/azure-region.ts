import { AzureMap } from '../../../src/adapters/azure/azure-map.ts'
import { type AzureStamps, stampIn } from '../../../src/adapters/azure/azure-stamps.ts'
import { createAzureTraffic } from '../../../src/adapters/azure/azure-traffic.ts'
import type { PullThrough } from '../../../src/adapters/azure/registry-pull.ts'
import { partsOf, type ReplicaId, replicaId, StampId } from '../../../src/domain/ids.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Traffic } from '../../../src/ports/traffic.ts'
import { anyCredential, wire } from './azure-client.ts'
import { RESIDUE_QUERY, residueServer } from './residue-server.ts'
import { trafficManagerServer } from './traffic-manager-server.ts'

export const TTL_SECONDS = 60

export function hostOf(stamp: string): string {
  return `${stamp.toLowerCase()}.stamps.example`
}

export function profileOf(replica: ReplicaId): string {
  const { registry, region } = partsOf(replica)
  return `tm-${registry}.${region}`
}

/** A mapping of one region with these stamps. */
export function anAzureMap(region: string, stamps: readonly string[]): AzureMap {
  const subscriptionId = '0d5c6c1e-6a3c-4a3c-9d5e-0a4f6a9b7c11'
  return AzureMap.parse({
    regions: [
      {
        ...{ name: region, location: 'westeurope', provisioning: null },
        logs: { workspaceId: subscriptionId, loadQuery: 'RestampLoad', residueQuery: RESIDUE_QUERY },
        stamps: stamps.map((stamp) => ({
          ...{ stamp, subscriptionId, resourceGroup: `rg-${stamp}`, host: hostOf(stamp) },
          pools: [{ role: 'registry', scaleSet: `vmss-${stamp}`, autoscaleSetting: `scale-${stamp}` }],
        })),
      },
    ],
    routing: {
      ...{ subscriptionId, resourceGroup: 'rg-Routing' },
      ...{ profile: 'tm-{registry}.{region}', endpoint: '{registry}.registry.example' },
    },
  })
}

export function stampsOf(map: AzureMap, made?: string): AzureStamps {
  return {
    find: async (stamp) => {
      const [like] = map.regions[0]?.stamps ?? []
      return stamp === made && like
        ? { ...like, stamp, host: hostOf(stamp), location: 'westeurope' }
        : stampIn(map, stamp)
    },
  }
}

/**
 * `AzureTraffic` over doubles of Traffic Manager, Log Analytics, DNS and the stamps' front ends, all of which a simulated region
 * stands behind: a profile that is switched leads its clients.
 */
export function azureTrafficOver(given: {
  readonly region: string
  readonly stamps: readonly string[]
  readonly behind: Pick<Traffic, 'setRoute' | 'residue' | 'pull'>
  readonly clock: Clock
  readonly lateMs?: number
  /** A stamp that Restamp has made since the map was written. */
  readonly made?: string
}) {
  const { behind, clock, region, stamps } = given
  const routing = trafficManagerServer({ onRouted: (change) => behind.setRoute(change) })
  const logs = residueServer({
    residue: ({ replica, stamp }) => behind.residue(replica, stamp),
    nowMs: () => clock.nowMs(),
    ...(given.lateMs === undefined ? {} : { lateMs: given.lateMs }),
  })
  const httpClient = wire((request) =>
    new URL(request.url).host === 'api.loganalytics.io' ? logs.answer(request) : routing.answer(request),
  )
  const through: PullThrough = async ({ connectTo, host }) => {
    const stamp = StampId.parse(connectTo.split('.')[0])
    const registry = host.split('.')[0] ?? ''
    const { ok } = await behind.pull(replicaId(registry, region), stamp)
    return ok
      ? { status: 401, challenge: 'Bearer realm="https://auth.example/token"' }
      : { status: 421, challenge: null }
  }
  const names = {
    cname: async (fqdn: string) =>
      routing
        .profile(fqdn.replace('.trafficmanager.net', ''))
        .endpoints.filter(({ endpointStatus }) => endpointStatus === 'Enabled')
        .map(({ target }) => target),
  }
  const map = anAzureMap(region, stamps)
  const traffic = createAzureTraffic({
    ...{ map, stamps: stampsOf(map, given.made), credential: anyCredential, httpClient },
    ...{ clock, through, names },
  })
  const add = (replica: ReplicaId, leadsTo: string, ttl: number | null = TTL_SECONDS) =>
    routing.add({
      name: profileOf(replica),
      ttl,
      leadsTo,
      stamps: Object.fromEntries(stamps.map((stamp) => [stamp, hostOf(stamp)])),
    })
  return { traffic, routing, logs, add }
}
