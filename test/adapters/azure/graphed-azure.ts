import { createAzureInterlocks } from '../../../src/adapters/azure/azure-interlocks.ts'
import { AzureMap } from '../../../src/adapters/azure/azure-map.ts'
import { anyCredential } from './azure-client.ts'
import { SUBSCRIPTION } from './deployments-server.ts'
import { aStatus, type GraphState, graphServer } from './graph-server.ts'

export const NOW_MS = Date.parse('2026-11-26T12:00:00Z')
export const HOUR_MS = 3_600_000

const pool = (role: string, stamp: string) => ({
  ...{ role, scaleSet: `vmss-${stamp}-${role}`, autoscaleSetting: `scale-${stamp}-${role}` },
})

/** Two stamps with one pool each in West Europe, and nothing in the north. */
export function aMap(regions: readonly { readonly name: string; readonly location: string }[]): AzureMap {
  const stamps = (name: string) =>
    ['a', 'b'].map((letter) => ({
      ...{ stamp: `${name}-${letter}`, subscriptionId: SUBSCRIPTION, resourceGroup: `rg-${name}-${letter}` },
      host: `${letter}.example.net`,
      pools: [pool('registry', `${name}-${letter}`)],
    }))
  const place = {
    subscriptionId: SUBSCRIPTION,
    resourceGroupPrefix: 'rg-restamp-',
    hostSuffix: 'example.net',
  }
  return AzureMap.parse({
    regions: regions.map(({ name, location }) => ({
      ...{ name, location, provisioning: place, stamps: stamps(name) },
      logs: { workspaceId: SUBSCRIPTION, loadQuery: 'Load', residueQuery: 'Residue' },
    })),
    routing: {
      ...{ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-dns', profile: '{registry}-{region}' },
      endpoint: '{registry}.registry.example',
    },
  })
}

export function scaleSetId(stamp: string, node?: string): string {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-${stamp}/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-${stamp}-registry`
  return node === undefined ? id : `${id}/virtualMachines/${node}`
}

/** Interlocks over a double of Resource Graph, where all is well but for what is given. */
export function graphed(given: Partial<GraphState> & { readonly rowsAPage?: number } = {}) {
  const stamps = ['weu-a', 'weu-b']
  const well = {
    // Letters of ids differ from answer to answer.
    scaleSets: stamps.map((stamp) => ({ id: scaleSetId(stamp).toLowerCase(), capacity: 3 })),
    statuses: stamps.map((stamp) => aStatus(scaleSetId(stamp, '0'), 'Available')),
  }
  const server = graphServer({ ...well, ...given })
  const interlocks = createAzureInterlocks({
    ...{ credential: anyCredential, httpClient: server.httpClient, clock: { nowMs: () => NOW_MS } },
    ...{ map: aMap([{ name: 'weu', location: 'westeurope' }]), ignoredServices: ['Azure Bot Service'] },
  })
  /** What is told of the last so many hours, up to now; of the instant where it is none. */
  const told = (hours = 0) =>
    interlocks.between({ region: 'weu', fromMs: NOW_MS - hours * HOUR_MS, toMs: NOW_MS })
  return { server, interlocks, told, well }
}
