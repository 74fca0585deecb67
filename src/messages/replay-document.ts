/** What `restamp backtest --json` prints, a policy each: what it would have done over days of recorded telemetry. */
export interface Backtest {
  readonly policy: string
  readonly pages: number
  readonly pagesAvoided: number
  readonly moves: number
  readonly minutesOver: number
  readonly nodeHours: number
  readonly days: readonly BacktestDay[]
}

export interface BacktestDay {
  readonly end: string
  readonly hot: readonly string[]
  readonly verdict: string
  readonly moves: number
}

interface ShadowedMove {
  readonly registry: string
  readonly from: string
  readonly to: string
}

/** What `restamp shadow --json` prints: what would have been proposed day by day, and predicted for moves made by hand. */
export interface Shadow {
  readonly proposals: readonly {
    readonly at: string
    readonly hot: readonly string[]
    readonly verdict: string
    readonly reason: string
    readonly moves: readonly ShadowedMove[]
  }[]
  readonly moves: readonly {
    readonly at: string
    readonly moves: readonly ShadowedMove[]
    readonly pools: readonly {
      readonly stamp: string
      readonly pool: string
      readonly predicted: { readonly hotNodeP95: number; readonly low: number; readonly high: number }
      readonly actual: number | null
      readonly inBand: boolean | null
    }[]
    readonly problem: string | null
  }[]
}
