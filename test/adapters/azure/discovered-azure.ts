import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type WireAnswer, wire } from './azure-client.ts'
import { graphServer } from './graph-server.ts'
import { RESIDUE_QUERY } from './residue-server.ts'

export const SUBSCRIPTIONS = ['0d5c6c1e-6a3c-4a3c-9d5e-0a4f6a9b7c11', '7a1d4f1e-2b3c-4d5e-8f60-718293a4b5c6']
export const WORKSPACE = 'b1b2c3d4-0000-4000-8000-00000000abcd'
const [FIRST = '', SECOND = ''] = SUBSCRIPTIONS

interface PoolGiven {
  readonly stamp: string
  readonly role: string
  readonly subscription?: string
  readonly group?: string
  readonly name?: string
  readonly tags?: Readonly<Record<string, string>> | null
  readonly profiles?: readonly { readonly minimum: string; readonly maximum: string }[]
  readonly setting?: 'none' | 'off'
}

function placed(given: PoolGiven) {
  const { stamp, role, subscription = FIRST, group = `rg-${stamp}`, name = `vmss-${stamp}-${role}` } = given
  const at = `/subscriptions/${subscription}/resourceGroups/${group}/providers`
  return { at, name, id: `${at}/Microsoft.Compute/virtualMachineScaleSets/${name}` }
}

/** A scale set as Resource Graph projects it. */
export function aScaleSet(given: PoolGiven): object {
  const { stamp, role, tags } = given
  const { id, name } = placed(given)
  const own = { 'restamp-stamp': stamp, 'restamp-pool': role, 'restamp-region': 'west-europe' }
  return {
    ...{ id, name, location: 'westeurope', size: 'Standard_D8s_v5', capacity: 4 },
    tags: tags === undefined ? { ...own, 'restamp-host': `${stamp}.stamps.example` } : tags,
  }
}

export function aSetting(given: PoolGiven): object {
  const { id, at, name } = placed(given)
  const profiles = given.profiles ?? [
    { minimum: '3', maximum: '10' },
    { minimum: '2', maximum: '12' },
  ]
  return {
    ...{ id: `${at}/Microsoft.Insights/autoscaleSettings/scale-${name}`, name: `scale-${name}` },
    // Ids come back in another letter case than they were given.
    ...{ target: id.toLowerCase(), enabled: given.setting !== 'off' },
    profiles: profiles.map(({ minimum, maximum }) => ({ capacity: { minimum, maximum, default: minimum } })),
  }
}

export function aProfile(name: string, enabled: readonly string[], customer?: string): object {
  return {
    id: `/subscriptions/${FIRST}/resourceGroups/rg-routing/providers/Microsoft.Network/trafficManagerProfiles/${name}`,
    ...{ name, tags: customer ? { 'restamp-customer': customer } : null },
    endpoints: ['weu-01', 'weu-02'].map((stamp) => ({
      name: stamp,
      properties: { endpointStatus: enabled.includes(stamp) ? 'Enabled' : 'Disabled' },
    })),
  }
}

export function aWorkspace(name: string, tags: Readonly<Record<string, string>> | null = null): object {
  const id = `/subscriptions/${FIRST}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/${name}`
  return { id, name, location: 'westeurope', tags, workspaceId: WORKSPACE }
}

const SKUS = {
  value: [
    aSku('Standard_D8s_v5', [{ name: 'vCPUs', value: '8' }]),
    aSku('Standard_E8-4s_v5', [
      { name: 'vCPUs', value: '8' },
      { name: 'vCPUsAvailable', value: '4' },
    ]),
  ],
}

function aSku(name: string, capabilities: readonly object[]): object {
  return { resourceType: 'virtualMachines', name, locations: ['westeurope'], capabilities }
}

/** Two stamps of two pools in two subscriptions, two replicas and a workspace, all that a mapping needs. */
export function wholeRegion() {
  const pools: PoolGiven[] = ['weu-01', 'weu-02'].flatMap((stamp, at) =>
    ['dataproxy', 'registry'].map((role) => ({ stamp, role, subscription: at === 0 ? FIRST : SECOND })),
  )
  return {
    scaleSets: pools.map(aScaleSet),
    settings: pools.map(aSetting),
    profiles: [
      aProfile('tm-web.west-europe', ['weu-02'], 'contoso'),
      aProfile('tm-api.west-europe', ['weu-01'], 'contoso'),
      aProfile('somebody-else', []),
    ],
    workspaces: [aWorkspace('log-stamps')],
  }
}

export interface LogsGiven {
  readonly load?: readonly string[]
  readonly residue?: readonly string[]
  readonly residueRows?: number
}

const LOAD = ['timestamp', 'registry', 'pool', 'requests', 'bytes']
const RESIDUE = ['logsUntil', 'lastRequest', 'inFlight', 'openUploads', 'stragglers']

/** Azure as a signed-in person sees it before there is a mapping: Resource Graph, sizes of nodes, and one workspace. */
export function discoveredAzure(
  given: Parameters<typeof graphServer>[0] & { readonly skus?: WireAnswer; readonly logs?: LogsGiven } = {},
) {
  const graph = graphServer({ ...wholeRegion(), ...given })
  const { logs = {} } = given
  const asked: string[] = []
  const httpClient = wire(async (request: PipelineRequest) => {
    const { host, pathname } = new URL(request.url)
    asked.push(pathname)
    if (pathname.endsWith('/providers/Microsoft.Compute/skus'))
      return given.skus ?? { status: 200, body: SKUS }
    if (host === 'api.loganalytics.io') return queried(String(request.body), logs)
    const { status, bodyAsText } = await graph.httpClient.sendRequest(request)
    return { status, text: bodyAsText ?? '' }
  })
  return { httpClient, graph, asked }
}

function queried(body: string, { load = LOAD, residue = RESIDUE, residueRows = 1 }: LogsGiven): WireAnswer {
  const isResidue = JSON.parse(body).query.endsWith(RESIDUE_QUERY)
  const columns = (isResidue ? residue : load).map((name) => ({ name, type: 'string' }))
  const rows = isResidue ? Array.from({ length: residueRows }, () => columns.map(() => null)) : []
  return { status: 200, body: { tables: [{ name: 'PrimaryResult', columns, rows }] } }
}
