import { createArmProvisioning } from '../../../src/adapters/azure/arm-provisioning.ts'
import { AzureCapacity } from '../../../src/adapters/azure/azure-capacity.ts'
import { AzureMap } from '../../../src/adapters/azure/azure-map.ts'
import { createAzureStamps } from '../../../src/adapters/azure/azure-stamps.ts'
import { createCapacityPools } from '../../../src/adapters/azure/capacity-pools.ts'
import { groupsAt } from '../../../src/adapters/azure/provisioning-clients.ts'
import { StampId } from '../../../src/domain/ids.ts'
import type { NewStamp } from '../../../src/ports/provisioning.ts'
import { anyCredential, type WireAnswer, wire } from './azure-client.ts'
import { deploymentsServer, type ServerOptions, SUBSCRIPTION } from './deployments-server.ts'
import { listedStamps } from './listed-stamps.ts'
import { stampTemplate } from './stamp-template-example.ts'

export const MINUTE_MS = 60_000
export const known = StampId.parse('weu-a')
export const stamp = StampId.parse('weu-iso-1')
export const region = 'weu'
export const group = 'rg-restamp-weu-iso-1'
export const name = 'restamp-weu-iso-1'

export const map = AzureMap.parse({
  regions: [
    {
      ...{ name: region, location: 'westeurope' },
      logs: { workspaceId: SUBSCRIPTION, loadQuery: 'Load', residueQuery: 'Residue' },
      provisioning: {
        ...{ subscriptionId: SUBSCRIPTION, resourceGroupPrefix: 'rg-restamp-', hostSuffix: 'example.net' },
      },
      stamps: [
        {
          ...{ stamp: known, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-weu-a', host: 'a.example.net' },
          pools: [
            { role: 'registry', scaleSet: 'vmss-a', autoscaleSetting: 'scale-a' },
            { role: 'dataproxy', scaleSet: 'vmss-a-dp', autoscaleSetting: 'scale-a-dp' },
          ],
        },
      ],
    },
  ],
  routing: {
    ...{ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-dns' },
    ...{ profile: '{registry}-{region}', endpoint: '{registry}.registry.example' },
  },
})

export const wanted: NewStamp = {
  ...{ region, stamp, customer: 'contoso', key: 'plan-1/weu-iso-1/001' },
  pools: [
    { role: 'registry', nodes: 3, like: known },
    { role: 'dataproxy', nodes: 12, like: known },
  ],
}

export const failure = {
  code: 'DeploymentFailed',
  message: 'At least one resource deployment operation failed.',
  details: [
    {
      code: 'Conflict',
      message: JSON.stringify({
        status: 'Failed',
        error: {
          code: 'ResourceDeploymentFailure',
          message: 'The resource operation completed with terminal provisioning state.',
          details: [
            { code: 'AllocationFailed', message: 'There is no capacity of this size.', target: 'vmss' },
          ],
        },
      }),
    },
  ],
}

/** Provisioning over a double of ARM, on which nothing was done yet. */
export function azure(options: Omit<ServerOptions, 'nowMs'> = {}) {
  let nowMs = 0
  const model = { nodes: 4, maxNodes: 10, sku: 'Standard_D4s_v5' }
  const models = { 'vmss-a': model, 'scale-a': model, 'vmss-a-dp': model, 'scale-a-dp': model }
  const server = deploymentsServer({ nowMs: () => nowMs, models, ...options })
  const listed = listedStamps({ region, home: known })
  /** What one request gets instead of its answer, or after it where the answer is lost. */
  const faults: ((method: string, path: string) => 'lost' | WireAnswer | undefined)[] = []
  const httpClient = wire(async (request) => {
    const fault = faults[0]?.(request.method, new URL(request.url).pathname)
    if (fault) faults.shift()
    if (fault && fault !== 'lost') return fault
    const answer = await server.httpClient.sendRequest(request)
    if (fault === 'lost') throw new Error('the connection was closed')
    const body = answer.bodyAsText ? JSON.parse(answer.bodyAsText) : undefined
    return { status: answer.status, body, headers: answer.headers.toJSON() }
  })
  const client = { credential: anyCredential, httpClient }
  const stamps = createAzureStamps({ map, groupsAt: groupsAt(client) })
  return {
    ...{ server, faults, stamps, ...listed },
    provisioning: createArmProvisioning({
      ...{ ...client, map, template: stampTemplate, register: listed.register },
    }),
    capacity: new AzureCapacity(createCapacityPools({ ...client, stamps })),
    pass: async (durationMs: number) => {
      nowMs += durationMs
    },
  }
}

export const puts = ({ server }: ReturnType<typeof azure>) =>
  server.requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(name))
