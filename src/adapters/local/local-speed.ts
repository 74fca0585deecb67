import type { ClockSpeed } from '../../domain/clock-speed.ts'
import type { Speed } from '../../ports/speed.ts'

/** Runs a clock at the wished speed while time may be hurried, and as fast as everywhere else. */
export class LocalSpeed implements Speed {
  readonly #setMode: (mode: ClockSpeed) => void
  #speed: ClockSpeed
  #hurries = false

  constructor(speed: ClockSpeed, setMode: (mode: ClockSpeed) => void) {
    this.#speed = speed
    this.#setMode = setMode
  }

  now(): ClockSpeed {
    return this.#speed
  }

  set(speed: ClockSpeed): void {
    this.#speed = speed
    this.#apply()
  }

  hurry(mayHurry: boolean): void {
    this.#hurries = mayHurry
    this.#apply()
  }

  /** A clock that skips asks by itself, before each jump, whether it may. */
  #apply(): void {
    this.#setMode(this.#hurries || this.#speed === 'skip' ? this.#speed : 'real')
  }
}
