import type { RegionName, ReplicaId, StampId } from '../domain/ids.ts'

/** What one stamp still serves of a replica. */
export interface Residue {
  /** When the stamp last had a request of this replica; null for never as far as telemetry goes. */
  readonly lastRequestAtMs: number | null
  readonly inFlight: number
  readonly openUploads: number
  /** Who it is: those with something open, then who came last; at most `STRAGGLERS_MAX`. */
  readonly stragglers: readonly Straggler[]
  /** Up to when all this is known, where that is not now: telemetry that comes late tells of no quiet after it. */
  readonly knownUntilMs?: number
}

/** A client, or an upload session, as the platform names it. */
export interface Straggler {
  readonly kind: 'client' | 'upload'
  readonly id: string
}

export const STRAGGLERS_MAX = 20

/** Where a replica's endpoints lead. */
export interface Route {
  /** Null where they lead to no stamp at all. Of several at once it is one that they were to lead away from. */
  readonly stamp: StampId | null
  /** As it is while no move is prepared: what clients resolved before a move is kept for so long. */
  readonly ttlSeconds: number
}

/** One of a region's routes, and which move it is prepared for, if any. */
export interface RoutedReplica {
  readonly replica: ReplicaId
  readonly stamp: StampId | null
  readonly preparedFor?: string
}

/** Routing: which stamp a replica's endpoints lead to, and what still arrives where. */
export interface Traffic {
  route(replica: ReplicaId): Promise<Route | undefined>
  /** Where the endpoints of a region's replicas lead; replicas that are not routed by us are left out. */
  routes(region: RegionName): Promise<readonly RoutedReplica[]>
  /**
   * Makes a change of the route take effect soon, such as by a shorter TTL; safe to repeat. It leads nobody anywhere else.
   * `readyInMs` is how long it takes until clients go by it; 0 where they do, or where nothing can be hastened.
   */
  prepareRoute(change: {
    readonly replica: ReplicaId
    readonly to: StampId
    readonly moveKey: string
  }): Promise<{ readonly readyInMs: number }>
  /** Puts back what `prepareRoute` changed, and nothing that somebody else has changed since; safe to repeat. */
  settleRoute(replica: ReplicaId): Promise<void>
  /** Leads the replica's endpoints to a stamp; safe to repeat. An older `epoch` of its binding than the last one changes nothing. */
  setRoute(change: {
    readonly replica: ReplicaId
    readonly to: StampId
    readonly moveKey: string
    readonly epoch: number
  }): Promise<'routed' | 'stale'>
  residue(replica: ReplicaId, stamp: StampId): Promise<Residue>
  /**
   * Begins, or goes on, to fill a stamp's cache with what a replica's clients pull; safe to repeat. `share` of it is there,
   * 0..1; null where the platform lets nobody fill its caches, so that nothing is known of them.
   */
  warm(replica: ReplicaId, stamp: StampId): Promise<{ readonly share: number | null }>
  /** A synthetic pull through one stamp. */
  pull(replica: ReplicaId, stamp: StampId): Promise<{ readonly ok: boolean; readonly latencyMs: number }>
}
