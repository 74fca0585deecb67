import type { ReplicaCost } from './cost.ts'
import { coresInUse } from './cost.ts'
import type { PoolSource } from './pool-source.ts'
import { type Routing, shareAt } from './routing.ts'
import { recordedBin, type Timeline } from './timeline.ts'

/** Bins that are computed and kept together. */
export const CHUNK_BINS = 360

/** Where within a bin traffic's share is sampled; their mean is the bin's. */
const SHARE_POINTS = [1 / 6, 1 / 2, 5 / 6] as const

/** A replica with a cost on this pool's role. */
export interface Resident {
  readonly replica: string
  readonly home: string
  readonly cost: ReplicaCost
}

/** A pool's load for the bins of one chunk. */
export interface LoadChunk {
  /** What is left of the load that the pool has in the files, 0..1. */
  readonly kept: Float64Array
  /** Cores at relative speed 1 that replicas from other stamps use here. */
  readonly arrived: Float64Array
}

/** One pool's load as traffic flows now, from its load in the files. Chunks count from the end of the files. */
export class PoolLoad {
  readonly #pool: PoolSource
  readonly #timeline: Timeline
  readonly #residents: readonly Resident[]
  readonly #routingOf: (replica: string) => Routing | undefined
  /** Cores of idle nodes and of what can't be laid on a replica, and those of the replicas at home here. */
  readonly #own: Float64Array
  readonly #chunks = new Map<number, LoadChunk>()

  constructor(parts: {
    readonly pool: PoolSource
    readonly timeline: Timeline
    /** Replicas of the region with a cost on this role. */
    readonly residents: readonly Resident[]
    readonly routingOf: (replica: string) => Routing | undefined
  }) {
    this.#pool = parts.pool
    this.#timeline = parts.timeline
    this.#residents = parts.residents
    this.#routingOf = parts.routingOf
    this.#own = ownLoad(
      parts.pool,
      parts.residents.filter((resident) => resident.home === parts.pool.stamp),
      parts.timeline,
    )
  }

  hasOwnReplicas(): boolean {
    return this.#residents.some(
      ({ home, cost }) => home === this.#pool.stamp && cost.cores.some((cores) => cores > 0),
    )
  }

  chunk(number: number): LoadChunk {
    const known = this.#chunks.get(number)
    if (known) return known
    const chunk = this.#compute(number)
    this.#chunks.set(number, chunk)
    return chunk
  }

  /** Forgets the chunks that hold or follow an instant. */
  forgetFrom(atMs: number): void {
    const from = Math.floor((atMs - this.#timeline.endMs) / (CHUNK_BINS * this.#timeline.binMs))
    for (const number of this.#chunks.keys()) if (number >= from) this.#chunks.delete(number)
  }

  #compute(number: number): LoadChunk {
    const { bins, endMs, binMs } = this.#timeline
    const recorded = Int32Array.from({ length: CHUNK_BINS }, (_, at) =>
      recordedBin(this.#timeline, bins + number * CHUNK_BINS + at),
    )
    const startMs = endMs + number * CHUNK_BINS * binMs
    const left = new Float64Array(CHUNK_BINS)
    const arrived = new Float64Array(CHUNK_BINS)
    for (const { replica, home, cost } of this.#residents) {
      const routing = this.#routingOf(replica)
      if (!routing || routing.changes.length === 0) continue
      const isHome = home === this.#pool.stamp
      if (!isHome && !routing.changes.some((change) => change.to === this.#pool.stamp)) continue
      for (let at = 0; at < CHUNK_BINS; at++) {
        const share = binShare(routing, this.#pool.stamp, startMs + at * binMs, binMs)
        const cores = cost.cores[recorded[at] ?? 0] ?? 0
        if (isHome) left[at] = (left[at] ?? 0) + cores * (1 - share)
        else arrived[at] = (arrived[at] ?? 0) + cores * share
      }
    }
    const kept = left.map((cores, at) => {
      const own = this.#own[recorded[at] ?? 0] ?? 0
      return own > 0 ? Math.max(0, 1 - cores / own) : 1
    })
    return { kept, arrived }
  }
}

function binShare(routing: Routing, stamp: string, startMs: number, binMs: number): number {
  let share = 0
  for (const point of SHARE_POINTS) share += shareAt(routing, stamp, startMs + point * binMs)
  return share / SHARE_POINTS.length
}

/** The replicas' cores and, as far as the pool shows more than these on average, a constant rest. */
function ownLoad(pool: PoolSource, residents: readonly Resident[], timeline: Timeline): Float64Array {
  const laid = new Float64Array(timeline.bins)
  for (const { cost } of residents) {
    for (const [bin, cores] of cost.cores.entries()) laid[bin] = (laid[bin] ?? 0) + cores
  }
  const shown = coresInUse(pool)
  let rest = 0
  let known = 0
  for (const [bin, cores] of shown.entries()) {
    if (Number.isNaN(cores)) continue
    rest += cores - (laid[bin] ?? 0)
    known++
  }
  const constant = known === 0 ? 0 : Math.max(0, rest / known)
  return laid.map((cores) => cores + constant)
}
