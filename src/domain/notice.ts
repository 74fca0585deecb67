import { z } from 'zod'
import { RegionName, StampId } from './ids.ts'

/** What somebody else told of a stamp: a monitor's alert, or a customer through a person. Taken in by the next scan. */
export const Notice = z.object({
  region: RegionName,
  stamp: StampId,
  source: z.enum(['alert', 'customer-report']),
  alert: z.object({ id: z.string(), condition: z.enum(['Fired', 'Resolved']) }).nullable(),
  atMs: z.int(),
  detail: z.string(),
  by: z.string(),
  /** Whether a scan has taken it in. */
  taken: z.boolean(),
})
export type Notice = z.infer<typeof Notice>

const WEEK_MS = 7 * 86_400_000

/** Notices are kept week by week, so that a scan reads few: where those of an instant's week stand. */
export function noticesAt(region: string, atMs: number): string {
  return `${region}/${Math.floor(atMs / WEEK_MS)}/`
}

/** Where a scan finds what it has not taken in: this week and the last. */
export function recentNotices(region: string, nowMs: number): string[] {
  return [noticesAt(region, nowMs), noticesAt(region, nowMs - WEEK_MS)]
}
