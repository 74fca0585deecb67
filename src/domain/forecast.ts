import { hotSeries } from './hot-node.ts'
import { peakRun } from './peak-window.ts'
import { percentile } from './percentile.ts'
import type { CpuSamples } from './series.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_DAYS = 7
/** Less than a week of days tells no rhythm, and nothing is forecast. */
const DAYS_MIN = 7
/** Choices are told apart by how they would have done on so many days of the pool's own past. */
const TRIED_DAYS = 21
/** A choice must have been tried on so many pairs of days; before, the first one is taken. */
const TRIED_MIN = 21
/** The band is never narrower: weeks are too few to have seen how far a pool can stray. Points, and a share of the figure. */
const BAND_POINTS_MIN = 3
const BAND_SHARE_MIN = 0.25
/** Fewer days tell no growth; and none is carried on for longer than four weeks. */
const GROWTH_DAYS_MIN = 14
const AHEAD_DAYS_MAX = 28

/** A day's peak window as it was; null where the day has too few bins. */
export interface DayPeak {
  readonly dayMs: number
  readonly windowStartMs: number | null
  readonly hotNodeP95: number | null
}

export interface PeakForecast {
  readonly dayMs: number
  readonly windowStartMs: number
  readonly hotNodeP95: number
  /** As far off as the pool's own past forecasts were at most, and never less than a quarter of the figure. */
  readonly low: number
  readonly high: number
}

export interface PeakOutlook {
  readonly days: readonly PeakForecast[]
  /** How the pool's own past forecasts did: the median of what they were off, points; null where none could be tried. */
  readonly error: number | null
  /** Points a week. */
  readonly growth: number
}

/** How past days are weighed: half as much for each half-life of age, more for the same weekday, with growth or without. */
interface Choice {
  readonly halfLifeDays: number
  readonly weekdayWeight: number
  readonly grows: boolean
}

const CHOICES: readonly Choice[] = [3, 7, 21].flatMap((halfLifeDays) =>
  [1, 8].flatMap((weekdayWeight) => [false, true].map((grows) => ({ halfLifeDays, weekdayWeight, grows }))),
)

/** The peak window of each whole UTC day of [fromMs, toMs). */
export function dayPeaks(
  samples: CpuSamples,
  options: {
    readonly binMs: number
    readonly fromMs: number
    readonly toMs: number
    readonly hours: number
    readonly minCoverage: number
    /** Tells each bin as so many nodes would have shown it, whatever there were; without it as it was. */
    readonly atNodes?: number
  },
): DayPeak[] {
  const { binMs, hours, minCoverage, atNodes } = options
  const first = Math.ceil(options.fromMs / DAY_MS) * DAY_MS
  const length = Math.round((hours * HOUR_MS) / binMs)
  const days: DayPeak[] = []
  for (let dayMs = first; dayMs + DAY_MS <= options.toMs; dayMs += DAY_MS) {
    // A bin that is no part of a day stands for the day that it begins in.
    const startMs = Math.ceil(dayMs / binMs) * binMs
    const endMs = Math.ceil((dayMs + DAY_MS) / binMs) * binMs
    const seen = hotSeries(samples, { startMs, endMs, binMs })
    const hot =
      atNodes === undefined
        ? seen.hot
        : seen.hot.map((value, bin) => (value * (seen.nodesPresent[bin] ?? 0)) / atNodes)
    const at = peakRun(hot, length, minCoverage)
    days.push({
      dayMs,
      windowStartMs: at === null ? null : startMs + at * binMs,
      hotNodeP95: at === null ? null : percentile(hot.subarray(at, at + length), 95),
    })
  }
  return days
}

/**
 * The peak windows of the coming days from those of past ones: the weighted median of past days, by the weights that would
 * have done best on the pool's own past, plus growth. Null with less than a week of days to go by.
 */
