import { z } from 'zod'

/** A day a second: above it a step of a run takes longer than what it waits for. */
const RATE_MAX = 86_400

/**
 * How fast the time of a simulated region passes while a run is under way: as everywhere, so many times as fast, or from
 * one due moment to the next without waiting.
 */
export const ClockSpeed = z.union([
  z.literal('real'),
  z.literal('skip'),
  z.strictObject({ rate: z.number().positive().max(RATE_MAX) }),
])
export type ClockSpeed = z.infer<typeof ClockSpeed>

/** How time passes, as the end of a sentence. */
export function speedWords(speed: ClockSpeed): string {
  if (speed === 'real') return 'as fast as everywhere'
  if (speed === 'skip') return 'from one due moment to the next, without waiting'
  return `${speed.rate.toLocaleString('en-GB')} times as fast`
}
