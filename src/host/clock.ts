export type ClockMode = 'real' | 'skip' | { readonly rate: number }

/** The virtual clock of one hub. */
export interface HostClock {
  nowMs(): number
  readonly mode: ClockMode
  setMode(mode: ClockMode): void
  advance(ms: number): Promise<void>
}

export interface TimeSource {
  /** Epoch ms, asked with the rate at which the clock runs. */
  readonly wallMs: (rate: number) => number
}

const realTime: TimeSource = { wallMs: () => Date.now() }

/**
 * Virtual time that passes at a rate: 1 in real mode, N at a rate, 0 while skipping and 1 while skipping is not allowed.
 * It never goes back: where the wall clock is set back, it stands for that moment and goes on from there.
 */
export class VirtualClock {
  #mode: ClockMode
  #ms: number
  #wallMs: number
  #held = true
  readonly #time: TimeSource

  constructor(mode: ClockMode, startAtMs: number, time: TimeSource = realTime) {
    this.#mode = checkedMode(mode)
    this.#time = time
    this.#ms = startAtMs
    this.#wallMs = time.wallMs(0)
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
    if (this.rate > 0) this.#pass()
    return Math.floor(this.#ms)
  }

  setMode(mode: ClockMode): void {
    const next = checkedMode(mode)
    this.#pass()
    this.#mode = next
  }

  /** While skipping: 'still' lets only jumps move the clock, 'running' lets time pass at 1x. */
  hold(state: 'still' | 'running'): void {
    if (this.#held === (state === 'still')) return
    this.#pass()
    this.#held = state === 'still'
  }

  /** Moves the clock forward to a moment; a moment in the past changes nothing. */
  jumpTo(ms: number): void {
    this.#pass()
    this.#ms = Math.max(this.#ms, ms)
  }

  #pass(): void {
    const wallMs = this.#time.wallMs(this.rate)
    this.#ms += Math.max(0, wallMs - this.#wallMs) * this.rate
    this.#wallMs = wallMs
  }
}

function checkedMode(mode: ClockMode): ClockMode {
  if (mode === 'real' || mode === 'skip') return mode
  if (Number.isFinite(mode.rate) && mode.rate > 0) return mode
  throw new Error(
    `The clock's rate is ${mode.rate}; expected a number above 0 of virtual seconds per real second.`,
  )
}
