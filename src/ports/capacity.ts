import type { PoolRole } from '../domain/fleet.ts'
import type { StampId } from '../domain/ids.ts'

/** A pool's scale as it is now. */
export interface PoolScale {
  readonly role: PoolRole
  readonly nodes: number
  readonly readyNodes: number
  readonly minNodes: number
  readonly maxNodes: number
}

/** The scale of stamps' pools. */
export interface Capacity {
  pools(stamp: StampId): Promise<readonly PoolScale[]>
  /** Sets a pool's minimum instance count, within its maximum; safe to repeat; read it back with `pools`. */
  setMinimum(change: {
    readonly stamp: StampId
    readonly role: PoolRole
    readonly minNodes: number
  }): Promise<void>
}
