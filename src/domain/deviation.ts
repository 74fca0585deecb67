import { z } from 'zod'
import { PlanId, ReplicaId, StampId } from './ids.ts'

/** A step that came after its move was over, or against a binding that somebody else had changed: it changed nothing. */
export const StaleWriter = z.object({
  planId: PlanId,
  replica: ReplicaId,
  step: z.string(),
  atMs: z.int(),
  words: z.string(),
})
export type StaleWriter = z.infer<typeof StaleWriter>

/** A replica of a plan under way that somebody else bound to another stamp than the plan's moves left it at. */
export const ForeignRebind = z.object({
  planId: PlanId,
  replica: ReplicaId,
  expected: StampId,
  found: StampId,
  epoch: z.int(),
  atMs: z.int(),
})
export type ForeignRebind = z.infer<typeof ForeignRebind>

export function foreignWords({ replica, expected, found, epoch }: ForeignRebind): string {
  return `${replica} was bound to ${found} (epoch ${epoch}) by somebody else; this plan had left it at ${expected}`
}

/** A route that did not lead where its replica is bound, led there again. */
export const RouteRepair = z.object({
  replica: ReplicaId,
  /** Null where it led nowhere. */
  from: StampId.nullable(),
  to: StampId,
  epoch: z.int(),
  atMs: z.int(),
})
export type RouteRepair = z.infer<typeof RouteRepair>
