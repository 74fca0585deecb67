import type { TokenCredential } from '@azure/core-auth'
import type { Container } from '@azure/cosmos'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import type { ContainerClient } from '@azure/storage-blob'
import type { Fleet } from '../../domain/fleet.ts'
import type { StampId } from '../../domain/ids.ts'
import { reboundsIn } from '../../domain/stays.ts'
import type { Capacity, PoolScale } from '../../ports/capacity.ts'
import type { Catalog } from '../../ports/catalog.ts'
import type { Clock } from '../../ports/clock.ts'
import type { LateParts, OwnParts } from '../../ports/late-ports.ts'
import type { Provisioning } from '../../ports/provisioning.ts'
import { everyRecord } from '../../ports/records.ts'
import { createArmProvisioning } from './arm-provisioning.ts'
import { AzureCapacity } from './azure-capacity.ts'
import { createAzureInterlocks } from './azure-interlocks.ts'
import type { AzureMap } from './azure-map.ts'
import { createAzureStamps } from './azure-stamps.ts'
import { type AzureTrafficParts, createAzureTraffic } from './azure-traffic.ts'
import { BlobAnchors } from './blob-anchors.ts'
import { BlobPayloads } from './blob-payloads.ts'
import { createCapacityPools } from './capacity-pools.ts'
import { type ClientOptions, sdkOptions } from './client-options.ts'
import { type CatalogContainers, CosmosCatalog } from './cosmos-catalog.ts'
import { enterStamp, removeStamp } from './cosmos-fleet.ts'
import { CosmosRecords } from './cosmos-records.ts'
import { createLogsLoad } from './logs-load.ts'
import { createMetricPools } from './metric-pools.ts'
import { createMonitorCpu } from './monitor-cpu.ts'
import { groupsAt } from './provisioning-clients.ts'
import { createStampRegister } from './stamp-register.ts'
import { LATE_MS } from './telemetry-lateness.ts'

/** How long the node counts that a fleet shows may be old: they are asked for once a pool. */
const SCALES_FOR_MS = 60_000

export interface AzureAdaptersParts extends ClientOptions, Pick<AzureTrafficParts, 'through' | 'names'> {
  readonly map: AzureMap
  readonly clock: Clock
  readonly containers: CatalogContainers & { readonly records: Container; readonly audit: Container }
  readonly blobs: { readonly anchors: ContainerClient; readonly payloads: ContainerClient }
  /** Who makes stamps, and of what template; null where nobody does. */
  readonly provisioning: { readonly credential: TokenCredential; readonly template: unknown } | null
  /** What an operator's own platform stands behind instead. */
  readonly elsewhere?: Partial<OwnParts>
  /** Is told of telemetry that is left out, in words that hold no tenant's data. */
  readonly note: (words: string, about: object) => void
}

/** The ports over Azure, each from its own adapter. Nothing is asked of Azure before somebody asks a port. */
export function createAzureAdapters(parts: AzureAdaptersParts): Omit<LateParts, 'checks'> {
  const { map, clock, containers, blobs, note, elsewhere = {} } = parts
  const stamps = createAzureStamps({ map, groupsAt: groupsAt(parts) })
  const capacity = elsewhere.capacity ?? new AzureCapacity(createCapacityPools({ ...parts, stamps }))
  const catalog = elsewhere.catalog ?? new CosmosCatalog(containers, rememberedScales(capacity, clock))
  const records = new CosmosRecords(containers, new BlobPayloads(blobs.payloads))
  const metrics = {
    lateMs: LATE_MS,
    cpu: createMonitorCpu({
      scaleSetOf: createMetricPools({ ...parts, stamps }),
      clock,
      leftOut: (span) => note('CPU of a pool is left out', span),
    }),
    load: createLogsLoad({
      regions: map.regions.map(({ name, logs }) => ({
        region: name,
        binMs: logs.binSeconds * 1000,
        ...logs,
      })),
      client: new LogsQueryClient(parts.credential, sdkOptions(parts)),
      fleet: () => catalog.fleet(),
      rebounds: async (region) =>
        reboundsIn(
          (await everyRecord(records, 'moves')).map(({ value }) => value),
          region,
        ),
      clock,
      leftOut: (span) => note('load of a region is left out', span),
    }),
  }
  const ports = {
    ...{ catalog, metrics, capacity },
    traffic: elsewhere.traffic ?? createAzureTraffic({ ...parts, stamps }),
    interlocks: elsewhere.interlocks ?? createAzureInterlocks(parts),
    records,
  }
  const provisioning = elsewhere.provisioning ?? provisioningOf(parts, catalog)
  return { ports, provisioning, anchors: new BlobAnchors(blobs.anchors) }
}

function provisioningOf({ provisioning, ...parts }: AzureAdaptersParts, catalog: Catalog): Provisioning {
  if (!provisioning) return NO_PROVISIONING
  const { fleet } = parts.containers
  const register = createStampRegister({
    catalog,
    enterStamp: (region, stamp) => enterStamp(fleet, region, stamp),
    removeStamp: (region, stamp) => removeStamp(fleet, region, stamp),
  })
  return createArmProvisioning({ ...parts, ...provisioning, register })
}

const refuse = () =>
  Promise.reject(new Error('no stamps are made here: set RESTAMP_STAMP_TEMPLATE and PROVISION_CLIENT_ID'))
const NO_PROVISIONING: Provisioning = {
  create: refuse,
  state: async () => ({ kind: 'absent' }),
  activate: refuse,
  remove: async () => 'absent',
}

/** Node counts as they were at most a minute ago. Where a pool can't be read this throws: a count is never guessed. */
function rememberedScales(capacity: Capacity, clock: Clock) {
  const known = new Map<StampId, { readonly atMs: number; readonly pools: Promise<readonly PoolScale[]> }>()
  const poolsOf = (stamp: StampId) => {
    const before = known.get(stamp)
    if (before && clock.nowMs() - before.atMs < SCALES_FOR_MS) return before.pools
    const pools = capacity.pools(stamp).catch((error: unknown) => {
      known.delete(stamp)
      throw error
    })
    known.set(stamp, { atMs: clock.nowMs(), pools })
    return pools
  }
  return async ({ regions }: Fleet) => {
    const ids = regions.flatMap(({ stamps }) => stamps.map(({ id }) => id))
    const pools = new Map<string, readonly PoolScale[]>(
      await Promise.all(ids.map(async (id) => [id, await poolsOf(id)] as const)),
    )
    return (stamp: string, role: string) => {
      const found = pools.get(stamp)?.find((pool) => pool.role === role)
      return found && { nodes: found.nodes, minNodes: found.minNodes }
    }
  }
}
