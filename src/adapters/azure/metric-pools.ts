import { MetricsClient } from '@azure/monitor-query-metrics'
import type { PoolRole } from '../../domain/fleet.ts'
import type { StampId } from '../../domain/ids.ts'
import type { AzureStamps } from './azure-stamps.ts'
import { type ClientOptions, sdkOptions } from './client-options.ts'
import { scaleSetIdOf } from './made-stamp.ts'
import type { PoolScaleSet } from './monitor-cpu.ts'

/** The metrics API has an endpoint in each region. */
export function createMetricPools(
  options: ClientOptions & { readonly stamps: AzureStamps },
): (stamp: StampId, role: PoolRole) => Promise<PoolScaleSet | undefined> {
  const clients = new Map<string, MetricsClient>()
  const clientIn = (location: string) => {
    const endpoint = `https://${location}.metrics.monitor.azure.com`
    const known =
      clients.get(location) ?? new MetricsClient(endpoint, options.credential, sdkOptions(options))
    clients.set(location, known)
    return known
  }
  return async (stamp, role) => {
    const at = await options.stamps.find(stamp)
    const pool = at?.pools.find((each) => each.role === role)
    return at && pool && { resourceId: scaleSetIdOf(at, pool), client: clientIn(at.location) }
  }
}
