import type { ClockSpeed } from '../domain/clock-speed.ts'

/** The speed of a simulated region's time. There is none where time is the world's. */
export interface Speed {
  now(): ClockSpeed
  /** Counts from this moment on. */
  set(speed: ClockSpeed): void
}
