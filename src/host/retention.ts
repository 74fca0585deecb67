import { isFinal } from './history.ts'
import type { InstanceControl } from './instance-control.ts'

/** Ended instances are purged a while, in virtual time, after their last update. */
export interface Retention {
  readonly endedForMs: number
}

export interface RetentionOptions {
  readonly retention: Retention
  readonly control: InstanceControl
  readonly nowMs: () => number
  /** Frees some of the space; says whether there is more to free. */
  readonly shrink: () => boolean
}

/** Real time between two looks; a look reads the hub's instances page by page. */
const everyMs = 60_000

/** Keeps the hub small without a stop. */
export class RetentionSweep {
  readonly #options: RetentionOptions
  #timer: NodeJS.Timeout | undefined

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.sweep().catch(() => this.stop()), everyMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Purges what has been over for long enough, and says how many that were. */
  async sweep(): Promise<number> {
    const { retention, control, nowMs, shrink } = this.#options
    const beforeMs = nowMs() - retention.endedForMs
    const purged = await control.purgeAll(({ status, updatedMs }) => isFinal(status) && updatedMs <= beforeMs)
    while (purged > 0 && shrink()) await new Promise((resolve) => setImmediate(resolve))
    return purged
  }
}
