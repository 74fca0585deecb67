import { TrafficManagerManagementClient } from '@azure/arm-trafficmanager'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import { ReplicaUnknown } from '../../ports/catalog.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Traffic } from '../../ports/traffic.ts'
import type { AzureMap } from './azure-map.ts'
import type { AzureStamps } from './azure-stamps.ts'
import { type ClientOptions, sdkOptions } from './client-options.ts'
import { createLogsResidue } from './logs-residue.ts'
import { createAuthoritativeNames, type NameServers } from './name-servers.ts'
import { ProfileClient } from './profile-client.ts'
import { createHttpsPull, createRegistryPull, type PullThrough } from './registry-pull.ts'
import { TrafficManagerRoutes } from './traffic-manager.ts'

/** What Azure's traffic needs; a test gives its own network. */
export interface AzureTrafficParts extends ClientOptions {
  readonly map: AzureMap
  readonly stamps: AzureStamps
  readonly clock: Clock
  readonly through?: PullThrough
  readonly names?: NameServers
}

/**
 * Traffic on Azure: routes by Traffic Manager, residue from Log Analytics, pulls by HTTPS. It fills no caches: Azure has no call for
 * that, so nothing is known of them, and a platform that can fill its own does so behind the callout.
 */
export function createAzureTraffic(parts: AzureTrafficParts): Traffic {
  const { map, stamps, credential, clock, through = createHttpsPull() } = parts
  const { routing } = map
  const manager = new TrafficManagerManagementClient(credential, routing.subscriptionId, sdkOptions(parts))
  const profiles = new ProfileClient(routing, manager)
  const routes = new TrafficManagerRoutes({ map, stamps, profiles, clock })
  const names = routing.resolve === 'off' ? undefined : (parts.names ?? createAuthoritativeNames())
  const fqdn: TrafficManagerRoutes['fqdn'] = (replica) => routes.fqdn(replica)
  return {
    route: (replica) => routes.route(replica),
    routes: (region) => routes.routes(region),
    prepareRoute: (change) => routes.prepareRoute(change),
    settleRoute: (replica) => routes.settleRoute(replica),
    setRoute: (change) => routes.setRoute(change),
    residue: createLogsResidue({ map, client: new LogsQueryClient(credential, sdkOptions(parts)), clock }),
    pull: createRegistryPull({ map, stamps, through, names, fqdn, clock }),
    async warm(replica) {
      if (await routes.route(replica)) return { share: null }
      throw new ReplicaUnknown(`${replica} is not routed by Restamp; nothing was warmed`)
    },
  }
}
