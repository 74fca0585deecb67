import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline'
import { type AzureAdaptersParts, createAzureAdapters } from '../../../src/adapters/azure/azure-adapters.ts'
import { AzureMap } from '../../../src/adapters/azure/azure-map.ts'
import { enterFleet } from '../../../src/adapters/azure/cosmos-fleet.ts'
import { scaleSetIdOf } from '../../../src/adapters/azure/made-stamp.ts'
import type { PullThrough } from '../../../src/adapters/azure/registry-pull.ts'
import type { Fleet, Region } from '../../../src/domain/fleet.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { OwnParts } from '../../../src/ports/late-ports.ts'
import type { Twin } from '../../../src/twin/twin.ts'
import { anyCredential, type WireAnswer, wire } from './azure-client.ts'
import { hostOf, profileOf, TTL_SECONDS } from './azure-region.ts'
import { startAzurite } from './azurite.ts'
import { startCosmosServer } from './cosmos-server.ts'
import { aStatus, graphServer } from './graph-server.ts'
import { LOAD_QUERY, logsServer } from './logs-server.ts'
import { metricsServer } from './metrics-server.ts'
import { poolsServer } from './pools-server.ts'
import { startProxy } from './proxy.ts'
import { RESIDUE_QUERY, residueServer } from './residue-server.ts'
import { trafficManagerServer } from './traffic-manager-server.ts'

const ID = '0d5c6c1e-6a3c-4a3c-9d5e-0a4f6a9b7c11'

/** Whatever is asked of Azure passes here, the databases apart: a test may count, or let calls fail. */
export type Between = (request: PipelineRequest, next: () => Promise<WireAnswer>) => Promise<WireAnswer>

/**
 * Azure around a simulated region: a Cosmos-compatible server and Azurite as they are, and doubles of Monitor, Log Analytics,
 * Traffic Manager, scale sets and Resource Graph that keep their own state and lead the region.
 */
export async function startAzureWorld({
  twin,
  fleet,
  clock,
  between = (_, next) => next(),
  plugins = [],
  elsewhere = {},
}: {
  readonly twin: Twin
  /** Of one region. */
  readonly fleet: Fleet
  readonly clock: Clock
  readonly between?: Between
  /** Of the database's client. */
  readonly plugins?: readonly object[]
  /** What somebody else's control plane stands behind. */
  readonly elsewhere?: Partial<OwnParts>
}) {
  const [cosmos, azurite] = await Promise.all([startCosmosServer(), startAzurite()])
  const proxy = await startProxy(azurite.url, between)
  const region = onlyRegion(fleet)
  const map = mapOf(region)
  const catalog = await cosmos.catalogContainers()
  await enterFleet(catalog.containers, fleet)
  const stored = await cosmos.containers()
  const client = cosmos.clientWith(plugins)
  const of = (databaseId: string, id: string) => client.database(databaseId).container(id)
  const parts: AzureAdaptersParts = {
    ...{ map, clock, credential: anyCredential, provisioning: null, elsewhere, note: () => undefined },
    ...frontEnds(twin, region.name),
    httpClient: doubles({ twin, fleet, region, map, clock, between }),
    containers: {
      ...{ bindings: of(catalog.databaseId, 'bindings'), fleet: of(catalog.databaseId, 'fleet') },
      ...{ records: of(stored.databaseId, 'records'), audit: of(stored.databaseId, 'audit') },
    },
    blobs: { anchors: await azurite.container(proxy.url), payloads: await azurite.container(proxy.url) },
  }
  return {
    ...createAzureAdapters(parts),
    /** What the adapters are made of, for whatever else looks at this Azure. */
    parts,
    stop: async () => {
      client.dispose()
      await Promise.all([cosmos.stop(), proxy.close(), azurite.stop()])
    },
  }
}

function onlyRegion({ regions }: Fleet): Region {
  const [region] = regions
  if (!region || regions.length > 1) throw new Error('the world around a twin has one region')
  return region
}

