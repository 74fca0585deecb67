import { TrafficManagerManagementClient } from '@azure/arm-trafficmanager'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { TokenCredential } from '@azure/core-auth'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import { partsOf } from '../../domain/ids.ts'
import { ReplicaUnknown } from '../../ports/catalog.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Traffic } from '../../ports/traffic.ts'
import type { AzureMap } from './azure-map.ts'
import { createLogsResidue } from './logs-residue.ts'
import { createAuthoritativeNames, type NameServers } from './name-servers.ts'
import { createHttpsPull, createRegistryPull, type PullThrough } from './registry-pull.ts'
import { TrafficManagerRoutes } from './traffic-manager.ts'

/** What Azure's traffic needs; a test gives its own network. */
export interface AzureTrafficParts {
  readonly map: AzureMap
  readonly credential: TokenCredential
  readonly clock: Clock
  readonly clientOptions?: { readonly httpClient?: HttpClient }
  readonly through?: PullThrough
  readonly names?: NameServers
}

/**
 * Traffic on Azure: routes by Traffic Manager, residue from Log Analytics, pulls by HTTPS. It fills no caches: Azure has no call for
 * that, so nothing is known of them, and a platform that can fill its own does so behind the callout.
 */
export function createAzureTraffic(parts: AzureTrafficParts): Traffic {
  const { map, credential, clock, through = createHttpsPull() } = parts
  // A fault is thrown, and tried again by the durable layer: a retry that sleeps in here is billed, and can be killed.
  const options = { ...parts.clientOptions, retryOptions: { maxRetries: 0 } }
  const manager = new TrafficManagerManagementClient(credential, map.routing.subscriptionId, options)
  const routes = new TrafficManagerRoutes({ map, client: manager, clock })
  const residue = createLogsResidue({ map, client: new LogsQueryClient(credential, options), clock })
  const names = map.routing.resolve === 'off' ? undefined : (parts.names ?? createAuthoritativeNames())
  const pull = createRegistryPull({ map, through, names, fqdn: (replica) => routes.fqdn(replica), clock })
  return {
    route: (replica) => routes.route(replica),
    routes: (region) => routes.routes(region),
    prepareRoute: (change) => routes.prepareRoute(change),
    settleRoute: (replica) => routes.settleRoute(replica),
    setRoute: (change) => routes.setRoute(change),
    residue,
    pull,
    async warm(replica, stamp) {
      const region = map.regions.find(({ name }) => name === partsOf(replica).region)
      if (region?.stamps.some((each) => each.stamp === stamp)) return { share: null }
      throw new ReplicaUnknown(`${replica} has no stamp ${stamp} in the mapping; nothing was warmed`)
    },
  }
}
