import { z } from 'zod'
import { AutonomyLevel, AutonomyStep } from '../domain/autonomy.ts'

/** POST /api/v1/autonomy: asks for it, confirms what another person asked for, or withdraws it. */
export const AutonomyRequest = z.strictObject({
  region: AutonomyStep.shape.region,
  phase: AutonomyStep.shape.phase,
  step: AutonomyStep.shape.step,
  reason: z.string().trim().min(3, 'say why, in 3 letters or more').max(500),
})
export type AutonomyRequest = z.infer<typeof AutonomyRequest>

/** GET /api/v1/autonomy: the level that holds now for each region and phase. */
export const AutonomyList = z.object({
  levels: z.array(
    AutonomyStep.pick({ region: true, phase: true }).extend({
      level: AutonomyLevel,
      last: AutonomyStep.nullable(),
    }),
  ),
})
export type AutonomyList = z.infer<typeof AutonomyList>
