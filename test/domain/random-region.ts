import { Fleet } from '../../src/domain/fleet.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import type { PoolCpu, ReplicaLoad } from '../../src/domain/series.ts'
import { seeded } from './seeded-counts.ts'

export const ROLES = ['registry', 'dataproxy'] as const
export const BIN_MINUTES = 5
export const BINS = (30 * 60) / BIN_MINUTES
const BIN_MS = BIN_MINUTES * 60_000
const NOW_MS = Date.UTC(2026, 2, 11)
const VCPUS = 8

export interface RandomStamp {
  readonly id: string
  readonly nodes: number
  readonly idlePercent: number
  /** Of one node of each pool, as a multiple of the mean; the others share the rest. */
  readonly hottest: number
}

export interface RandomReplica {
  readonly name: string
  readonly home: number
  readonly movable: boolean
  /** Cores in use by bin, of each role. */
  readonly cores: Readonly<Record<(typeof ROLES)[number], Float64Array>>
}

/** A region whose truth is known: what each pool shows is made from what its replicas use. */
export interface RandomRegion {
  readonly stamps: readonly RandomStamp[]
  readonly replicas: readonly RandomReplica[]
}

export interface RandomOptions {
  readonly seed: number
  readonly stampsMax?: number
  readonly movableMax?: number
  /** Measured series of loads to draw from, about 1 in the mean; without them load is made up. */
  readonly shapes?: readonly Float64Array[]
}

/** Two to four stamps, up to ten movable replicas and some pinned ones; the first stamp is hot, the others have about room. */
export function randomRegion({ seed, stampsMax = 4, movableMax = 10, shapes }: RandomOptions): RandomRegion {
  const random = seeded(seed)
  const between = (low: number, high: number) => low + random() * (high - low)
  const count = Math.floor(between(2, stampsMax + 1))
  const stamps = Array.from({ length: count }, (_, at) => ({
    id: `weu-${at}`,
    nodes: Math.floor(between(3, 9)),
    idlePercent: Math.floor(between(0, 3)),
    hottest: 1.25,
  }))
  const movable = Math.floor(between(3, movableMax + 1))
  const drawn = Array.from({ length: movable + count }, (_, at) => {
    const isMovable = at < movable
    const home = isMovable ? (random() < 0.6 ? 0 : Math.floor(between(0, count))) : at - movable
    const weight = isMovable ? 10 ** between(-0.8, 0.5) : between(0.5, 2)
    const proxy = between(0.4, 1.1)
    const shape = shapes
      ? (shapes[Math.floor(between(0, shapes.length))] ?? new Float64Array(BINS))
      : madeUp(random)
    return { name: `r${at}`, home, movable: isMovable, weight, proxy, shape }
  })
  // Each stamp is scaled to a level of its own: the first above hot, the others below the target.
  const levels = stamps.map((_, at) => (at === 0 ? between(74, 95) : between(25, 62)))
  const replicas = drawn.map(({ name, home, movable: isMovable, weight, proxy, shape }) => {
    const stamp = stamps[home]
    const own = drawn.filter((one) => one.home === home)
    const sum = peak(own.map((one) => ({ shape: one.shape, weight: one.weight * Math.max(1, one.proxy) })))
    const target = ((levels[home] ?? 0) - (stamp?.idlePercent ?? 0)) / (stamp?.hottest ?? 1)
    const scale = ((target / 100) * (stamp?.nodes ?? 1) * VCPUS) / sum
    return {
      name,
      home,
      movable: isMovable,
      cores: {
        registry: shape.map((value) => value * weight * scale),
        dataproxy: shape.map((value) => value * weight * scale * proxy),
      },
    }
  })
  return { stamps, replicas }
}

/** A day's rhythm with a peak somewhere, and noise. */
function madeUp(random: () => number): Float64Array {
  const [phase, depth, noise] = [random(), random() * 0.6, random() * 0.3]
  return Float64Array.from({ length: BINS }, (_, bin) =>
    Math.max(0, 1 + depth * Math.sin((bin / 288 + phase) * 2 * Math.PI) + noise * (random() + random() - 1)),
  )
}

/** About what the sum reaches in its upper minutes. */
function peak(parts: readonly { readonly shape: Float64Array; readonly weight: number }[]): number {
  const sums = Float64Array.from({ length: BINS }, (_, bin) =>
    parts.reduce((sum, { shape, weight }) => sum + (shape[bin] ?? 0) * weight, 0),
  )
  return sums.toSorted()[Math.floor(BINS * 0.93)] || 1
}

/** The region as the planner is given it: samples of nodes, and metered CPU of replicas. */
export function dataOf({ stamps, replicas }: RandomRegion): RegionData {
  const startMs = NOW_MS - BINS * BIN_MS
  const fleet = Fleet.parse({
    regions: [
      {
        name: 'westeurope',
        stamps: stamps.map(({ id, nodes }) => ({
          id,
          kind: 'shared',
          state: 'active',
          pools: ROLES.map((role) => ({ role, nodes, minNodes: 1, maxNodes: nodes, vcpusPerNode: VCPUS })),
        })),
      },
    ],
    registries: replicas.map(({ name, home, movable }) => ({
      name,
      customer: name,
      replicas: [{ region: 'westeurope', homeStamp: stamps[home]?.id ?? '', pinned: !movable }],
    })),
  })
  const series: ReplicaLoad[] = replicas.flatMap(({ name, cores }) =>
    ROLES.map((role) => ({
      registry: name,
      role,
      requests: cores[role].map((value) => value * 1000),
      bytes: null,
      throttled: null,
      errors: null,
      inFlight: null,
      cpuSeconds: cores[role].map((value) => value * BIN_MINUTES * 60),
    })),
  )
  const cpu = stamps.flatMap((_, at) => ROLES.map((role) => poolCpu({ stamps, replicas }, at, role)))
  return {
    fleet,
    region: 'westeurope',
    cpu,
    load: { startMs, binMs: BIN_MS, bins: BINS, series },
    nowMs: NOW_MS,
  }
}

function poolCpu({ stamps, replicas }: RandomRegion, at: number, role: (typeof ROLES)[number]): PoolCpu {
  const { id, nodes, idlePercent, hottest } = stamps[at] ?? { id: '', nodes: 1, idlePercent: 0, hottest: 1 }
  const here = replicas.filter(({ home }) => home === at)
  const rest = (nodes - hottest) / (nodes - 1)
  const rows = BINS * nodes
  const percentAt = (bin: number, node: number) => {
    const cores = here.reduce((sum, replica) => sum + (replica.cores[role][bin] ?? 0), 0)
    return idlePercent + ((cores * 100) / (nodes * VCPUS)) * (node === 0 ? hottest : rest)
  }
  return {
    region: 'westeurope',
    stamp: id,
    role,
    samples: {
      nodes: Array.from({ length: nodes }, (_, node) => `${id}-${role}-${node}`),
      timesMs: Float64Array.from(
        { length: rows },
        (_, row) => NOW_MS - (BINS - Math.floor(row / nodes)) * BIN_MS,
      ),
      nodeAt: Uint32Array.from({ length: rows }, (_, row) => row % nodes),
      cpuPercent: Float64Array.from({ length: rows }, (_, row) =>
        percentAt(Math.floor(row / nodes), row % nodes),
      ),
      cpuPercentMax: null,
    },
  }
}

/** Cores of a pool of the region. */
export function coresOf({ nodes }: RandomStamp): number {
  return nodes * VCPUS
}
