import { BIN_MINUTES, BINS, coresOf, type RandomRegion, ROLES } from './random-region.ts'

/*
 * Looks at every way to send each movable replica to any stamp, by the truth of a made-up region. It shares no code with
 * the planner, neither for figures nor for the search.
 */

const TARGET = 60
const DAY = (24 * 60) / BIN_MINUTES
const PEAK = DAY / 2
const SLACK = 1e-6

/** How good a way is; the first difference decides. */
export interface Way {
  readonly over: number
  readonly moves: number
  readonly load: number
}

/** Where each replica is, as indices of stamps, in the order of the region's replicas. */
export type Homes = readonly number[]

export function homesNow({ replicas }: RandomRegion): Homes {
  return replicas.map(({ home }) => home)
}

/** What moves cost and leave. Null where a stamp that receives ends over the target and hotter than it is. */
export function wayOf(region: RandomRegion, homes: Homes): Way | null {
  return new Truth(region).wayOf(homes)
}

/** The best of all ways, by pools over the target, moves, and core-minutes moved. */
export function bestWay(region: RandomRegion): Way {
  const truth = new Truth(region)
  const movable = region.replicas.flatMap(({ movable: can }, at) => (can ? [at] : []))
  const homes = [...homesNow(region)]
  let best = truth.wayOf(homes) ?? { over: Number.POSITIVE_INFINITY, moves: 0, load: 0 }
  const stamps = region.stamps.length
  for (let way = 1; way < stamps ** movable.length; way += 1) {
    let rest = way
    for (const at of movable) {
      homes[at] = ((region.replicas[at]?.home ?? 0) + (rest % stamps)) % stamps
      rest = Math.floor(rest / stamps)
    }
    const found = truth.wayOf(homes, best)
    if (found && isBetter(found, best)) best = found
  }
  return best
}

export function isBetter(a: Way, b: Way): boolean {
  if (a.over !== b.over) return a.over < b.over
  if (a.moves !== b.moves) return a.moves < b.moves
  return a.load < b.load * (1 - SLACK)
}

/** Hot-node P95s of pools by which replicas are there, each worked out once. */
class Truth {
  readonly #region: RandomRegion
  readonly #loads: readonly number[]
  readonly #known = new Map<number, readonly number[]>()

  constructor(region: RandomRegion) {
    this.#region = region
    this.#loads = region.replicas.map(({ cores }) =>
      ROLES.reduce(
        (sum, role) => sum + cores[role].slice(BINS - DAY).reduce((all, value) => all + value, 0),
        0,
      ),
    )
  }

  wayOf(homes: Homes, best?: Way): Way | null {
    const { replicas, stamps } = this.#region
    let moves = 0
    let load = 0
    for (const [at, { home }] of replicas.entries()) {
      if (homes[at] === home) continue
      moves += 1
      load += (this.#loads[at] ?? 0) * BIN_MINUTES
    }
    if (best && best.over === 0 && moves > best.moves) return null
    let over = 0
    for (let stamp = 0; stamp < stamps.length; stamp += 1) {
      const now = this.#p95s(
        stamp,
        replicas.map(({ home }) => home),
      )
      const receives = replicas.some(({ home }, at) => homes[at] === stamp && home !== stamp)
      for (const [pool, value] of this.#p95s(stamp, homes).entries()) {
        if (value <= TARGET + SLACK) continue
        if (receives && value > (now[pool] ?? 0) + SLACK) return null
        over += 1
      }
    }
    return { over, moves, load }
  }

  #p95s(stamp: number, homes: Homes): readonly number[] {
    let here = 0
    for (let at = 0; at < homes.length; at += 1) if (homes[at] === stamp) here += 2 ** at
    const key = here * 8 + stamp
    const known = this.#known.get(key)
    if (known) return known
    const found = ROLES.map((role) => this.#p95(stamp, homes, role))
    this.#known.set(key, found)
    return found
  }

  #p95(stamp: number, homes: Homes, role: (typeof ROLES)[number]): number {
    const { stamps, replicas } = this.#region
    const pool = stamps[stamp]
    if (!pool) return 0
    const hot = Array.from({ length: DAY }, () => 0)
    for (const [at, { cores }] of replicas.entries()) {
      if (homes[at] !== stamp) continue
      for (let bin = 0; bin < DAY; bin += 1) hot[bin] = (hot[bin] ?? 0) + (cores[role][BINS - DAY + bin] ?? 0)
    }
    for (let bin = 0; bin < DAY; bin += 1) {
      hot[bin] = pool.idlePercent + ((hot[bin] ?? 0) / coresOf(pool)) * 100 * pool.hottest
    }
    let sum = hot.slice(0, PEAK).reduce((all, value) => all + value, 0)
    let best = { sum, at: 0 }
    for (let at = 1; at + PEAK <= DAY; at += 1) {
      sum += (hot[at + PEAK - 1] ?? 0) - (hot[at - 1] ?? 0)
      if (sum >= best.sum - 1e-9) best = { sum: Math.max(sum, best.sum), at }
    }
    const sorted = hot.slice(best.at, best.at + PEAK).sort((a, b) => a - b)
    const rank = ((PEAK - 1) * 95) / 100
    const low = sorted[Math.floor(rank)] ?? 0
    return low + (rank - Math.floor(rank)) * ((sorted[Math.floor(rank) + 1] ?? low) - low)
  }
}
