import type { Delivery, FaultPoints } from './fault-points.ts'
import { EventType, type HistoryEvent } from './history.ts'

export const faultKinds = [
  'crashBefore',
  'crashAfter',
  'lost',
  'twice',
  'late',
  'resultLost',
  'slowDisk',
] as const
export type FaultKind = (typeof faultKinds)[number]
export type FaultCounts = Record<FaultKind, number>

const chances: FaultCounts = {
  crashBefore: 0.02,
  crashAfter: 0.02,
  lost: 0.01,
  twice: 0.05,
  late: 0.05,
  resultLost: 0.03,
  slowDisk: 0.02,
}
const slowDiskMs = 4

/** Disturbs a host at random, the same way for the same seed as long as the host does the same. Counts what hit. */
export class SeededFaults implements FaultPoints {
  readonly counts: FaultCounts = {
    crashBefore: 0,
    crashAfter: 0,
    lost: 0,
    twice: 0,
    late: 0,
    resultLost: 0,
    slowDisk: 0,
  }
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b
  }

  commit(phase: 'before' | 'after'): void {
    if (phase === 'before' && this.#hits('slowDisk'))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slowDiskMs)
    const kind = phase === 'before' ? 'crashBefore' : 'crashAfter'
    if (this.#hits(kind)) throw new Error(`Injected crash ${phase} a commit.`)
  }

  deliver(event: HistoryEvent): Delivery {
    if (this.#hits('lost')) return 'lost'
    if (this.#hits('late')) return 'late'
    // An external event has no identity of its own, so a second copy would be a second event.
    const repeatable = event.EventType !== EventType.EventRaised
    return repeatable && this.#hits('twice') ? 'twice' : 'now'
  }

  loseResult(): boolean {
    return this.#hits('resultLost')
  }

  #hits(kind: FaultKind): boolean {
    if (this.#next() >= chances[kind]) return false
    this.counts[kind] += 1
    return true
  }

  /** mulberry32 */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
