import type { ClockMode, HostClock, VirtualClock } from './clock.ts'
import type { InFlight } from './in-flight.ts'

/** Something that has to happen at moments of virtual time. */
export interface TimeSource {
  nextMs(nowMs: number): number | undefined
  /** Starts all that is due; what it starts counts as in flight at once. */
  fire(nowMs: number): void
}

export interface TimelineOptions {
  readonly clock: VirtualClock
  readonly inFlight: InFlight
  readonly sources: readonly TimeSource[]
  readonly mayAdvance: () => boolean
  readonly onError: (error: unknown) => void
}

const askAgainMs = 50
const sleepMaxMs = 60_000
/** How long `advance` waits for work that may itself wait for something from outside. */
const settleMaxMs = 250

/** Wakes what is due on a virtual clock, and moves a skipping clock on when nothing else can run. */
export class Timeline implements HostClock {
  readonly #options: TimelineOptions
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #started = false
  #advancing = 0

  constructor(options: TimelineOptions) {
    this.#options = options
  }

  nowMs(): number {
    return this.#options.clock.nowMs()
  }

  get mode(): ClockMode {
    return this.#options.clock.mode
  }

  setMode(mode: ClockMode): void {
    this.#options.clock.setMode(mode)
    this.poke()
  }

  start(): void {
    this.#started = true
    this.poke()
  }

  stop(): void {
    this.#started = false
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
  }

  /** Looks again, soon, at what is due: something new was committed, or work has ended. */
  poke(): void {
    if (!this.#started || this.#immediate) return
    // An immediate lets the event loop take in requests between two jumps.
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined
      this.#tick()
    })
  }

  /** Moves the clock forward step by step: each thing due on the way happens at its own time. */
  async advance(ms: number): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.nowMs() + ms
    this.#advancing += 1
    try {
      await this.#settle()
      for (let nextMs = this.#nextMs(); nextMs !== undefined && nextMs <= untilMs; nextMs = this.#nextMs()) {
        clock.jumpTo(nextMs)
        this.#fire()
        await this.#settle()
      }
      clock.jumpTo(untilMs)
      this.#fire()
      await this.#settle()
    } finally {
      this.#advancing -= 1
      this.poke()
    }
  }

  /** For tests: time passes as over a pause of the machine; all that was due meanwhile is due at its end. */
  async leap(ms: number): Promise<void> {
    const { clock } = this.#options
    this.#advancing += 1
    try {
      clock.jumpTo(clock.nowMs() + ms)
      this.#fire()
      await this.#settle()
    } finally {
      this.#advancing -= 1
      this.poke()
    }
  }

  #tick(): void {
    clearTimeout(this.#timer)
    try {
      this.#fire()
      if (this.#advancing > 0) return
      const sleepMs = this.#options.clock.mode === 'skip' ? this.#skip() : this.#sleepUntilDue()
      // At a high rate a millisecond of sleep is much virtual time.
      if (sleepMs === 0) this.poke()
      else if (sleepMs !== undefined)
        this.#timer = setTimeout(() => this.poke(), Math.min(sleepMs, sleepMaxMs))
    } catch (error) {
      this.#options.onError(error)
    }
  }

  /** Jumps if it may; gives the real time after which to look again, or undefined if something will poke. */
  #skip(): number | undefined {
    const { clock, inFlight, mayAdvance } = this.#options
    if (!inFlight.idle) return clock.rate > 0 ? Math.min(askAgainMs, this.#sleepUntilDue()) : undefined
    if (!mayAdvance()) {
      clock.hold('running')
      return Math.min(askAgainMs, this.#sleepUntilDue())
    }
    clock.hold('still')
    const nextMs = this.#nextMs()
    if (nextMs === undefined) return askAgainMs
    clock.jumpTo(nextMs)
    this.poke()
    return undefined
  }

  #sleepUntilDue(): number {
    const { clock } = this.#options
    const nextMs = this.#nextMs()
    if (nextMs === undefined || clock.rate === 0) return sleepMaxMs
    return Math.max(0, Math.ceil((nextMs - clock.nowMs()) / clock.rate))
  }

  #fire(): void {
    const nowMs = this.nowMs()
    for (const source of this.#options.sources) source.fire(nowMs)
  }

  #nextMs(): number | undefined {
    const nowMs = this.nowMs()
    const all = this.#options.sources.map((source) => source.nextMs(nowMs)).filter((ms) => ms !== undefined)
    return all.length ? Math.min(...all) : undefined
  }

  async #settle(): Promise<void> {
    const giveUpAt = performance.now() + settleMaxMs
    do {
      await new Promise((resolve) => setImmediate(resolve))
      if (!this.#options.inFlight.idle) {
        await Promise.race([
          this.#options.inFlight.whenIdle(),
          new Promise((resolve) => setTimeout(resolve, settleMaxMs)),
        ])
      }
    } while (!this.#options.inFlight.idle && performance.now() < giveUpAt)
  }
}
