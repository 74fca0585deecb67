import { z } from 'zod'
import { Digest, PlanId } from './ids.ts'
import { Figures } from './plan.ts'

/** What came of running a plan's orchestrations against a twin of the region. Durations in ms of virtual time. */
export const RehearsalReport = z.object({
  planId: PlanId,
  digest: Digest,
  status: z.enum(['running', 'passed', 'failed']),
  words: z.string(),
  virtualMs: z.number(),
  movesDone: z.int(),
  movesPlanned: z.int(),
  pools: z.array(z.object({ stamp: z.string(), pool: z.string(), before: Figures, after: Figures })),
  atMs: z.int(),
})
export type RehearsalReport = z.infer<typeof RehearsalReport>
