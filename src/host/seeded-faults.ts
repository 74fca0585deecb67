import type { Delivery, FaultPoints } from './fault-points.ts'
import { EventType, type HistoryEvent } from './history.ts'

/** How likely each kind is where it can happen. */
const chances = {
  crashBefore: 0.02,
  crashAfter: 0.02,
  lost: 0.01,
  twice: 0.05,
  late: 0.05,
  reordered: 0.1,
  resultLost: 0.03,
  slowDisk: 0.02,
  clockForward: 0.01,
  clockBack: 0.01,
} as const
export type FaultKind = keyof typeof chances
export type FaultCounts = Readonly<Record<FaultKind, number>>

const slowDiskDefaultMs = 1
const clockJumpDefaultMs = 1_800_000

/** Disturbs a host at random, the same way for the same seed as long as the host does the same. Counts what hit. */
export class SeededFaults implements FaultPoints {
  readonly #counts: Record<FaultKind, number>
  readonly #streams = new Map<string, () => number>()
  readonly #seed: number
  readonly #clockJumpMs: number
  readonly #slowDiskMs: number

  /** A slow disk is slow in real time: nothing sees it where only the test moves the clock, and 0 holds nothing. */
  constructor(
    seed: number,
    {
      clockJumpMs = clockJumpDefaultMs,
      slowDiskMs = slowDiskDefaultMs,
    }: { readonly clockJumpMs?: number; readonly slowDiskMs?: number } = {},
  ) {
    this.#seed = seed
    this.#clockJumpMs = clockJumpMs
    this.#slowDiskMs = slowDiskMs
    this.#counts = noFaults()
  }

  get counts(): FaultCounts {
    return this.#counts
  }

  commit(phase: 'before' | 'after'): void {
    if (phase === 'before' && this.#hits('slowDisk') && this.#slowDiskMs > 0) holdDisk(this.#slowDiskMs)
    const kind = phase === 'before' ? 'crashBefore' : 'crashAfter'
    if (this.#hits(kind)) throw new Error(`Injected crash ${phase} a commit.`)
  }

  deliver(event: HistoryEvent): Delivery {
    if (this.#hits('lost')) return 'lost'
    if (this.#hits('late')) return 'late'
    // An external event has no identity of its own, so a second copy would be a second event.
    const repeatable = event.EventType !== EventType.EventRaised
    if (repeatable && this.#hits('twice')) return 'twice'
    return this.#draw('reordered') < chances.reordered ? 'overtaken' : 'now'
  }

  overtook(): void {
    this.#counts.reordered += 1
  }

  loseResult(): boolean {
    return this.#hits('resultLost')
  }

  wallJumpMs(): number {
    if (this.#hits('clockForward')) return Math.ceil(this.#draw('jump') * this.#clockJumpMs)
    if (this.#hits('clockBack')) return -Math.ceil(this.#draw('jump') * this.#clockJumpMs)
    return 0
  }

  #hits(kind: FaultKind): boolean {
    if (this.#draw(kind) >= chances[kind]) return false
    this.#counts[kind] += 1
    return true
  }

  /** Each kind draws from numbers of its own, so that one look at the clock more does not change all else. */
  #draw(kind: string): number {
    let next = this.#streams.get(kind)
    if (!next) {
      next = mulberry32(Math.imul(this.#seed, 0x9e3779b1) ^ hash(kind))
      this.#streams.set(kind, next)
    }
    return next()
  }
}

export function noFaults(): Record<FaultKind, number> {
  return {
    ...{ crashBefore: 0, crashAfter: 0, lost: 0, twice: 0, late: 0, reordered: 0 },
    ...{ resultLost: 0, slowDisk: 0, clockForward: 0, clockBack: 0 },
  }
}

/** Nothing else runs meanwhile, as while a disk is asked to sync. */
export function holdDisk(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** FNV-1a */
function hash(text: string): number {
  let mixed = 0x811c9dc5
  for (const char of text) mixed = Math.imul(mixed ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return mixed
}

function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
