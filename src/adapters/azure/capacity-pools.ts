import { ComputeManagementClient } from '@azure/arm-compute'
import { MonitorClient } from '@azure/arm-monitor'
import type { PoolsOf } from './azure-capacity.ts'
import type { AzureStamps } from './azure-stamps.ts'
import { type ClientOptions, sdkOptions } from './client-options.ts'

/** The pools of a stamp with their clients, one a subscription: of those in the map, and of those that were made since. */
export function createCapacityPools(options: ClientOptions & { readonly stamps: AzureStamps }): PoolsOf {
  const clients = new Map<string, { compute: ComputeManagementClient; monitor: MonitorClient }>()
  const clientsOf = (subscriptionId: string) => {
    const known = clients.get(subscriptionId) ?? {
      compute: new ComputeManagementClient(options.credential, subscriptionId, sdkOptions(options)),
      monitor: new MonitorClient(options.credential, subscriptionId, sdkOptions(options)),
    }
    clients.set(subscriptionId, known)
    return known
  }
  return async (stamp) => {
    const at = await options.stamps.find(stamp)
    if (!at) return []
    const { compute, monitor } = clientsOf(at.subscriptionId)
    return at.pools.map((pool) => ({ ...pool, stamp, resourceGroup: at.resourceGroup, compute, monitor }))
  }
}
