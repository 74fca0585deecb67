import { sealPlan } from './canonical.ts'
import { PlanId } from './ids.ts'
import type { Move, MovePhase, Plan } from './plan.ts'
import { OPEN_POLICY } from './policy.ts'
import type { PoolCpu, RegionLoad, ReplicaLoad } from './series.ts'

/** Moves of a cut-down plan, and registries beside them whose load is kept, at most. */
const MOVES_MAX = 2
const NEIGHBOURS_MAX = 8
const OBSERVATION = 'PT2H'
const BIN_MS = 300_000
/** Heaviest first: what weighs most shows most. */
const PHASES: readonly MovePhase[] = ['top', 'medium', 'tail']

/** The heaviest batch of a plan as a plan of its own: at most two of its moves, two hours of observation, no window to wait for. */
export function cutDownPlan(plan: Plan, suffix: string): Plan | undefined {
  const phase = PHASES.find((name) => plan.moves.some((move) => move.phase === name))
  const first = plan.moves.filter((move) => move.phase === phase && move.batch === 1)
  const moves = first.toSorted((a, b) => b.share - a.share || (a.registry < b.registry ? -1 : 1))
  const kept = moves.slice(0, MOVES_MAX)
  if (phase === undefined || kept.length === 0) return undefined
  const { digest: _, ...body } = plan
  const { windows } = OPEN_POLICY
  return sealPlan({
    ...body,
    id: PlanId.parse(`${plan.id}-${suffix}`),
    policy: { ...plan.policy, windows, freezes: [], budgets: OPEN_POLICY.budgets },
    moves: kept,
    reverses: plan.reverses.filter(({ registry }) => kept.some((move) => move.registry === registry)),
    // A stamp that the run makes is made here, too.
    phases: [
      ...plan.phases.filter(({ name }) => name === 'provision'),
      { name: phase, observation: OBSERVATION },
    ],
  })
}

/** A region's load with the registries of these moves and the heaviest beside them, in bins of five minutes. */
export function cutDownLoad(load: RegionLoad, moves: readonly Move[], stampsOf: Stamps): RegionLoad {
  const moved = new Set<string>(moves.map(({ registry }) => registry))
  const stamps = new Set<string>(moves.flatMap(({ from, to }) => [from, to]))
  const near = load.series.filter(
    ({ registry }) => !moved.has(registry) && stamps.has(stampsOf(registry) ?? ''),
  )
  const heaviest = new Set(
    near
      .toSorted((a, b) => weightOf(b) - weightOf(a))
      .slice(0, NEIGHBOURS_MAX)
      .map(({ registry }) => registry),
  )
  const kept = load.series.filter(({ registry }) => moved.has(registry) || heaviest.has(registry))
  const each = Math.max(1, Math.round(BIN_MS / load.binMs))
  const bins = Math.floor(load.bins / each)
  const coarse = (column: Float64Array | null) => column && summed(column, each, bins)
  return {
    startMs: load.startMs,
    binMs: load.binMs * each,
    bins,
    series: kept.map((one) => ({
      ...{ registry: one.registry, role: one.role },
      ...{ requests: coarse(one.requests), bytes: coarse(one.bytes), throttled: coarse(one.throttled) },
      ...{ errors: coarse(one.errors), cpuSeconds: coarse(one.cpuSeconds) },
      inFlight: one.inFlight && summed(one.inFlight, each, bins).map((sum) => sum / each),
    })),
  }
}

type Stamps = (registry: string) => string | undefined

function weightOf({ cpuSeconds, requests, bytes }: ReplicaLoad): number {
  const column = cpuSeconds ?? requests ?? bytes ?? new Float64Array(0)
  return column.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
}

/** A bin with a missing minute is missing: what is not known is not made up. */
function summed(column: Float64Array, each: number, bins: number): Float64Array {
  return Float64Array.from({ length: bins }, (_, at) =>
    column.subarray(at * each, (at + 1) * each).reduce((sum, value) => sum + value, 0),
  )
}

/** A pool's samples as averages of five minutes, node by node. */
export function cutDownCpu({ samples, ...where }: PoolCpu): PoolCpu {
  const sums = new Map<string, { readonly node: number; readonly atMs: number; sum: number; count: number }>()
  for (const [at, timeMs] of samples.timesMs.entries()) {
    const cpu = samples.cpuPercent[at] ?? Number.NaN
    if (Number.isNaN(cpu)) continue
    const node = samples.nodeAt[at] ?? 0
    const atMs = Math.floor(timeMs / BIN_MS) * BIN_MS
    const key = `${atMs} ${node}`
    const known = sums.get(key) ?? { node, atMs, sum: 0, count: 0 }
    sums.set(key, known)
    known.sum += cpu
    known.count += 1
  }
  const kept = [...sums.values()].toSorted((a, b) => a.atMs - b.atMs || a.node - b.node)
  return {
    ...where,
    samples: {
      nodes: samples.nodes,
      timesMs: Float64Array.from(kept, ({ atMs }) => atMs),
      nodeAt: Uint32Array.from(kept, ({ node }) => node),
      cpuPercent: Float64Array.from(kept, ({ sum, count }) => sum / count),
      cpuPercentMax: null,
    },
  }
}
