import type { Anchor } from '../domain/audit.ts'

/** Where heads of audit chains are kept out of the app's own reach: each once, never changed, never taken away. */
export interface Anchors {
  /** `conflict`: another hash is kept under the same chain and number; nothing was changed. */
  keep(anchor: Anchor): Promise<'kept' | 'keptBefore' | 'conflict'>
  /** All that is kept of a chain, by number. */
  list(chain: string): Promise<readonly Anchor[]>
}
