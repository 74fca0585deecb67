import { z } from 'zod'
import { PlanId, ReplicaId } from './ids.ts'

/** A step that came after its move was over, or against a binding that somebody else had changed: it changed nothing. */
export const StaleWriter = z.object({
  planId: PlanId,
  replica: ReplicaId,
  step: z.string(),
  atMs: z.int(),
  words: z.string(),
})
export type StaleWriter = z.infer<typeof StaleWriter>
