import type { Fleet } from '../domain/fleet.ts'
import type { ReplicaId, StampId } from '../domain/ids.ts'

/** Which stamp serves a replica. `epoch` grows with each re-bind; `lastMoveKey` tells who made the last one. */
export interface Binding {
  readonly replica: ReplicaId
  readonly homeStamp: StampId
  readonly epoch: number
  readonly lastMoveKey: string | null
}

export type RebindOutcome =
  | { readonly kind: 'bound'; readonly binding: Binding }
  /** The same move key made the last re-bind: a repeat, nothing was changed. */
  | { readonly kind: 'alreadyBound'; readonly binding: Binding }
  /** Somebody else re-bound since: nothing was changed. */
  | { readonly kind: 'stale'; readonly binding: Binding }

/** The operator's catalog of stamps, registries and homes: the truth about `homeStamp`. */
export interface Catalog {
  /** The whole fleet with each replica's home stamp as bound now. */
  fleet(): Promise<Fleet>
  binding(replica: ReplicaId): Promise<Binding | undefined>
  /** Every replica's binding. */
  bindings(): Promise<readonly Binding[]>
  /** Binds to another stamp if the epoch is still the expected one; throws `ReplicaUnknown` or `StampUnknown`. */
  rebind(move: {
    readonly replica: ReplicaId
    readonly to: StampId
    readonly expectedEpoch: number
    readonly moveKey: string
  }): Promise<RebindOutcome>
}

export class ReplicaUnknown extends Error {
  override readonly name = 'ReplicaUnknown'
}

export class StampUnknown extends Error {
  override readonly name = 'StampUnknown'
}
