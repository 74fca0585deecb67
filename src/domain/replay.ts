import { binMsOf, hotSeries } from './hot-node.ts'
import { PlanId } from './ids.ts'
import type { PastMove } from './past-moves.ts'
import type { PlanBody } from './plan.ts'
import { makePlan } from './planner.ts'
import type { Policy } from './policy.ts'
import { DAY_MS } from './pool-series.ts'
import { type RegionData, regionOf } from './region-data.ts'
import { scanRegion } from './scan-region.ts'
import { type Supposition, suppose } from './what-if.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** More days than ten years are no weeks of telemetry. */
const DAYS_MAX = 3_660
const REPLAYED = PlanId.parse('plan-replayed')

/** A day of recorded telemetry as it would have gone. */
export interface ReplayedDay {
  readonly endMs: number
  /** Stamps that were hot by the end of the day: each is somebody paged. */
  readonly hot: readonly string[]
  /** Minutes in which the hottest node of a pool was at the hot threshold or above, over all pools. */
  readonly minutesOver: number
  /** What was planned at its end; its moves were made at once where the replay acts. */
  readonly plan: Pick<PlanBody, 'verdict' | 'reason' | 'moves' | 'pools' | 'isolation' | 'blocked'>
  /** Nodes of stamps that the replay had to add, in hours of this day. */
  readonly nodeHours: number
}

/**
 * Goes through recorded telemetry day by day: judges, plans under the policy, and, where it acts, takes each plan's moves as
 * made at the day's end, so that all later days are as they would have been. Nothing after a day's end is looked at.
 */
export function replay(
  data: RegionData,
  options: {
    readonly policy: Policy
    readonly fromMs: number
    readonly toMs: number
    readonly how: 'acts' | 'watches'
  },
): ReplayedDay[] {
  const { policy, how, toMs } = options
  const inForce = new InForce()
  const days: ReplayedDay[] = []
  for (let endMs = options.fromMs; endMs <= toMs && days.length < DAYS_MAX; endMs += DAY_MS) {
    const upTo = { ...data, cpu: between(data, endMs - 2 * DAY_MS, endMs), nowMs: endMs }
    const supposed = suppose(upTo, inForce.suppositions, policy).data
    const { needsAction } = scanRegion(supposed, policy)
    const plan = makePlan(
      supposed,
      {},
      { policy, planId: REPLAYED, requestedBy: 'replay', pastMoves: inForce.moves },
    )
    days.push({
      endMs,
      hot: needsAction.filter(({ rule }) => rule === 'hot').map(({ stamp }) => stamp),
      minutesOver: minutesOver(supposed, policy.hotPercent),
      plan,
      nodeHours: (inForce.nodes * DAY_MS) / HOUR_MS,
    })
    if (how === 'acts') inForce.take(plan, supposed, endMs)
  }
  return days
}

/** Moves that a replay has made, and stamps that it had to add for them. */
class InForce {
  readonly #homes = new Map<string, string>()
  readonly #added: Supposition[] = []
  moves: PastMove[] = []
  nodes = 0

  get suppositions(): Supposition[] {
    const moves = [...this.#homes].map(([registry, to]): Supposition => ({ kind: 'move', registry, to }))
    return [...this.#added, ...moves]
  }

  take(plan: PlanBody, data: RegionData, atMs: number): void {
    const isNew = plan.moves.some(({ to }) => to === 'new')
    const stamp = isNew ? this.#add(plan, data) : ''
    for (const { registry, from, to } of plan.moves) {
      const home = to === 'new' ? stamp : to
      this.#homes.set(registry, home)
      this.moves.push({ registry, region: data.region, from, to: home, landedAtMs: atMs })
    }
  }

  #add({ moves, isolation }: PlanBody, data: RegionData): string {
    const like = moves[0]?.from ?? ''
    const known = new Set<string>(regionOf(data).stamps.map(({ id }) => id))
    let number = 1
    while (known.has(`added-${number}`)) number += 1
    const stamp = `added-${number}`
    this.#added.push({ kind: 'add', stamp, like })
    for (const { role, nodes } of isolation?.pools ?? []) {
      this.#added.push({ kind: 'resize', stamp, role, nodes })
      this.nodes += nodes
    }
    return stamp
  }
}

function minutesOver({ cpu, nowMs }: RegionData, hotPercent: number): number {
  let minutes = 0
  for (const { samples } of cpu) {
    const binMs = binMsOf(samples)
    const endMs = Math.floor(nowMs / binMs) * binMs
    const startMs = Math.ceil((endMs - DAY_MS) / binMs) * binMs
    const { hot } = hotSeries(samples, { startMs, endMs, binMs })
    minutes += (hot.filter((value) => value >= hotPercent).length * binMs) / MINUTE_MS
  }
  return minutes
}

function between({ cpu }: RegionData, fromMs: number, toMs: number): RegionData['cpu'] {
  return cpu.map((pool) => {
    const { timesMs, nodeAt, cpuPercent, cpuPercentMax, nodes } = pool.samples
    const rows = Uint32Array.from(timesMs.keys()).filter((row) => {
      const atMs = timesMs[row] ?? Number.NaN
      return atMs >= fromMs && atMs < toMs
    })
    const picked = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] ?? Number.NaN)
    const samples = {
      nodes,
      timesMs: picked(timesMs),
      nodeAt: Uint32Array.from(rows, (row) => nodeAt[row] ?? 0),
      cpuPercent: picked(cpuPercent),
      cpuPercentMax: cpuPercentMax ? picked(cpuPercentMax) : null,
    }
    return { ...pool, samples }
  })
}
