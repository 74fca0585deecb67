import { Fleet } from '../../src/domain/fleet.ts'
import type { CpuSamples, PoolCpu, RegionLoad, ReplicaLoad } from '../../src/domain/series.ts'
import { unitAt } from '../../src/twin/seeded.ts'
import type { TwinFiles } from '../../src/twin/twin.ts'

const BIN_MS = 300_000
const DAY_MS = 86_400_000
const VCPUS = 4
const NODES = 4
const CORE_SECONDS = 0.05
/** A Monday. */
const MONTH_STARTS_MS = Date.UTC(2026, 10, 2)
export const MONTH_REGION = 'monthland'

/** A registry with its demand: requests a minute as a function of time, epoch ms. */
interface MonthTenant {
  readonly name: string
  readonly customer: string
  readonly stamp: string
  readonly demandAt: (atMs: number) => number
}

/** Shares of a stamp's load: the largest has a fifth of it. */
const SHARES = [0.2, 0.18, 0.16, 0.14, 0.12, 0.1, 0.06, 0.04]
const STAMPS = 6

function everyTenant(demandOf: (stamp: number, share: number) => MonthTenant['demandAt']): MonthTenant[] {
  return Array.from({ length: STAMPS }, (_, stamp) =>
    SHARES.map((share, at) => ({
      ...{ name: `t${stamp}${at}`, customer: `c-t${stamp}${at}`, stamp: `s-${stamp}` },
      demandAt: demandOf(stamp, share),
    })),
  ).flat()
}

/** Each stamp's load swings by a part of itself, each a sixth of a period after the one before: some stamp is always hot. */
export function oscillatingMonth(periodDays: number, swing: number): TwinFiles {
  const tenants = everyTenant((stamp, share) => (atMs) => {
    const phase = (stamp * 2 * Math.PI) / STAMPS
    return (
      share *
      8500 *
      (1 + swing * Math.sin((2 * Math.PI * atMs) / (periodDays * DAY_MS) + phase)) *
      (1 + 0.1 * Math.sin((2 * Math.PI * atMs) / DAY_MS))
    )
  })
  return monthRegion(tenants, 2 * periodDays)
}

const HEALTHY_DAYS = 7

/**
 * A week as offices make it: weekdays twice the weekend, noon twice the night, each registry uneven by a fifth from bin to
 * bin, and now and then one node at its end for five minutes. Nothing in it needs anybody.
 */
export function healthyMonth(): TwinFiles {
  const tenants = everyTenant((stamp, share) => (atMs) => {
    const isWeekend = [0, 6].includes(new Date(atMs).getUTCDay())
    const hour = (2 * Math.PI * (atMs % DAY_MS)) / DAY_MS
    const noise = 0.8 + 0.4 * unitAt(stamp, Math.round(share * 100), atMs / BIN_MS)
    return share * (isWeekend ? 4500 : 9000) * (0.75 - 0.25 * Math.cos(hour)) * noise
  })
  return monthRegion(tenants, HEALTHY_DAYS, (stamp, atMs) =>
    unitAt(stamp.charCodeAt(2), 1, atMs / BIN_MS) < 0.005 ? 60 : 0,
  )
}

/**
 * The files of a region of shared stamps, `days` whole days at five minutes; behind them the days repeat, so demand should
 * come round in them. The hottest node is a fifth above the average, and `spikeAt` adds points to one node for a bin.
 */
function monthRegion(
  tenants: readonly MonthTenant[],
  days: number,
  spikeAt: (stamp: string, atMs: number) => number = () => 0,
): TwinFiles {
  const startMs = MONTH_STARTS_MS - days * DAY_MS
  const bins = (days * DAY_MS) / BIN_MS
  const load: RegionLoad = {
    ...{ startMs, binMs: BIN_MS, bins },
    series: tenants.map((tenant) => loadOf(tenant, startMs, bins)),
  }
  const stamps = [...new Set(tenants.map(({ stamp }) => stamp))]
  const cpu = stamps.map((stamp) => cpuOf(stamp, { tenants, load, spikeAt }))
  return { fleet: fleetOf(tenants, stamps), region: MONTH_REGION, cpu, load }
}

function fleetOf(tenants: readonly MonthTenant[], stamps: readonly string[]): Fleet {
  const pool = { role: 'compute', nodes: NODES, minNodes: NODES, maxNodes: NODES + 2, vcpusPerNode: VCPUS }
  return Fleet.parse({
    regions: [
      {
        name: MONTH_REGION,
        stamps: stamps.map((id) => ({ id, kind: 'shared', state: 'active', pools: [pool] })),
      },
    ],
    registries: tenants.map(({ name, customer, stamp: homeStamp }) => ({
      ...{ name, customer },
      replicas: [{ region: MONTH_REGION, homeStamp }],
    })),
  })
}

function loadOf({ name, demandAt }: MonthTenant, startMs: number, bins: number): ReplicaLoad {
  const minutes = BIN_MS / 60_000
  const requests = Float64Array.from({ length: bins }, (_, at) =>
    Math.round(minutes * demandAt(startMs + at * BIN_MS)),
  )
  return {
    ...{ registry: name, role: 'compute', requests, bytes: null, throttled: null, inFlight: null },
    // One request in a thousand fails, evenly.
    errors: requests.map((count) => Math.round(count / 1000)),
    cpuSeconds: requests.map((count) => count * CORE_SECONDS),
  }
}

interface Shown {
  readonly tenants: readonly MonthTenant[]
  readonly load: RegionLoad
  readonly spikeAt: (stamp: string, atMs: number) => number
}

function cpuOf(stamp: string, { tenants, load, spikeAt }: Shown): PoolCpu {
  const here = load.series.filter((_, at) => tenants[at]?.stamp === stamp)
  const size = load.bins * NODES
  const samples = {
    nodes: Array.from({ length: NODES }, (_, node) => `${stamp}-n${node}`),
    timesMs: new Float64Array(size),
    nodeAt: new Uint32Array(size),
    cpuPercent: new Float64Array(size),
    cpuPercentMax: null,
  } satisfies CpuSamples
  for (let bin = 0; bin < load.bins; bin += 1) {
    const atMs = load.startMs + bin * BIN_MS
    const seconds = here.reduce((sum, { cpuSeconds }) => sum + (cpuSeconds?.[bin] ?? 0), 0)
    const average = (seconds / ((BIN_MS / 1000) * NODES * VCPUS)) * 100
    for (let node = 0; node < NODES; node += 1) {
      const at = bin * NODES + node
      samples.timesMs[at] = atMs
      samples.nodeAt[at] = node
      const skewed = 1 + average * (0.9 + (0.3 * node) / (NODES - 1))
      samples.cpuPercent[at] = Math.min(100, skewed + (node === 0 ? spikeAt(stamp, atMs) : 0))
    }
  }
  return { region: MONTH_REGION, stamp, role: 'compute', samples }
}
