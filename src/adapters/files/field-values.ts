const [PLUS, POINT, SPACE, TAB] = [0x2b, 0x2e, 0x20, 0x09] as const
const ZERO = 0x30
/** So many digits are exact in a double, and so is this power of ten: their quotient is rounded once. */
const EXACT_DIGITS_MAX = 15
const POWERS = Float64Array.from({ length: EXACT_DIGITS_MAX + 1 }, (_, power) => 10 ** power)
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/**
 * A field's value where it is a sample by R4, else NaN: a decimal number from 0 up, with a sign, an exponent or
 * blanks around it if need be. Empty, null, NaN, inf, negative values and other text are no sample.
 */
export function sampleIn(bytes: Buffer, from: number, to: number): number {
  let at = from
  while (at < to && isBlank(bytes[at])) at += 1
  let end = to
  while (end > at && isBlank(bytes[end - 1])) end -= 1
  if (at === end) return Number.NaN

  const first = at
  let whole = 0
  let digits = 0
  let decimals = -1
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit
      digits += 1
      if (decimals >= 0) decimals += 1
    } else if (byte === POINT && decimals < 0) decimals = 0
    else if (byte !== PLUS || at !== first) return byLanguage(bytes, first, end)
  }
  if (digits === 0 || digits > EXACT_DIGITS_MAX) return byLanguage(bytes, first, end)
  return decimals > 0 ? whole / (POWERS[decimals] ?? 1) : whole
}

function byLanguage(bytes: Buffer, from: number, to: number): number {
  const text = bytes.toString('latin1', from, to)
  const value = NUMBER.test(text) ? Number(text) : Number.NaN
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value : Number.NaN
}

const DATE_LENGTH = 10
const TIME_LENGTH = 19
/** Two digits each of hour, minute and second, by their places in `2019-01-15T08:00:00`. */
const PLACES = { year: 0, month: 5, day: 8, hour: 11, minute: 14, second: 17 } as const
const [DASH, COLON, LETTER_T, LETTER_Z] = [0x2d, 0x3a, 0x54, 0x5a] as const

/**
 * Epoch milliseconds of a field by R3, NaN where it can't be read: ISO 8601 with `Z`, an offset or none (UTC), or a
 * bare number of epoch seconds. Fractions count to the microsecond, cut off, so that no instant leaves its bin.
 */
export function instantIn(bytes: Buffer, from: number, to: number): number {
  const length = to - from
  const plain = length === TIME_LENGTH || (length === TIME_LENGTH + 1 && bytes[to - 1] === LETTER_Z)
  if (!plain || bytes[from + DATE_LENGTH] !== LETTER_T) return instantOf(bytes.toString('latin1', from, to))
  const separated =
    bytes[from + 4] === DASH &&
    bytes[from + 7] === DASH &&
    bytes[from + 13] === COLON &&
    bytes[from + 16] === COLON
  const year = twoDigits(bytes, from + PLACES.year) * 100 + twoDigits(bytes, from + PLACES.year + 2)
  const month = twoDigits(bytes, from + PLACES.month)
  const day = twoDigits(bytes, from + PLACES.day)
  const hour = twoDigits(bytes, from + PLACES.hour)
  const minute = twoDigits(bytes, from + PLACES.minute)
  const second = twoDigits(bytes, from + PLACES.second)
  if (!separated || !(hour <= 23 && minute <= 59 && second <= 59)) {
    return instantOf(bytes.toString('latin1', from, to))
  }
  return dayMs(year, month, day) + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS
}

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** The years 1 to 9999, as ISO 8601 can say them: epoch milliseconds taken for seconds lie far outside. */
const INSTANT_MIN_MS = -62_135_596_800_000
const INSTANT_END_MS = 253_402_300_800_000
const CLOCK = String.raw`(?<zone>[Zz]|[+-]\d\d(?::?[0-5]\d)?)?`
const FRACTION = String.raw`(?:[.,](?<fraction>\d+))?`
const EXTENDED = new RegExp(
  String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[Tt ](?<hour>\d\d)(?::(?<minute>\d\d)(?::(?<second>\d\d)${FRACTION})?)?${CLOCK})?$`,
)
const BASIC = new RegExp(
  String.raw`^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)[Tt ](?<hour>\d\d)(?:(?<minute>\d\d)(?:(?<second>\d\d)${FRACTION})?)?${CLOCK}$`,
)
const SECONDS = /^(?<sign>[+-]?)(?<whole>\d+)(?:\.(?<fraction>\d*))?$/

/** The same as `instantIn`, of a text and in any of the forms. */
export function instantOf(text: string): number {
  const trimmed = text.trim()
  const seconds = SECONDS.exec(trimmed)?.groups
  if (seconds !== undefined) {
    const size = Number(seconds.whole) * SECOND_MS + fractionMs(seconds.fraction)
    return inRange(seconds.sign === '-' ? -size : size)
  }
  if (NUMBER.test(trimmed)) return inRange(Number(trimmed) * SECOND_MS)
  const parts = (EXTENDED.exec(trimmed) ?? BASIC.exec(trimmed))?.groups
  if (parts === undefined) return Number.NaN
  const [hour, minute, second] = [parts.hour, parts.minute, parts.second].map((part) => Number(part ?? 0))
  const ofDay =
    (hour ?? 0) * HOUR_MS + (minute ?? 0) * MINUTE_MS + (second ?? 0) * SECOND_MS + fractionMs(parts.fraction)
  // 24:00 is the end of its day, and nothing comes after it.
  if ((hour ?? 0) > 24 || ofDay > DAY_MS || (minute ?? 0) > 59 || (second ?? 0) > 59) return Number.NaN
  const day = dayMs(Number(parts.year), Number(parts.month), Number(parts.day))
  return inRange(day + ofDay - offsetMs(parts.zone))
}

function inRange(ms: number): number {
  return ms >= INSTANT_MIN_MS && ms < INSTANT_END_MS ? ms : Number.NaN
}

function fractionMs(digits: string | undefined): number {
  return Number((digits ?? '').slice(0, 6).padEnd(6, '0')) / 1000
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const size = hours * HOUR_MS + Number(zone.slice(3).replace(':', '')) * MINUTE_MS
  if (hours > 23) return Number.NaN
  return zone.startsWith('-') ? -size : size
}

/** The day's start, or NaN where the calendar has no such day. Days are counted from March, so that leap days come last. */
function dayMs(year: number, month: number, day: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const last =
    month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= last)) return Number.NaN
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const days =
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return (days - 719_468) * DAY_MS
}

function twoDigits(bytes: Buffer, at: number): number {
  const tens = (bytes[at] ?? 0) - ZERO
  const ones = (bytes[at + 1] ?? 0) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB
}
