import { Fleet } from '../../src/domain/fleet.ts'
import { PlanId } from '../../src/domain/ids.ts'
import type { Veto } from '../../src/domain/movable.ts'
import type { PlanContext } from '../../src/domain/planner.ts'
import { DEFAULT_POLICY, Policy } from '../../src/domain/policy.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import type { PoolCpu, ReplicaLoad } from '../../src/domain/series.ts'

export const REGION = 'westeurope'
export const BIN_MS = 60_000
export const NOW_MS = Date.UTC(2026, 2, 11)
export const ROLES = ['registry', 'dataproxy'] as const

/** A registry by what it costs: cores on each role, as a constant or by minute since the start of the data. */
export interface RegistrySpec {
  readonly name: string
  readonly customer?: string
  readonly stamp: string
  readonly cores: number | ((minute: number, role: string) => number)
  readonly pinned?: boolean
  readonly routing?: 'dns' | 'privateLink' | 'both'
  /** Left out of the load rows: an idle registry. */
  readonly idle?: boolean
}

export interface StampSpec {
  readonly id: string
  readonly kind?: 'shared' | 'isolated'
  readonly state?: 'provisioning' | 'active' | 'cordoned' | 'evacuating' | 'retired'
  readonly faultDomain?: string
  readonly nodes?: number
  readonly maxNodes?: number
  /** Percent that every node shows without load. */
  readonly idlePercent?: number
  /** Sends no CPU samples. */
  readonly silent?: boolean
  /** Minutes since the start of the data of which it has no sample. */
  readonly missing?: (minute: number) => boolean
}

export interface RegionSpec {
  readonly stamps: readonly StampSpec[]
  readonly registries: readonly RegistrySpec[]
  readonly hours?: number
  readonly metered?: boolean
  readonly throttledShare?: number
  readonly vcpus?: number
  readonly perRequest?: number
}

/** The hottest of a pool's nodes has 1.3 times the mean; all pools alike, so that predictions can be told exactly. */
export const HOT_WEIGHT = 1.3

export function coresOf(spec: RegistrySpec, minute: number, role: string): number {
  if (spec.idle) return 0
  return typeof spec.cores === 'number' ? spec.cores : spec.cores(minute, role)
}

/** A region whose CPU is exactly what its registries cost, plus idle percent. */
export function aRegion(spec: RegionSpec): RegionData {
  const minutes = (spec.hours ?? 30) * 60
  const vcpus = spec.vcpus ?? 8
  const perRequest = spec.perRequest ?? 0.001
  const startMs = NOW_MS - minutes * BIN_MS
  const fleet = Fleet.parse({
    regions: [
      {
        name: REGION,
        stamps: spec.stamps.map(
          ({ id, kind = 'shared', state = 'active', nodes = 4, maxNodes = 12, faultDomain }) => ({
            ...(faultDomain === undefined ? {} : { faultDomain }),
            id,
            kind,
            state,
            pools: ROLES.map((role) => ({ role, nodes, minNodes: 1, maxNodes, vcpusPerNode: vcpus })),
          }),
        ),
      },
    ],
    registries: spec.registries.map(({ name, customer = name, stamp, pinned = false, routing = 'dns' }) => ({
      name,
      customer,
      replicas: [{ region: REGION, homeStamp: stamp, pinned, routing }],
    })),
  })
  const cpu = spec.stamps
    .filter(({ silent }) => !silent)
    .flatMap((stamp) => ROLES.map((role) => poolCpu(spec, stamp, { role, minutes, startMs, vcpus })))
  const series: ReplicaLoad[] = spec.registries
    .filter(({ idle }) => !idle)
    .flatMap((registry) =>
      ROLES.map((role) => {
        const cores = Float64Array.from({ length: minutes }, (_, minute) => coresOf(registry, minute, role))
        const requests = cores.map((value) => value / perRequest)
        return {
          registry: registry.name,
          role,
          requests: requests.map((value) => value * (1 - (spec.throttledShare ?? 0))),
          bytes: null,
          throttled: requests.map((value) => value * (spec.throttledShare ?? 0)),
          errors: null,
          inFlight: null,
          cpuSeconds: spec.metered === false ? null : cores.map((value) => value * 60),
        }
      }),
    )
  return {
    fleet,
    region: REGION,
    cpu,
    load: { startMs, binMs: BIN_MS, bins: minutes, series },
    nowMs: NOW_MS,
  }
}

function poolCpu(
  spec: RegionSpec,
  { id, nodes = 4, idlePercent = 2, missing = () => false }: StampSpec,
  pool: { readonly role: string; readonly minutes: number; readonly startMs: number; readonly vcpus: number },
): PoolCpu {
  const here = spec.registries.filter(({ stamp }) => stamp === id)
  const rest = nodes > 1 ? (nodes - HOT_WEIGHT) / (nodes - 1) : 1
  const rows: { atMs: number; node: number; percent: number }[] = []
  for (let minute = 0; minute < pool.minutes; minute += 1) {
    if (missing(minute)) continue
    const cores = here.reduce((sum, registry) => sum + coresOf(registry, minute, pool.role), 0)
    const mean = (cores * 100) / (nodes * pool.vcpus)
    for (let node = 0; node < nodes; node += 1) {
      const weight = node === 0 && nodes > 1 ? HOT_WEIGHT : rest
      rows.push({ atMs: pool.startMs + minute * BIN_MS, node, percent: idlePercent + mean * weight })
    }
  }
  return {
    region: REGION,
    stamp: id,
    role: pool.role,
    samples: {
      nodes: Array.from({ length: nodes }, (_, at) => `${id}-${pool.role}-${at}`),
      timesMs: Float64Array.from(rows, ({ atMs }) => atMs),
      nodeAt: Uint32Array.from(rows, ({ node }) => node),
      cpuPercent: Float64Array.from(rows, ({ percent }) => percent),
      cpuPercentMax: null,
    },
  }
}

export function aContext(
  options: {
    policy?: Record<string, unknown>
    movedAtMs?: Record<string, number>
    pastMoves?: PlanContext['pastMoves']
    interlocks?: readonly Veto[]
  } = {},
): PlanContext {
  return {
    policy: options.policy ? Policy.parse(options.policy) : DEFAULT_POLICY,
    planId: PlanId.parse('plan-test'),
    requestedBy: 'ada',
    pastMoves: options.pastMoves ?? landedFromAfar(options.movedAtMs ?? {}),
    interlocks: options.interlocks ?? [],
  }
}

/** Moves from a stamp that is no longer there. */
function landedFromAfar(movedAtMs: Readonly<Record<string, number>>): PlanContext['pastMoves'] {
  return Object.entries(movedAtMs).map(([registry, landedAtMs]) => ({
    registry,
    region: REGION,
    from: 'weu-gone',
    to: 'weu-here',
    landedAtMs,
  }))
}

/** A number that wanders by day, so that tenants differ in rhythm and can be told apart. */
export function wave(mean: number, phase: number, depth = 0.2): (minute: number) => number {
  return (minute) => mean * (1 + depth * Math.sin(((minute / 240 + phase) * Math.PI * 2) % (2 * Math.PI)))
}
