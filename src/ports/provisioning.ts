import type { PoolRole } from '../domain/fleet.ts'
import type { CustomerName, RegionName, StampId } from '../domain/ids.ts'

/** A stamp to be made: each pool with so many nodes, each built like the pool of its role on another stamp. */
export interface NewStamp {
  readonly region: RegionName
  readonly stamp: StampId
  readonly customer: CustomerName
  readonly pools: readonly { readonly role: PoolRole; readonly nodes: number; readonly like: StampId }[]
  /** Who makes it: a repeat under the same key goes on with what is there. */
  readonly key: string
}

/** How far a stamp is. `key` is of whoever made it. */
export type StampState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'creating' | 'ready' | 'active' | 'removing'; readonly key: string }
  | { readonly kind: 'failed'; readonly key: string; readonly reason: string }

/**
 * Makes isolated stamps, and removes what it made. It acts under an identity of its own, which nothing else of Restamp has:
 * whoever holds the rest can move replicas, and neither make nor remove what they live on.
 */
export interface Provisioning {
  /** Begins to make a stamp that takes no replicas yet. `taken`: one of that name is there under another key; nothing was done. */
  create(wanted: NewStamp): Promise<'begun' | 'begunBefore' | 'taken'>
  state(stamp: StampId): Promise<StampState>
  /** Enters a ready stamp in the catalog as active; safe to repeat. Throws `StampNotReady`. */
  activate(made: { readonly stamp: StampId; readonly key: string }): Promise<void>
  /**
   * Begins to remove what was made under this key, however far it got; safe to repeat. `notOurs`: another key made it;
   * `inUse`: replicas are bound to it. Nothing was done then.
   */
  remove(made: {
    readonly stamp: StampId
    readonly key: string
  }): Promise<'removing' | 'absent' | 'notOurs' | 'inUse'>
}

export class StampNotReady extends Error {
  override readonly name = 'StampNotReady'
}
