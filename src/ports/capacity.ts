import type { PoolRole } from '../domain/fleet.ts'
import type { StampId } from '../domain/ids.ts'

/** A pool's scale as it is now. */
export interface PoolScale {
  readonly role: PoolRole
  readonly nodes: number
  readonly readyNodes: number
  readonly minNodes: number
  readonly maxNodes: number
  /** Grows with each change of the minimum, whoever makes it; `lastChangeKey` tells who made the last one by key. */
  readonly epoch: number
  readonly lastChangeKey: string | null
}

export type MinimumOutcome =
  | { readonly kind: 'changed' }
  /** The same key made the last change: a repeat, nothing was changed. */
  | { readonly kind: 'alreadyChanged' }
  /** Somebody else changed it since: nothing was changed. */
  | { readonly kind: 'stale' }

/** The scale of stamps' pools. */
export interface Capacity {
  pools(stamp: StampId): Promise<readonly PoolScale[]>
  /** Sets a pool's minimum instance count, within its maximum; safe to repeat; read it back with `pools`. */
  setMinimum(change: {
    readonly stamp: StampId
    readonly role: PoolRole
    readonly minNodes: number
  }): Promise<void>
  /** Sets it if its epoch is still the expected one. The epoch grows even where the number stays, so that a late writer loses. */
  changeMinimum(change: {
    readonly stamp: StampId
    readonly role: PoolRole
    readonly minNodes: number
    readonly expectedEpoch: number
    readonly changeKey: string
  }): Promise<MinimumOutcome>
}
