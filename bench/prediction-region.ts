import { Fleet } from '../src/domain/fleet.ts'
import type { PoolCpu, ReplicaLoad } from '../src/domain/series.ts'
import type { TwinFiles } from '../src/twin/twin.ts'

export const REGION = 'north'
const ROLE = 'dataproxy'
const MINUTE_MS = 60_000
const DAY_BINS = 1440
const DAYS = 2
const BINS = DAYS * DAY_BINS
export const ENDS_MS = Date.UTC(2026, 0, 7)
const START_MS = ENDS_MS - BINS * MINUTE_MS
const VCPUS = 8

/** Numbers that repeat from seed to seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Tenant {
  readonly name: string
  readonly stamp: string
  /** Cores in use, by minute. */
  readonly cores: Float64Array
}

/**
 * Files of a region with one hot stamp: tenants of very unlike size with a rhythm, ups and downs of minutes and days of
 * their own, and pools that spread load over their nodes unevenly, each in its own way. The twin always knows what each
 * tenant's requests cost; in half of the regions nobody else meters it.
 */
export function aRegionFor(
  seed: number,
  days: 'alike' | 'differing',
): { files: TwinFiles; metered: boolean } {
  const next = seeded(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const metered = next() < 0.5
  const stamps = Array.from({ length: 3 + Math.floor(next() * 3) }, (_, at) => {
    const nodes = 4 + Math.floor(next() * 9)
    // The hottest hour of the first stamp is far above the target, that of the others below it.
    return {
      id: `n-${at}`,
      nodes,
      average: at === 0 ? 0.5 + 0.1 * next() : 0.12 + 0.2 * next(),
      uneven: 0.03 + 0.15 * next(),
    }
  })
  const tenants = stamps.flatMap(({ id, nodes, average }) => {
    const sizes = Array.from({ length: 6 + Math.floor(next() * 10) }, () => (1 - next()) ** -0.7)
    const sum = sizes.reduce((all, size) => all + size, 0)
    return sizes.map(
      (size, at): Tenant => ({
        name: `${id}-t${at}`,
        stamp: id,
        cores: rhythm((size / sum) * average * nodes * VCPUS, { next, normal, days }),
      }),
    )
  })
  const fleet = Fleet.parse({
    regions: [
      {
        name: REGION,
        stamps: stamps.map(({ id, nodes }) => ({
          id,
          kind: 'shared',
          state: 'active',
          // Without autoscale: what a pool shows at its own node count is what is predicted.
          pools: [{ role: ROLE, nodes, minNodes: nodes, maxNodes: nodes, vcpusPerNode: VCPUS }],
        })),
      },
    ],
    registries: tenants.map(({ name, stamp }) => ({
      name,
      customer: name,
      replicas: [{ region: REGION, homeStamp: stamp }],
    })),
  })
  const cpu = stamps.map((stamp) => nodeCpu(stamp, tenants, normal))
  const load = tenants.map((tenant) => loadOf(tenant, { perRequest: 0.01 * (0.7 + 0.6 * next()), normal }))
  const grid = { startMs: START_MS, binMs: MINUTE_MS, bins: BINS }
  return { files: { fleet, region: REGION, cpu, load: { ...grid, series: load } }, metered }
}

function rhythm(
  mean: number,
  {
    next,
    normal,
    days: kind,
  }: { readonly next: () => number; readonly normal: () => number; readonly days: 'alike' | 'differing' },
): Float64Array {
  const depth = 0.15 + 0.35 * next()
  const phase = next() * 0.25
  const rough = 0.03 + 0.09 * next()
  const days = Array.from({ length: DAYS }, () => 1 + 0.03 * normal())
  let wander = 0
  const cores = Float64Array.from({ length: BINS }, (_, minute) => {
    wander = 0.9 * wander + rough * normal()
    const ofDay = 1 - depth * Math.cos(2 * Math.PI * ((minute % DAY_BINS) / DAY_BINS - phase))
    return Math.max(0, mean * ofDay * (days[Math.floor(minute / DAY_BINS)] ?? 1) * (1 + wander))
  })
  return kind === 'differing' ? cores : cores.map((_, minute) => cores[minute % DAY_BINS] ?? 0)
}

function nodeCpu(
  { id, nodes, uneven }: { readonly id: string; readonly nodes: number; readonly uneven: number },
  tenants: readonly Tenant[],
  normal: () => number,
): PoolCpu {
  const weights = Array.from({ length: nodes }, () => Math.max(0.3, 1 + uneven * normal()))
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const here = tenants.filter(({ stamp }) => stamp === id)
  const rows = BINS * nodes
  return {
    region: null,
    stamp: id,
    role: ROLE,
    samples: {
      nodes: weights.map((_, node) => `${id}-vm${String(node).padStart(2, '0')}`),
      timesMs: Float64Array.from({ length: rows }, (_, at) => START_MS + Math.floor(at / nodes) * MINUTE_MS),
      nodeAt: Uint32Array.from({ length: rows }, (_, at) => at % nodes),
      cpuPercent: Float64Array.from({ length: rows }, (_, at) => {
        const minute = Math.floor(at / nodes)
        const cores = here.reduce((all, tenant) => all + (tenant.cores[minute] ?? 0), 0)
        const weight = ((weights[at % nodes] ?? 1) * nodes) / sum
        const percent = 3 + (100 * cores * weight * (1 + 0.04 * normal())) / (nodes * VCPUS)
        return Math.min(100, Math.max(0, percent))
      }),
      cpuPercentMax: null,
    },
  }
}

function loadOf(
  { name, cores }: Tenant,
  how: { readonly perRequest: number; readonly normal: () => number },
): ReplicaLoad {
  const requests = cores.map((value) => Math.round((value / how.perRequest) * (1 + 0.03 * how.normal())))
  return {
    registry: name,
    role: ROLE,
    requests,
    bytes: null,
    throttled: null,
    errors: null,
    inFlight: null,
    cpuSeconds: cores.map((value) => value * 60),
  }
}
