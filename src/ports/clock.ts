/** The time that the host runs on: real, scaled or skipped. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number
}
