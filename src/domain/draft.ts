import type { Pool } from './fleet.ts'
import type { Blocked } from './movable.ts'
import type { DraftMove } from './situation.ts'

/** A pool of a stamp that is to be made. */
export interface NewPool {
  readonly role: string
  readonly nodes: number
  /** The pool that it is built like, and the stamp of that one. */
  readonly like: Pool
  readonly likeStamp: string
  /** What an idle node of such pools shows, percent. */
  readonly idlePercent: number
}

/** A plan without its predictions, phases and words. */
export interface MovesDraft {
  readonly kind: 'moves'
  readonly verdict: 'rebalance' | 'isolate' | 'evacuate' | 'ramp'
  readonly customer: string | null
  readonly moves: readonly DraftMove[]
  readonly reason: string
  readonly blocked: readonly Blocked[]
  /** Node counts that the predictions of a destination state, by role, where not those of the data. */
  readonly nodes: ReadonlyMap<string, number>
  /** The pools of the stamp to be made; empty where there is a stamp. */
  readonly newPools: readonly NewPool[]
  /** By registry: why not another stamp or replica. */
  readonly whyNot: ReadonlyMap<string, readonly string[]>
}

export interface NoMoves {
  readonly kind: 'none'
  readonly reason: string
  readonly blocked: readonly Blocked[]
}

export type Draft = MovesDraft | NoMoves
