import { z } from 'zod'
import { Digest, PlanId } from './ids.ts'
import { Figures } from './plan.ts'

/** What a plan is rehearsed against beside the way that it should go. */
export const FaultKind = z.enum(['destination-worse', 'signal-gap', 'rebind-fails', 'dns-laggards', 'kill'])
export type FaultKind = z.infer<typeof FaultKind>

/**
 * What became of one batch of the plan under a fault. `safe`: dealt with as it should be; `unnoticed`: nothing showed it
 * within the time; `unsafe`: what must never be; `unknown`: it could not be rehearsed.
 */
export const RehearsedFault = z.object({
  fault: FaultKind,
  outcome: z.enum(['safe', 'unnoticed', 'unsafe', 'unknown']),
  words: z.string(),
})
export type RehearsedFault = z.infer<typeof RehearsedFault>

/** From when on a run stood so, epoch ms of the twin's time, where every gate is answered at once. */
export const RehearsedStep = z.object({
  atMs: z.int(),
  kind: z.string(),
  gate: z.string().nullable(),
  /** How many moves were done by then. */
  movesDone: z.int(),
  words: z.string(),
})
export type RehearsedStep = z.infer<typeof RehearsedStep>

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
  faults: z.array(RehearsedFault).optional(),
  calendar: z.array(RehearsedStep).optional(),
})
export type RehearsalReport = z.infer<typeof RehearsalReport>