function mapOf({ name, stamps }: Region): AzureMap {
  return AzureMap.parse({
    regions: [
      {
        ...{ name, location: 'westeurope', provisioning: null },
        logs: { workspaceId: ID, loadQuery: LOAD_QUERY, residueQuery: RESIDUE_QUERY },
        stamps: stamps.map(({ id: stamp, pools }) => ({
          ...{ stamp, subscriptionId: ID, resourceGroup: `rg-${stamp}`, host: hostOf(stamp) },
          pools: pools.map(({ role }) => {
            const named = `${stamp}.${role}`
            return { role, scaleSet: named, autoscaleSetting: named }
          }),
        })),
      },
    ],
    routing: {
      ...{ subscriptionId: ID, resourceGroup: 'rg-Routing' },
      ...{ profile: 'tm-{registry}.{region}', endpoint: '{registry}.registry.example', resolve: 'off' },
    },
  })
}

/** A pool by the name of its scale set, which is that of its autoscale setting too. */
function poolNamed(name: string) {
  const [stamp, role] = name.split('.')
  return stamp && role ? { stamp: StampId.parse(stamp), role } : undefined
}

function frontEnds(twin: Twin, region: string): { through: PullThrough } {
  return {
    through: async ({ connectTo, host }) => {
      const stamp = StampId.parse(connectTo.split('.')[0])
      const { ok } = await twin.traffic.pull(replicaId(host.split('.')[0] ?? '', region), stamp)
      const challenge = 'Bearer realm="https://auth.example/token"'
      return ok ? { status: 401, challenge } : { status: 421, challenge: null }
    },
  }
}

interface World {
  readonly twin: Twin
  readonly fleet: Fleet
  readonly region: Region
  readonly map: AzureMap
  readonly clock: Clock
  readonly between: Between
}

function doubles({ twin, fleet, region, map, clock, between }: World): HttpClient {
  const { metrics, traffic, capacity } = twin
  const cpu = metricsServer({ cpu: metrics.cpu, poolOf: (id) => poolNamed(id.split('/').at(-1) ?? '') })
  const stamps = region.stamps.map(({ id }) => id)
  const load = logsServer({ region: region.name, load: metrics.load, idle: 'left out', heartbeats: stamps })
  const residue = residueServer({
    residue: ({ replica, stamp }) => traffic.residue(replica, stamp),
    nowMs: () => clock.nowMs(),
  })
  const routing = trafficManagerServer({ onRouted: (change) => traffic.setRoute(change) })
  for (const { name, replicas } of fleet.registries)
    for (const { region: place, homeStamp } of replicas)
      routing.add({
        ...{ name: profileOf(replicaId(name, place)), ttl: TTL_SECONDS, leadsTo: homeStamp },
        stamps: Object.fromEntries(region.stamps.map(({ id }) => [id, hostOf(id)])),
      })
  const pools = poolsServer({ capacity, poolOf: poolNamed })
  const graph = graphServer(wellIn(map, region))
  const answer = (request: PipelineRequest) => {
    const { host, pathname } = new URL(request.url)
    if (host.endsWith('.metrics.monitor.azure.com')) return cpu.answer(request)
    if (host === 'api.loganalytics.io')
      return String(request.body).includes(LOAD_QUERY) ? load.answer(request) : residue.answer(request)
    if (/trafficmanagerprofiles/i.test(pathname)) return routing.answer(request)
    if (/autoscalesettings|virtualMachineScaleSets/i.test(pathname)) return pools.answer(request)
    return answerOf(graph.httpClient, request)
  }
  return wire((request) => between(request, () => Promise.resolve(answer(request))))
}

async function answerOf(httpClient: HttpClient, request: PipelineRequest): Promise<WireAnswer> {
  const { status, bodyAsText, headers } = await httpClient.sendRequest(request)
  return { status, text: bodyAsText ?? '', headers: headers.toJSON() }
}

/** What Resource Graph tells of a region where all is well. */
function wellIn({ regions }: AzureMap, region: Region) {
  const pools = (regions[0]?.stamps ?? []).flatMap((stamp) =>
    stamp.pools.map((pool) => ({
      id: scaleSetIdOf(stamp, pool),
      capacity:
        region.stamps.find(({ id }) => id === stamp.stamp)?.pools.find(({ role }) => role === pool.role)
          ?.nodes ?? 0,
    })),
  )
  return {
    scaleSets: pools.map(({ id, capacity }) => ({ id: id.toLowerCase(), capacity })),
    statuses: pools.flatMap(({ id, capacity }) =>
      Array.from({ length: capacity }, (_, at) => aStatus(`${id}/virtualMachines/${at}`, 'Available')),
    ),
  }
}
