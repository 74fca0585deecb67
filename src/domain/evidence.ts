import { z } from 'zod'
import { Digest, PlanId, RegistryName, StampId } from './ids.ts'
import { RehearsedFault } from './rehearsal.ts'

/** What an approver sees beside the plan: its rehearsal, and the region as it is now. Kept, so that an answer can name it. */
export const Evidence = z.object({
  planId: PlanId,
  /** The plan's digest. */
  digest: Digest,
  atMs: z.int(),
  rehearsal: z
    .object({
      status: z.string(),
      words: z.string(),
      digest: Digest,
      faults: z.array(RehearsedFault).optional(),
    })
    .nullable(),
  /** The run's status by kind; null where it was not started. */
  run: z.string().nullable(),
  /** What the last look at each batch came to that was moved. */
  verdicts: z.array(z.object({ gate: z.string(), verdict: z.string(), atMs: z.int() })),
  /** Every pool that the plan touches, over the last hour. Percent; null is too little data, never health. */
  pools: z.array(
    z.object({ stamp: StampId, pool: z.string(), state: z.string(), hotNodeP95: z.number().nullable() }),
  ),
  /** Registries of the plan that are bound where neither the plan found them nor put them; null where the catalog can't be read. */
  astray: z.array(z.object({ registry: RegistryName, homeStamp: StampId })).nullable(),
})
export type Evidence = z.infer<typeof Evidence>
