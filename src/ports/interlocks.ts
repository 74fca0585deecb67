import type { Interlock } from '../domain/movable.ts'

/** What others forbid now: rollouts, change tickets, customers' opt-outs, quotas that are used up. A failure is thrown. */
export interface Interlocks {
  active(query: { readonly region: string }): Promise<readonly Interlock[]>
}
