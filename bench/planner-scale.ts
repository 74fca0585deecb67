import { Fleet } from '../src/domain/fleet.ts'
import { PlanId } from '../src/domain/ids.ts'
import { makePlan } from '../src/domain/planner.ts'
import { Policy } from '../src/domain/policy.ts'
import type { RegionData } from '../src/domain/region-data.ts'
import type { PoolCpu, ReplicaLoad } from '../src/domain/series.ts'
import { seeded } from '../test/domain/seeded-counts.ts'

const ROLES = ['registry', 'dataproxy'] as const
const BINS = 30 * 60
const MINUTE_MS = 60_000
const NOW_MS = Date.UTC(2026, 2, 11)
const NODES = 10
const VCPUS = 8
const ROUNDS = 5

interface Size {
  readonly stamps: number
  readonly replicas: number
  /** So many are loaded all day; the others have no row. */
  readonly loaded: number
  readonly ratioMax: number
}

const SIZES: readonly Size[] = [
  { stamps: 20, replicas: 10_000, loaded: 2_500, ratioMax: 20 },
  { stamps: 100, replicas: 100_000, loaded: 10_000, ratioMax: 250 },
]

/** How long plans take, as multiples of one pass over the same series in memory. */
export function speed(metered: 'metered' | 'estimated', sizes = SIZES): void {
  for (const size of sizes) {
    const data = bigRegion(size, metered)
    const context = {
      policy: Policy.parse({ dominance: 50 }),
      planId: PlanId.parse('plan'),
      requestedBy: 'bench',
      pastMoves: [],
    }
    let words = ''
    let [pass, plan] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    // In turns, so that what else the machine does falls on both.
    for (let round = 0; round < ROUNDS; round += 1) {
      pass = Math.min(
        pass,
        cpuMs(() => onePass(data)),
      )
      const made = cpuMs(() => {
        const body = makePlan(data, {}, context)
        words = `${body.verdict}, ${body.moves.length} moves`
      })
      plan = Math.min(plan, made)
    }
    const heapMb = process.memoryUsage().rss / 2 ** 20
    console.log(
      `${size.stamps} stamps, ${size.replicas} replicas, ${size.loaded} of them loaded, ${metered}: one pass ${pass.toFixed(0)} ms, plan ${plan.toFixed(0)} ms (${words}): ${(plan / pass).toFixed(1)}x, at most ${size.ratioMax}x; ${heapMb.toFixed(0)} MB resident`,
    )
  }
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** The least that any plan needs: each value of load to its stamp's bin, each sample of CPU to its pool's hottest. */
function onePass(data: RegionData): number {
  let seen = 0
  const sums = new Float64Array(data.load.bins)
  for (const { requests, bytes, cpuSeconds } of data.load.series) {
    for (const column of [requests, bytes, cpuSeconds]) {
      if (column === null) continue
      for (let bin = 0; bin < column.length; bin += 1) sums[bin] = (sums[bin] ?? 0) + (column[bin] ?? 0)
    }
  }
  for (const { samples } of data.cpu) {
    const hot = new Float64Array(BINS)
    const startMs = NOW_MS - BINS * MINUTE_MS
    for (let row = 0; row < samples.timesMs.length; row += 1) {
      const bin = Math.floor(((samples.timesMs[row] ?? 0) - startMs) / MINUTE_MS)
      const value = samples.cpuPercent[row] ?? 0
      if (value > (hot[bin] ?? 0)) hot[bin] = value
    }
    seen += hot[0] ?? 0
  }
  return seen + (sums[0] ?? 0)
}

/** Every sixth stamp is hot, the others have room; loads of tenants are far from equal. */
function bigRegion({ stamps, replicas, loaded }: Size, metered: 'metered' | 'estimated'): RegionData {
  const random = seeded(7)
  const ids = Array.from({ length: stamps }, (_, at) => `weu-${String(at).padStart(3, '0')}`)
  const fleet = Fleet.parse({
    regions: [
      {
        name: 'westeurope',
        stamps: ids.map((id) => ({
          id,
          kind: 'shared',
          state: 'active',
          pools: ROLES.map((role) => ({
            ...{ role, nodes: NODES, minNodes: 4, maxNodes: 20, vcpusPerNode: VCPUS },
          })),
        })),
      },
    ],
    registries: Array.from({ length: replicas }, (_, at) => ({
      name: `r${at}`,
      customer: `c${Math.floor(at / 4)}`,
      replicas: [{ region: 'westeurope', homeStamp: ids[at % stamps] }],
    })),
  })
  const series: ReplicaLoad[] = []
  const loads = ids.map(() => new Float64Array(BINS))
  for (let at = 0; at < loaded; at += 1) {
    const [weight, phase, depth] = [10 ** (2 * random() - 1), random(), 0.5 * random()]
    const cores = Float64Array.from(
      { length: BINS },
      (_, bin) =>
        weight * (1 + depth * Math.sin((bin / 1440 + phase) * 2 * Math.PI) + 0.2 * (random() - 0.5)),
    )
    const sum = loads[at % stamps] ?? cores
    for (let bin = 0; bin < BINS; bin += 1) sum[bin] = (sum[bin] ?? 0) + (cores[bin] ?? 0)
    for (const role of ROLES) series.push(loadOf(`r${at}`, role, { cores, metered }))
  }
  const cpu: PoolCpu[] = []
  ids.forEach((id, at) => {
    const load = loads[at] ?? new Float64Array(BINS)
    const peak = load.toSorted()[Math.floor(BINS * 0.95)] ?? 1
    const level = at % 6 === 0 ? 78 : 30 + 25 * random()
    const scale = level / 1.25 / peak
    for (const one of series) {
      if (Number(one.registry.slice(1)) % stamps !== at) continue
      for (const column of [one.requests, one.bytes, one.cpuSeconds]) {
        if (column)
          for (let bin = 0; bin < BINS; bin += 1)
            column[bin] = (column[bin] ?? 0) * scale * ((NODES * VCPUS) / 100)
      }
    }
    for (const role of ROLES)
      cpu.push(
        poolCpu(
          id,
          role,
          load.map((value) => value * scale),
        ),
      )
  })
  return {
    fleet,
    region: 'westeurope',
    cpu,
    load: { startMs: NOW_MS - BINS * MINUTE_MS, binMs: MINUTE_MS, bins: BINS, series },
    nowMs: NOW_MS,
  }
}

function loadOf(
  registry: string,
  role: string,
  { cores, metered }: { readonly cores: Float64Array; readonly metered: 'metered' | 'estimated' },
): ReplicaLoad {
  const requests = cores.map((value) => value * 1000)
  const isMetered = metered === 'metered'
  return {
    ...{ registry, role, throttled: null, errors: null, inFlight: null },
    requests,
    bytes: isMetered ? null : cores.map((value) => value * 1e7),
    cpuSeconds: isMetered ? cores.map((value) => value * 60) : null,
  }
}

function poolCpu(stamp: string, role: string, average: Float64Array): PoolCpu {
  const rows = BINS * NODES
  return {
    region: 'westeurope',
    stamp,
    role,
    samples: {
      nodes: Array.from({ length: NODES }, (_, node) => `${stamp}-${role}-${node}`),
      timesMs: Float64Array.from(
        { length: rows },
        (_, row) => NOW_MS - (BINS - Math.floor(row / NODES)) * MINUTE_MS,
      ),
      nodeAt: Uint32Array.from({ length: rows }, (_, row) => row % NODES),
      cpuPercent: Float64Array.from(
        { length: rows },
        (_, row) => 1 + (average[Math.floor(row / NODES)] ?? 0) * (row % NODES === 0 ? 1.25 : 0.972),
      ),
      cpuPercentMax: null,
    },
  }
}
