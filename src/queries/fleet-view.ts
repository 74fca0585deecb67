import type { Fleet, Region } from '../domain/fleet.ts'
import { hotSeries, type Signals, signalsIn } from '../domain/hot-node.ts'
import type { PolicyFile } from '../domain/policy.ts'
import { policyFor } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import type { Scan } from '../domain/scan.ts'
import type { FleetView, SignalsView } from '../messages/api.ts'
import type { Ports } from '../ports/ports.ts'
import { latestIncidents } from './incidents.ts'
import { binnedWindow, knownUntilMs, type PoolKey, peakBefore } from './telemetry.ts'

const SCANS_MAX = 1
const HOUR_MS = 3_600_000

/** The newest scan of a region. Scan ids sort newest first. */
export async function latestScan(
  { records }: Pick<Ports, 'records'>,
  region: string,
): Promise<Scan | undefined> {
  return (await records.list('scans', { prefix: `${region}/`, limit: SCANS_MAX }))[0]?.value
}

/** What is where, with each pool's figures as the latest scan saw them. */
export async function fleetView(
  ports: Pick<Ports, 'catalog' | 'capacity' | 'records' | 'clock'>,
  policies: PolicyFile,
): Promise<FleetView> {
  const fleet = await ports.catalog.fleet()
  const regions = await Promise.all(
    fleet.regions.map(async (region) => ({
      ...(await regionView(ports, fleet, region)),
      hotPercent: policyFor(region.name, policies).hotPercent,
    })),
  )
  return { nowMs: ports.clock.nowMs(), regions }
}

async function regionView(
  ports: Pick<Ports, 'capacity' | 'records'>,
  fleet: Fleet,
  region: Region,
): Promise<FleetView['regions'][number]> {
  const scan = await latestScan(ports, region.name)
  const stamps = await Promise.all(
    region.stamps.map((stamp) => stampView(ports, fleet, { region, stamp, scan })),
  )
  const incidents = (await latestIncidents(ports, region.name)).map(({ value }) => value)
  return {
    name: region.name,
    scannedAtMs: scan?.atMs ?? null,
    needsAction: scan?.needsAction ?? [],
    readiness: scan?.readiness ?? [],
    incidents: incidents.filter(({ resolved }) => resolved === null),
    stamps,
  }
}

async function stampView(
  ports: Pick<Ports, 'capacity'>,
  fleet: Fleet,
  at: { readonly region: Region; readonly stamp: Region['stamps'][number]; readonly scan: Scan | undefined },
): Promise<FleetView['regions'][number]['stamps'][number]> {
  const { region, stamp, scan } = at
  const counts = new Map<string, number>()
  for (const registry of fleet.registries) {
    const here = registry.replicas.some((each) => each.region === region.name && each.homeStamp === stamp.id)
    if (here) counts.set(registry.customer, (counts.get(registry.customer) ?? 0) + 1)
  }
  const customers = [...counts].map(([customer, replicas]) => ({ customer, replicas }))
  const scales = await ports.capacity.pools(stamp.id)
  return {
    id: stamp.id,
    kind: stamp.kind,
    state: stamp.state,
    replicas: customers.reduce((sum, each) => sum + each.replicas, 0),
    customers: customers.toSorted((a, b) => b.replicas - a.replicas || (a.customer < b.customer ? -1 : 1)),
    pools: scales.map(({ role, nodes, minNodes, maxNodes }) => ({
      role,
      nodes,
      minNodes,
      maxNodes,
      scan: scan?.pools.find((pool) => pool.stamp === stamp.id && pool.pool === role) ?? null,
    })),
  }
}

/** The hottest node of a pool, bin by bin, with its figures in the found peak window. */
export async function signalsView(
  ports: Pick<Ports, 'metrics' | 'clock'>,
  at: {
    readonly pool: PoolKey
    readonly hours: number
    readonly region: string
    readonly policies: PolicyFile
  },
): Promise<SignalsView> {
  const policy = policyFor(at.region, at.policies)
  const nowMs = knownUntilMs(ports)
  const lengthMs = at.hours * HOUR_MS
  // The figures are those of the last day's peak window, however little of it is drawn.
  const fromMs = nowMs - Math.max(lengthMs, lookBackHours(policy) * HOUR_MS) - HOUR_MS
  const samples = await ports.metrics.cpu({ ...at.pool, fromMs, toMs: nowMs })
  const { binMs, endMs } = binnedWindow(samples, nowMs - lengthMs, nowMs)
  const span = { startMs: endMs - lengthMs, endMs, binMs }
  const series = hotSeries(samples, span)
  const peak = await peakBefore(ports, at.pool, nowMs, policy)
  const seen: Signals = signalsIn(samples, peak ?? span, { minCoverage: policy.minCoverage })
  return {
    stamp: at.pool.stamp,
    pool: at.pool.role,
    startMs: span.startMs,
    binMs: span.binMs,
    hot: orNull(series.hot),
    average: orNull(series.average),
    hotNode: Array.from(series.hotNodeAt, (node) => samples.nodes[node] ?? null),
    figures: { hotNodeP95: seen.hotNodeP95, poolAverage: seen.poolAverage, max: seen.max?.value ?? null },
    window: peak && { startMs: peak.startMs, endMs: peak.endMs },
    status: seen.status,
    hotPercent: policy.hotPercent,
  }
}

function orNull(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value))
}
