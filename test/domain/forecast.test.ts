import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DayPeak, dayPeaks, forecastPeaks } from '../../src/domain/forecast.ts'
import { asSamples, HOUR_MS, MINUTE_MS, minutely } from './cpu-samples.ts'

const DAY_MS = 24 * HOUR_MS
/** A Thursday. */
const BEGIN = Date.UTC(2026, 0, 1)
const MORNING_MS = 8 * HOUR_MS

function days(values: readonly (number | null)[]): DayPeak[] {
  return values.map((hotNodeP95, at) => ({
    dayMs: BEGIN + at * DAY_MS,
    windowStartMs: hotNodeP95 === null ? null : BEGIN + at * DAY_MS + MORNING_MS,
    hotNodeP95,
  }))
}

const series = (count: number, at: (day: number) => number | null) =>
  days(Array.from({ length: count }, (_, day) => at(day)))
const figures = (past: readonly DayPeak[], ahead = 7) =>
  forecastPeaks(past, ahead)?.days.map(({ hotNodeP95 }) => Number(hotNodeP95.toFixed(6)))

test('days that are all alike go on so, at the same time of day', () => {
  const outlook = forecastPeaks(
    series(14, () => 40),
    3,
  )
  expect(outlook?.days).toEqual(
    [14, 15, 16].map((day) => ({
      dayMs: BEGIN + day * DAY_MS,
      windowStartMs: BEGIN + day * DAY_MS + MORNING_MS,
      hotNodeP95: 40,
      low: 30,
      high: 50,
    })),
  )
  expect([outlook?.error, outlook?.growth]).toEqual([0, 0])
})

test('a weekday keeps its own figure once some weeks have shown it', () => {
  const weekly = (day: number) => (day % 7 < 5 ? 60 : 20)
  expect(figures(series(28, weekly))).toEqual([60, 60, 60, 60, 60, 20, 20])
})

test('growth goes on, beside the rhythm of the week', () => {
  const growing = (day: number) => 20 + day / 2 + (day % 7 < 5 ? 10 : 0)
  const outlook = forecastPeaks(series(28, growing), 7)
  expect(outlook?.growth).toBeCloseTo(3.5, 6)
  for (const [at, { hotNodeP95 }] of (outlook?.days ?? []).entries())
    expect(hotNodeP95).toBeCloseTo(growing(28 + at), 6)
})

test('one wild day moves no forecast', () => {
  expect(
    figures(
      series(28, (day) => (day === 27 ? 97 : 30)),
      1,
    ),
  ).toEqual([30])
})

test('a pool that has gone to another level is forecast there after some days', () => {
  expect(
    figures(
      series(28, (day) => (day < 22 ? 30 : 65)),
      1,
    ),
  ).toEqual([65])
})

test('the band is as wide as the pool has strayed from its own forecasts', () => {
  const [calm] =
    forecastPeaks(
      series(28, () => 30),
      1,
    )?.days ?? []
  const [wild] =
    forecastPeaks(
      series(28, (day) => 30 + ((day * 7) % 5) * 10),
      1,
    )?.days ?? []
  const width = (one: typeof calm) => (one?.high ?? 0) - (one?.low ?? 0)
  expect(width(wild)).toBeGreaterThan(width(calm) + 10)
})

describe('days that are missing', () => {
  test('are no zeros', () => {
    expect(
      figures(
        series(28, (day) => (day % 3 === 0 ? null : 50)),
        2,
      ),
    ).toEqual([50, 50])
  })

  test('leave nothing to forecast by where less than a week is known', () => {
    expect(
      forecastPeaks(
        series(6, () => 50),
        7,
      ),
    ).toBeNull()
    expect(
      forecastPeaks(
        series(20, (day) => (day < 6 ? 50 : null)),
        7,
      ),
    ).toBeNull()
    expect(forecastPeaks([], 7)).toBeNull()
  })
})

test('nothing is forecast below zero or further than four weeks', () => {
  const falling = forecastPeaks(
    series(28, (day) => Math.max(1, 28 - day)),
    60,
  )
  expect(falling?.days).toHaveLength(28)
  for (const { hotNodeP95, low } of falling?.days ?? [])
    expect([hotNodeP95 >= 0, low >= 0]).toEqual([true, true])
})

test('whatever the past, figures lie in their band and are repeatable', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 100 })), { maxLength: 35 }), (values) => {
      const outlook = forecastPeaks(days(values), 7)
      expect(forecastPeaks(days(values), 7)).toEqual(outlook)
      for (const { hotNodeP95, low, high } of outlook?.days ?? []) {
        expect(low).toBeLessThanOrEqual(hotNodeP95)
        expect(high).toBeGreaterThanOrEqual(hotNodeP95)
        expect(Number.isFinite(high)).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})

test('a day has its own hottest window, and too little of a day has none', () => {
  const cpu = [0, 1, 2].flatMap((day) =>
    Array.from({ length: 1440 }, (_, minute) => {
      if (day === 1 && minute % 2 === 0) return null
      return minute >= 600 && minute < 1320 ? 50 + day : 10
    }),
  )
  const peaks = dayPeaks(asSamples(minutely('a', cpu, BEGIN)), {
    binMs: MINUTE_MS,
    fromMs: BEGIN - HOUR_MS,
    toMs: BEGIN + 3 * DAY_MS + HOUR_MS,
    hours: 12,
    minCoverage: 0.95,
  })
  expect(peaks).toEqual([
    { dayMs: BEGIN, windowStartMs: BEGIN + 10 * HOUR_MS, hotNodeP95: 50 },
    { dayMs: BEGIN + DAY_MS, windowStartMs: null, hotNodeP95: null },
    { dayMs: BEGIN + 2 * DAY_MS, windowStartMs: BEGIN + 2 * DAY_MS + 10 * HOUR_MS, hotNodeP95: 52 },
  ])
})
