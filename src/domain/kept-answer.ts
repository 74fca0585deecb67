import { z } from 'zod'
import { Digest } from './ids.ts'

/** What came of a request that its sender gave a key, so that the same one sent again gets the same answer and does nothing. */
export const KeptAnswer = z.object({
  by: z.string(),
  /** Of what was asked: the same key with another request is a mistake. */
  request: Digest,
  begunAtMs: z.int(),
  /** Null while it is under way. */
  answer: z
    .object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() })
    .nullable(),
})
export type KeptAnswer = z.infer<typeof KeptAnswer>
