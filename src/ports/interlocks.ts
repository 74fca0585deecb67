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

/** All that any of several sources knows. Where one of them can't tell, nothing can be told. */
export function everyInterlock(sources: readonly Interlocks[]): Interlocks {
  return {
    between: async (query) => (await Promise.all(sources.map((source) => source.between(query)))).flat(),
  }
}
