import type { RegionName, ReplicaId, StampId } from '../domain/ids.ts'

/** What one stamp still serves of a replica. */
export interface Residue {
  /** When the stamp last had a request of this replica; null for never as far as telemetry goes. */
  readonly lastRequestAtMs: number | null
  readonly inFlight: number
  readonly openUploads: number
  /** Who it is: those with something open, then who came last; at most `STRAGGLERS_MAX`. */
  readonly stragglers: readonly Straggler[]
}

/** A client, or an upload session, as the platform names it. */
export interface Straggler {
  readonly kind: 'client' | 'upload'
  readonly id: string
}

export const STRAGGLERS_MAX = 20

/** Routing: which stamp a replica's endpoints lead to, and what still arrives where. */
export interface Traffic {
  route(replica: ReplicaId): Promise<{ readonly stamp: StampId; readonly ttlSeconds: number } | undefined>
  /** Where the endpoints of a region's replicas lead; replicas that are not routed by us are left out. */
  routes(region: RegionName): Promise<readonly { readonly replica: ReplicaId; readonly stamp: StampId }[]>
  /** Leads the replica's endpoints to a stamp; safe to repeat. An older `epoch` of its binding than the last one changes nothing. */
  setRoute(change: {
    readonly replica: ReplicaId
    readonly to: StampId
    readonly moveKey: string
    readonly epoch: number
  }): Promise<'routed' | 'stale'>
  residue(replica: ReplicaId, stamp: StampId): Promise<Residue>
  /** Begins, or goes on, to fill a stamp's cache with what a replica's clients pull; safe to repeat. `share` of it is there, 0..1. */
  warm(replica: ReplicaId, stamp: StampId): Promise<{ readonly share: number }>
  /** A synthetic pull through one stamp. */
  pull(replica: ReplicaId, stamp: StampId): Promise<{ readonly ok: boolean; readonly latencyMs: number }>
}
