import { z } from 'zod'
import { GateId, PlanId, StampId } from './ids.ts'
import { MoveRecord } from './run.ts'

/** One attempt to make a plan's new stamp, as it went. `key` makes a repeat recognisable, and tells whose the stamp is. */
export const ProvisioningRecord = z.object({
  planId: PlanId,
  gate: GateId,
  stamp: StampId,
  key: z.string(),
  begunMs: z.int(),
  steps: z.array(
    z.object({
      step: z.enum(['create', 'check', 'activate', 'remove']),
      kind: z.enum(['intent', 'done']),
      atMs: z.int(),
      detail: z.string(),
    }),
  ),
  /** `done`: it is active. */
  outcome: MoveRecord.shape.outcome,
  /** When nothing of it was left; null while it is there. */
  removedAtMs: z.int().nullable(),
})
export type ProvisioningRecord = z.infer<typeof ProvisioningRecord>
