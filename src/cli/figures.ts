const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A moment as people read it, UTC to the minute. */
export function moment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** A duration in its two largest units, such as `13 d 4 h`. */
export function duration(ms: number): string {
  const left = Math.max(0, ms)
  if (left < MINUTE_MS) return `${(left / 1000).toFixed(left < 10_000 ? 1 : 0)} s`
  const parts = [
    [Math.floor(left / DAY_MS), 'd'],
    [Math.floor((left % DAY_MS) / HOUR_MS), 'h'],
    [Math.floor((left % HOUR_MS) / MINUTE_MS), 'min'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

/** A percent figure; a missing one is never shown as zero. */
export function percent(value: number | null): string {
  return value === null ? 'no data' : `${value.toFixed(1)} %`
}

/** A change with its sign; one that rounds to nothing is flat. */
export function change(value: number | null, unit: string): string {
  if (value === null) return 'no data'
  const shown = value.toFixed(1)
  if (Number(shown) === 0) return 'flat'
  return `${value > 0 ? '+' : ''}${shown} ${unit}`
}
