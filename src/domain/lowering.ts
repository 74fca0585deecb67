import { z } from 'zod'
import { PoolRole } from './fleet.ts'
import { GateId, PlanId, StampId } from './ids.ts'
import { MoveRecord } from './run.ts'

/**
 * One change of a pool's minimum as it happened: lowered under a gate, or restored. `key` makes a repeat recognisable;
 * `epoch` is the minimum's when the change began, and the change is good for that one only.
 */
export const LoweringRecord = z.object({
  planId: PlanId,
  gate: GateId,
  stamp: StampId,
  pool: PoolRole,
  from: z.int(),
  to: z.int(),
  direction: z.enum(['lower', 'restore']),
  key: z.string(),
  epoch: z.int(),
  begunMs: z.int(),
  /** The fence of the lease under which it was begun. */
  fence: z.int(),
  steps: z.array(z.object({ kind: z.enum(['intent', 'done']), atMs: z.int(), detail: z.string() })),
  outcome: MoveRecord.shape.outcome,
})
export type LoweringRecord = z.infer<typeof LoweringRecord>

/** What was done to a pool's minimum, in words. */
export function loweringWords({ stamp, pool, from, to, direction, outcome }: LoweringRecord): string {
  const what = `${direction === 'lower' ? 'lowered' : 'restored'} the minimum of ${stamp} ${pool} from ${from} to ${to} nodes`
  if (outcome === null) return `${what}: under way`
  return outcome.kind === 'done' ? what : `${what}: failed, ${outcome.reason}`
}
