const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** The after windows of a report: so much later than the before windows, and when the last of them is over. */
export interface ReportShift {
  readonly shiftMs: number
  readonly dueAtMs: number
}

/** The first whole weeks after which every window begins after the last move: same weekdays, same hours. */
export function weekdayShift(windows: readonly Span[], lastMoveMs: number): ReportShift {
  return shiftBy(WEEK_MS, windows, lastMoveMs)
}

/** As `weekdayShift` in whole days: same hours only, for a report that can't wait for the weekday. */
export function hourShift(windows: readonly Span[], lastMoveMs: number): ReportShift {
  return shiftBy(DAY_MS, windows, lastMoveMs)
}

function shiftBy(unitMs: number, windows: readonly Span[], lastMoveMs: number): ReportShift {
  const firstMs = Math.min(...windows.map((window) => window.startMs))
  const units = windows.length === 0 ? 0 : Math.max(1, Math.ceil((lastMoveMs - firstMs) / unitMs))
  const endMs = windows.length === 0 ? lastMoveMs : Math.max(...windows.map((window) => window.endMs))
  return { shiftMs: units * unitMs, dueAtMs: endMs + units * unitMs }
}

/** Change of a figure in percent of what it was; null where either is missing or it was nothing. */
export function changePercent(before: number | null, after: number | null): number | null {
  if (before === null || after === null || before === 0) return null
  return ((after - before) / before) * 100
}

/** Change of a figure in points; null where either is missing. */
export function changePoints(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : after - before
}
