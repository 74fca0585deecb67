import { z } from 'zod'

/** POST /api/v1/plans/{id}/right-size: a plan that lowers the minimums of what this one relieved. */
export const RightSizeRequest = z.strictObject({})
export type RightSizeRequest = z.infer<typeof RightSizeRequest>
