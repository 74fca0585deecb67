import { z } from 'zod'
import { ClockSpeed } from '../domain/clock-speed.ts'

/** POST /api/v1/clock */
export const ClockRequest = z.strictObject({ speed: ClockSpeed })
export type ClockRequest = z.infer<typeof ClockRequest>

/** How fast time passes here while a run is under way; it passes as everywhere while a person is asked. */
export const ClockView = z.object({ nowMs: z.number(), speed: ClockSpeed })
export type ClockView = z.infer<typeof ClockView>
