import { CHUNK_BINS, type PoolLoad } from './pool-load.ts'
import type { PoolSource } from './pool-source.ts'
import type { MinimumChange } from './region.ts'
import { recordedBin, type Timeline } from './timeline.ts'

/** How long a new node takes until it serves. */
const NODE_READY_MS = 180_000
/** Autoscale looks this often, and adds or takes at most one node then. */
const STEP_MS = 300_000
/** It adds a node above this average CPU, or above the files' own average then where that is higher. */
const SCALE_OUT_PERCENT = 70
const SCALE_OUT_OVER_FILES = 1.1

interface NodeChange {
  readonly atMs: number
  readonly nodes: number
}

/**
 * How many nodes a pool has. Autoscale keeps the level that the pool shows in the files: it takes a node where the
 * rest would still be below the files' average CPU of that time of day, so that without a move nothing changes.
 */
export class PoolScaling {
  readonly #pool: PoolSource
  readonly #timeline: Timeline
  readonly #load: PoolLoad
  readonly #minimums: () => readonly MinimumChange[]
  readonly #changes: NodeChange[] = []
  /** Steps before this instant are done; undefined until something touches the pool. */
  #doneMs: number | undefined

  constructor(parts: {
    readonly pool: PoolSource
    readonly timeline: Timeline
    readonly load: PoolLoad
    /** Of all pools, in order of time. */
    readonly minimums: () => readonly MinimumChange[]
  }) {
    this.#pool = parts.pool
    this.#timeline = parts.timeline
    this.#load = parts.load
    this.#minimums = parts.minimums
  }

  /** Says that something changes at an instant: nothing behind it is known any more. */
  forgetFrom(atMs: number): void {
    while ((this.#changes.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= atMs) this.#changes.pop()
    this.#doneMs = Math.min(this.#doneMs ?? atMs, atMs)
  }

  nodesAt(atMs: number): number {
    this.#advance(atMs)
    return this.#nodesBy(atMs)
  }

  /** Nodes that serve: those that were there already `NODE_READY_MS` ago and still are. */
  readyAt(atMs: number): number {
    this.#advance(atMs)
    let ready = this.#nodesBy(atMs - NODE_READY_MS)
    for (let at = this.#changes.length - 1; at >= 0; at--) {
      const change = this.#changes[at]
      if (!change || change.atMs <= atMs - NODE_READY_MS) break
      if (change.atMs <= atMs) ready = Math.min(ready, change.nodes)
    }
    return ready
  }

  minimumAt(atMs: number): number {
    return this.#lastMinimum(atMs)?.minNodes ?? this.#pool.minNodes
  }

  #nodesBy(atMs: number): number {
    return this.#changes.findLast((change) => change.atMs <= atMs)?.nodes ?? this.#pool.nodesAtEnd
  }

  #lastMinimum(atMs: number): MinimumChange | undefined {
    const { stamp, role } = this.#pool
    return this.#minimums().findLast(
      (change) => change.stamp === stamp && change.role === role && change.atMs <= atMs,
    )
  }

  #advance(atMs: number): void {
    if (this.#doneMs === undefined) return
    const { endMs } = this.#timeline
    const { stamp, role } = this.#pool
    const raises = this.#minimums().filter(
      (change) =>
        change.stamp === stamp &&
        change.role === role &&
        change.atMs >= (this.#doneMs ?? 0) &&
        change.atMs <= atMs,
    )
    let stepMs = endMs + Math.ceil((this.#doneMs - endMs) / STEP_MS) * STEP_MS
    for (const raise of raises) {
      for (; stepMs <= raise.atMs; stepMs += STEP_MS) this.#step(stepMs)
      if (raise.minNodes > this.#nodesBy(raise.atMs)) this.#set(raise.atMs, raise.minNodes)
    }
    for (; stepMs <= atMs; stepMs += STEP_MS) this.#step(stepMs)
    // The step at this very instant is done, and so is a raise at it.
    this.#doneMs = Math.max(this.#doneMs, atMs + 1)
  }

  #step(atMs: number): void {
    const nodes = this.#nodesBy(atMs)
    const means = this.#meansBefore(atMs, nodes)
    if (!means) return
    if (means.now > Math.max(SCALE_OUT_PERCENT, SCALE_OUT_OVER_FILES * means.files)) {
      if (nodes < this.#pool.maxNodes) this.#set(atMs, nodes + 1)
      return
    }
    const minimum = Math.max(1, this.minimumAt(atMs))
    if (nodes > minimum && (means.now * nodes) / (nodes - 1) < means.files) this.#set(atMs, nodes - 1)
  }

  #set(atMs: number, nodes: number): void {
    this.#changes.push({ atMs, nodes })
  }

  /** The pool's average CPU in the step before an instant, now and in the files; undefined where it isn't known. */
  #meansBefore(atMs: number, nodes: number): { now: number; files: number } | undefined {
    const { binMs, endMs, bins } = this.#timeline
    const last = Math.floor((atMs - endMs) / binMs)
    const first = Math.max(0, last - Math.max(1, Math.round(STEP_MS / binMs)))
    let now = 0
    let files = 0
    for (let at = first; at < last; at++) {
      const recorded = recordedBin(this.#timeline, bins + at)
      const average = this.#pool.average[recorded] ?? Number.NaN
      if (Number.isNaN(average)) return undefined
      const chunk = this.#load.chunk(Math.floor(at / CHUNK_BINS))
      const present = this.#pool.nodesPresent[recorded] ?? 0
      const serving = Math.max(1, present + nodes - this.#pool.nodesAtEnd)
      const cores = serving * this.#pool.vcpusPerNode * this.#pool.relativeSpeed
      now += (average * (chunk.kept[at % CHUNK_BINS] ?? 1) * present) / serving
      now += (100 * (chunk.arrived[at % CHUNK_BINS] ?? 0)) / cores
      files += average
    }
    return last > first ? { now: now / (last - first), files: files / (last - first) } : undefined
  }
}
