import { z } from 'zod'
import { PoolRole } from './fleet.ts'
import { PlanId, StampId } from './ids.ts'

/** A pool's minimum instance count that a plan raised, with what it was: it is lowered again when nothing of the plan is left there. */
export const RaisedMinimum = z.object({
  planId: PlanId,
  stamp: StampId,
  role: PoolRole,
  before: z.int(),
  raisedTo: z.int(),
  atMs: z.int(),
  /** `kept`: somebody else had changed it since. */
  ended: z.object({ atMs: z.int(), how: z.enum(['restored', 'kept']) }).nullable(),
})
export type RaisedMinimum = z.infer<typeof RaisedMinimum>
