const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** No zone is further from UTC than this. */
const ZONE_MS_MAX = 15 * HOUR_MS
/** The last day whose local time lies before an instant is no further back than this. */
const DAYS_BACK_MAX = 3
/** Names by which zones go first; others are tried. A policy is read often, and trying takes long. */
const ZONES: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])

/** The last instant not after `beforeMs` at which clocks of the zone show `clock` (HH:MM). */
export function lastLocalStart(clock: string, zone: string, beforeMs: number): number {
  const today = Math.floor((beforeMs + ZONE_MS_MAX) / DAY_MS) * DAY_MS
  for (let back = 0; back <= DAYS_BACK_MAX; back += 1) {
    const startMs = instantOfLocal(today - back * DAY_MS + clockMs(clock), zone)
    if (startMs <= beforeMs) return startMs
  }
  throw new RangeError(`no ${clock} in ${zone} was found in the ${DAYS_BACK_MAX} days before ${beforeMs}`)
}

/**
 * The instant at which clocks of a zone show a local time, given as if it were UTC. A time that comes twice is the first
 * of both; one that is skipped is as far behind the change as it would have been without it.
 */
export function instantOfLocal(localMs: number, zone: string): number {
  if (zone === 'UTC') return localMs
  const format = formatOf(zone)
  const offsets = [-DAY_MS, DAY_MS].map((by) => offsetMs(localMs + by, format))
  const [before = 0, after = before] = offsets
  const earlier = localMs - Math.max(before, after)
  const later = localMs - Math.min(before, after)
  if (earlier + offsetMs(earlier, format) === localMs) return earlier
  return later + offsetMs(later, format) === localMs ? later : localMs - before
}

/** By how much the clocks that a format shows are ahead of UTC at an instant, ms. Formats are dear to make. */
function offsetMs(atMs: number, format: Intl.DateTimeFormat): number {
  const parts = format.formatToParts(atMs)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown - Math.floor(atMs / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
}

/** Whether a text names a time zone, such as Europe/Amsterdam. */
export function isZone(zone: string): boolean {
  if (ZONES.has(zone)) return true
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

function clockMs(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * HOUR_MS + minutes * MINUTE_MS
}
