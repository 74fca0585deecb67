const MINUTE_MS = 60_000
/** More people than any team has; whoever asks under ever new names can't fill the memory. */
const PEOPLE_MAX = 10_000

interface Bucket {
  readonly left: number
  readonly atMs: number
}

/** How often one person may ask: so much a minute, all of it at once if need be. Each instance of the app counts for itself. */
export class Pace {
  readonly #perMinute: number
  readonly #nowMs: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(perMinute: number, nowMs: () => number = () => performance.now()) {
    this.#perMinute = perMinute
    this.#nowMs = nowMs
  }

  /** Takes what a request weighs; seconds to wait where it is too much, 0 where it is not. */
  take(name: string, weight: number): number {
    const nowMs = this.#nowMs()
    const { left, atMs } = this.#buckets.get(name) ?? { left: this.#perMinute, atMs: nowMs }
    const perMs = this.#perMinute / MINUTE_MS
    const now = Math.min(this.#perMinute, left + (nowMs - atMs) * perMs)
    const isEnough = now >= weight
    // Whoever asked last stands last, so that the first is the one who has been quiet the longest.
    this.#buckets.delete(name)
    this.#buckets.set(name, { left: isEnough ? now - weight : now, atMs: nowMs })
    const [quietest] = this.#buckets.keys()
    if (this.#buckets.size > PEOPLE_MAX && quietest !== undefined) this.#buckets.delete(quietest)
    return isEnough ? 0 : Math.ceil((weight - now) / perMs / 1000)
  }
}
