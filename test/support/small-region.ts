import { Fleet } from '../../src/domain/fleet.ts'
import type { CpuSamples, PoolCpu, RegionLoad, ReplicaLoad } from '../../src/domain/series.ts'
import type { TwinFiles } from '../../src/twin/twin.ts'

const MINUTE_MS = 60_000
const BINS = 1440
const NODES = 3
const VCPUS = 4
export const REGION = 'testland'
/** A Monday, so that weekdays read easily. */
export const DATA_ENDS_MS = Date.UTC(2026, 10, 2)
const START_MS = DATA_ENDS_MS - BINS * MINUTE_MS

interface Tenant {
  readonly name: string
  readonly customer: string
  readonly stamp: string
  /** Requests a minute at the day's peak; one request costs `CORE_SECONDS` of CPU. */
  readonly peak: number
}

const CORE_SECONDS = 0.05

/** One customer that dominates two shared stamps, with a tail, a middle and two talkers, beside two others. */
export const TENANTS: readonly Tenant[] = [
  { name: 'acme01', customer: 'acme', stamp: 's-a', peak: 4000 },
  { name: 'acme02', customer: 'acme', stamp: 's-b', peak: 3000 },
  { name: 'acme03', customer: 'acme', stamp: 's-a', peak: 250 },
  { name: 'acme04', customer: 'acme', stamp: 's-b', peak: 200 },
  { name: 'acme05', customer: 'acme', stamp: 's-a', peak: 12 },
  { name: 'acme06', customer: 'acme', stamp: 's-b', peak: 10 },
  { name: 'other01', customer: 'other', stamp: 's-a', peak: 1500 },
  { name: 'third01', customer: 'third', stamp: 's-b', peak: 1200 },
]

/** Requests a minute over the day: half the peak at night, all of it at noon. */
function requestsAt(tenant: Tenant, minute: number): number {
  return Math.round(tenant.peak * (0.75 - 0.25 * Math.cos((2 * Math.PI * minute) / BINS)))
}

function loadOf(tenant: Tenant): ReplicaLoad {
  const requests = Float64Array.from({ length: BINS }, (_, minute) => requestsAt(tenant, minute))
  return {
    registry: tenant.name,
    role: 'compute',
    requests,
    bytes: null,
    throttled: null,
    errors: new Float64Array(BINS),
    inFlight: null,
    cpuSeconds: requests.map((count) => count * CORE_SECONDS),
  }
}

function cpuOf(stamp: string, count: number): PoolCpu {
  const nodes = Array.from({ length: count }, (_, node) => `${stamp}-n${node}`)
  const size = BINS * count
  const samples = {
    nodes,
    timesMs: new Float64Array(size),
    nodeAt: new Uint32Array(size),
    cpuPercent: new Float64Array(size),
    cpuPercentMax: null,
  } satisfies CpuSamples
  const here = TENANTS.filter((tenant) => tenant.stamp === stamp)
  for (let minute = 0; minute < BINS; minute += 1) {
    const seconds = here.reduce((sum, tenant) => sum + requestsAt(tenant, minute) * CORE_SECONDS, 0)
    const average = (seconds / (60 * count * VCPUS)) * 100
    for (let node = 0; node < count; node += 1) {
      const at = minute * count + node
      samples.timesMs[at] = START_MS + minute * MINUTE_MS
      samples.nodeAt[at] = node
      samples.cpuPercent[at] = 1 + average * (0.8 + 0.2 * node)
    }
  }
  return { region: REGION, stamp, role: 'compute', samples }
}

/** The files of a region of two shared stamps and an empty isolated one, one day at one minute. */
export function smallRegion(isolatedNodes = NODES, sharedNodes = NODES): TwinFiles {
  const stamp = (id: string, kind: 'shared' | 'isolated', nodes: number) => ({
    id,
    kind,
    state: 'active',
    pools: [{ role: 'compute', nodes, minNodes: nodes, maxNodes: 6, vcpusPerNode: VCPUS }],
  })
  const fleet = Fleet.parse({
    regions: [
      {
        name: REGION,
        stamps: [
          stamp('s-a', 'shared', sharedNodes),
          stamp('s-b', 'shared', sharedNodes),
          stamp('s-c', 'isolated', isolatedNodes),
        ],
      },
    ],
    registries: TENANTS.map(({ name, customer, stamp: homeStamp }) => ({
      name,
      customer,
      replicas: [{ region: REGION, homeStamp }],
    })),
  })
  const load: RegionLoad = { startMs: START_MS, binMs: MINUTE_MS, bins: BINS, series: TENANTS.map(loadOf) }
  return {
    fleet,
    region: REGION,
    cpu: [cpuOf('s-a', sharedNodes), cpuOf('s-b', sharedNodes), cpuOf('s-c', isolatedNodes)],
    load,
  }
}
