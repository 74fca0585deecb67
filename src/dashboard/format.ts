const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

const NO_VALUE = '–'

/** A pool that was empty grows by so many percent that they say nothing. */
const TIMES_FROM_PERCENT = 900

/** A percentage with one decimal and no sign: `43.1`; a dash where there is none. */
export function percent(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? NO_VALUE : value.toFixed(1)
}

/** A share of 0..1 as percent: `0.4 %`, `97 %`. */
export function share(value: number): string {
  const whole = value * 100
  if (whole > 0 && whole < 0.1) return '<0.1 %'
  return `${whole < 10 ? whole.toFixed(1) : whole.toFixed(0)} %`
}

/** A change with its sign, a real minus, and its unit: `−34.2 %`; many times as much is `×28`. */
export function change(value: number | null, unit: '%' | 'points'): string {
  if (value === null || !Number.isFinite(value)) return NO_VALUE
  if (unit === '%' && value >= TIMES_FROM_PERCENT) return `×${(1 + value / 100).toFixed(0)}`
  const size = Math.abs(value).toFixed(1)
  const sign = Number(size) === 0 ? '' : value < 0 ? '−' : '+'
  return `${sign}${size} ${unit}`
}

/** A span in its two greatest units: `2 d 3 h`, `4 min 10 s`. */
export function span(ms: number): string {
  const left = Math.max(0, Math.round(ms / SECOND_MS) * SECOND_MS)
  const two = (major: number, majorUnit: string, minor: number, minorUnit: string) => {
    const rest = Math.floor((left % major) / minor)
    return `${Math.floor(left / major)} ${majorUnit}${rest > 0 ? ` ${rest} ${minorUnit}` : ''}`
  }
  if (left >= DAY_MS) return two(DAY_MS, 'd', HOUR_MS, 'h')
  if (left >= HOUR_MS) return two(HOUR_MS, 'h', MINUTE_MS, 'min')
  if (left >= MINUTE_MS) return two(MINUTE_MS, 'min', SECOND_MS, 's')
  return `${left / SECOND_MS} s`
}

const INSTANT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
})

const TIME_OF_DAY = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })

/** An instant in UTC, without saying so: `Tue 25 Nov, 14:05`. */
export function instant(ms: number): string {
  return INSTANT.format(ms).replace(/^(\w+), /, '$1 ')
}

export function timeOfDay(ms: number): string {
  return TIME_OF_DAY.format(ms)
}

export function isoInstant(ms: number): string {
  return new Date(ms).toISOString()
}

/** `1 registry`, `30 registries`. */
export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`
}

/** An ISO 8601 duration as a person says it: `PT24H` is `24 h`. */
export function isoSpan(text: string): string {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (!match) return text
  const units = ['weeks', 'd', 'h', 'min', 's']
  const parts = units.flatMap((unit, at) => (match[at + 1] ? [`${match[at + 1]} ${unit}`] : []))
  return parts.length > 0 ? parts.join(' ') : text
}

/** The first digits of a digest, enough to compare by eye. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 6)} ${digest.slice(6, 12)}`
}
