import type { Interlock } from '../domain/interlocks.ts'

/** What speaks against moving: rollouts, incidents, change tickets, opt-outs, error budgets, quotas. */
export interface Interlocks {
  /** All that is or was in force in a region within [fromMs, toMs]. Throws where that can't be told: then nothing starts. */
  between(query: {
    readonly region: string
    readonly fromMs: number
    readonly toMs: number
  }): Promise<readonly Interlock[]>
}
