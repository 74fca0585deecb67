import { z } from 'zod'

/** GET /api/v1/doctor: all that the app depends on, as it found it under its own identity. */
export const DoctorView = z.object({
  holds: z.boolean(),
  checks: z.array(
    z.object({
      check: z.string(),
      outcome: z.enum(['holds', 'fix', 'unknown']),
      found: z.string(),
      todo: z.string().nullable(),
    }),
  ),
})
