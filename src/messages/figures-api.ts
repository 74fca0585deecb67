import { z } from 'zod'
import { RegionName } from '../domain/ids.ts'
import { RunFigures } from '../domain/run-figures.ts'

export const FIGURE_DAYS = 30
const DAYS_MAX = 366

/** GET /api/v1/figures?days=: over so many days up to now. */
export const FiguresQuery = z.object({
  days: z.coerce.number().int().min(1).max(DAYS_MAX).default(FIGURE_DAYS),
})
export type FiguresQuery = z.infer<typeof FiguresQuery>

/** The figures of each region. Null is not known. */
export const FiguresView = z.object({
  sinceMs: z.int(),
  untilMs: z.int(),
  regions: z.array(z.object({ region: RegionName, figures: RunFigures })),
})
export type FiguresView = z.infer<typeof FiguresView>
