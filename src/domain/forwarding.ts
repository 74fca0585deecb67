import { z } from 'zod'
import { PlanId, ReplicaId, StampId } from './ids.ts'

/** What an old home still has of a replica that has left, with those who cling to it by name. */
export const Leftover = z.object({
  inFlight: z.int(),
  openUploads: z.int(),
  /** Client or upload session ids, as the platform gives them; of many, some. */
  stragglers: z.array(z.string()),
})
export type Leftover = z.infer<typeof Leftover>

/**
 * A source that goes on serving a replica which has left it, since traffic was still there at the drain's deadline. Somebody
 * owns it, and it ends: when traffic has left, when the replica is home again, or at its expiry.
 */
export const Forwarding = z.object({
  planId: PlanId,
  replica: ReplicaId,
  /** The move that it belongs to. */
  key: z.string(),
  from: StampId,
  to: StampId,
  owner: z.string(),
  sinceMs: z.int(),
  expiresAtMs: z.int(),
  /** How long the old home has to be without a request, ms. */
  quietMs: z.int(),
  left: Leftover,
  ended: z
    .object({ atMs: z.int(), why: z.enum(['quiet', 'home again', 'expired']), left: Leftover })
    .nullable(),
})
export type Forwarding = z.infer<typeof Forwarding>