export function forecastPeaks(past: readonly DayPeak[], ahead: number): PeakOutlook | null {
  const values = past.map(({ hotNodeP95 }) => hotNodeP95 ?? Number.NaN)
  if (values.filter((value) => !Number.isNaN(value)).length < DAYS_MIN) return null
  const lastMs = past.at(-1)?.dayMs ?? 0
  const { choice, misses } = bestChoice(values)
  const [lowest, highest] = [Math.min(0, ...misses), Math.max(0, ...misses)]
  const count = Math.min(ahead, AHEAD_DAYS_MAX)
  const days = Array.from({ length: count }, (_, at) => {
    const dayMs = lastMs + (at + 1) * DAY_MS
    const hotNodeP95 = Math.max(0, forecastOf(values, at + 1, choice))
    const least = Math.max(BAND_POINTS_MIN, BAND_SHARE_MIN * hotNodeP95)
    return {
      dayMs,
      windowStartMs: dayMs + startOfDay(past, at + 1, choice),
      hotNodeP95,
      low: Math.max(0, hotNodeP95 + Math.min(-least, lowest)),
      high: hotNodeP95 + Math.max(least, highest),
    }
  })
  const error = misses.length === 0 ? null : percentile(Float64Array.from(misses, Math.abs), 50)
  return { days, error, growth: choice.grows ? growthOf(values) * WEEK_DAYS : 0 }
}

/** The choice that was off least on the pool's own past, with what it was off there: truth less forecast. */
function bestChoice(values: readonly number[]): { choice: Choice; misses: number[] } {
  const [first] = CHOICES
  if (!first) throw new RangeError('there is no way to weigh days by')
  let best = { choice: first, misses: missesOf(values, first) }
  for (const choice of CHOICES.slice(1)) {
    const misses = missesOf(values, choice)
    if (misses.length >= TRIED_MIN && meanSize(misses) < meanSize(best.misses)) best = { choice, misses }
  }
  return best
}

/** What forecasts of one to seven days ahead would have been off by, from each day of the last weeks on. */
function missesOf(values: readonly number[], choice: Choice): number[] {
  const misses: number[] = []
  for (let from = Math.max(DAYS_MIN, values.length - TRIED_DAYS); from < values.length; from += 1) {
    const known = values.slice(0, from)
    for (let ahead = 1; ahead <= WEEK_DAYS && from + ahead <= values.length; ahead += 1) {
      const truth = values[from + ahead - 1] ?? Number.NaN
      const miss = truth - forecastOf(known, ahead, choice)
      if (!Number.isNaN(miss)) misses.push(miss)
    }
  }
  return misses
}

function meanSize(misses: readonly number[]): number {
  return misses.reduce((sum, miss) => sum + Math.abs(miss), 0) / Math.max(1, misses.length)
}

function forecastOf(values: readonly number[], ahead: number, choice: Choice): number {
  const slope = choice.grows ? growthOf(values) : 0
  // Growth is taken out before the days are laid beside each other, and put back for the day that is meant.
  const level = values.map((value, at) => value + slope * (values.length - 1 - at))
  return weightedMedian(level, weightsOf(values.length, ahead, choice)) + slope * ahead
}

function weightsOf(days: number, ahead: number, { halfLifeDays, weekdayWeight }: Choice): number[] {
  return Array.from({ length: days }, (_, at) => {
    const age = days - 1 - at
    const sameWeekday = (age + ahead) % WEEK_DAYS === 0
    return 0.5 ** (age / halfLifeDays) * (sameWeekday ? weekdayWeight : 1)
  })
}

/** Points a day: the median of the changes from one week to the next, day by day; weekdays and spikes fall out. */
function growthOf(values: readonly number[]): number {
  if (values.length < GROWTH_DAYS_MIN) return 0
  const changes = values.slice(WEEK_DAYS).map((value, at) => (value - (values[at] ?? Number.NaN)) / WEEK_DAYS)
  return percentile(Float64Array.from(changes), 50) ?? 0
}

/** When in the day the window starts, ms. */
function startOfDay(past: readonly DayPeak[], ahead: number, choice: Choice): number {
  const weights = weightsOf(past.length, ahead, choice)
  const starts = past.map(({ dayMs, windowStartMs }) => (windowStartMs ?? Number.NaN) - dayMs)
  return weightedMedian(starts, weights)
}

function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const known = values
    .map((value, at) => ({ value, weight: weights[at] ?? 0 }))
    .filter(({ value }) => !Number.isNaN(value))
    .toSorted((a, b) => a.value - b.value)
  const half = known.reduce((sum, { weight }) => sum + weight, 0) / 2
  let sum = 0
  for (const { value, weight } of known) {
    sum += weight
    if (sum >= half) return value
  }
  return Number.NaN
}
