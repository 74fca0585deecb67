export type ClockMode = 'real' | 'skip' | { readonly rate: number }

/** The virtual clock of one hub. */
export interface HostClock {
  nowMs(): number
  readonly mode: ClockMode
  setMode(mode: ClockMode): void
  advance(ms: number): Promise<void>
}

export interface TimeSource {
  readonly wallMs: () => number
}

const realTime: TimeSource = { wallMs: () => Date.now() }

/**
 * Virtual time as a line through (wall, virtual) with a slope: 1 in real mode, N at a rate, 0 while skipping and
 * 1 while skipping is not allowed. Time never goes back.
 */
export class VirtualClock {
  #mode: ClockMode
  #anchorMs: number
  #anchorWallMs: number
  #held = true
  readonly #time: TimeSource

  constructor(mode: ClockMode, startAtMs: number, time: TimeSource = realTime) {
    this.#mode = checkedMode(mode)
    this.#time = time
    this.#anchorMs = startAtMs
    this.#anchorWallMs = time.wallMs()
  }

  get mode(): ClockMode {
    return this.#mode
  }

  /** Virtual ms that pass in one real ms just now; 0 means that only a jump moves the clock. */
  get rate(): number {
    if (this.#mode === 'real') return 1
    if (this.#mode === 'skip') return this.#held ? 0 : 1
    return this.#mode.rate
  }

  nowMs(): number {
    const rate = this.rate
    if (rate === 0) return Math.floor(this.#anchorMs)
    const passedMs = Math.max(0, this.#time.wallMs() - this.#anchorWallMs)
    return Math.floor(this.#anchorMs + passedMs * rate)
  }

  setMode(mode: ClockMode): void {
    const next = checkedMode(mode)
    this.#anchor()
    this.#mode = next
  }

  /** While skipping: 'still' lets only jumps move the clock, 'running' lets time pass at 1x. */
  hold(state: 'still' | 'running'): void {
    if (this.#held === (state === 'still')) return
    this.#anchor()
    this.#held = state === 'still'
  }

  /** Moves the clock forward to a moment; a moment in the past changes nothing. */
  jumpTo(ms: number): void {
    this.#anchor()
    this.#anchorMs = Math.max(this.#anchorMs, ms)
  }

  #anchor(): void {
    this.#anchorMs = this.nowMs()
    this.#anchorWallMs = this.#time.wallMs()
  }
}

function checkedMode(mode: ClockMode): ClockMode {
  if (mode === 'real' || mode === 'skip') return mode
  if (Number.isFinite(mode.rate) && mode.rate > 0) return mode
  throw new Error(
    `The clock's rate is ${mode.rate}; expected a number above 0 of virtual seconds per real second.`,
  )
}
