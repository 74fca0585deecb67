import { expect, test } from 'vitest'
import { dayToDay } from '../../src/domain/day-to-day.ts'
import { asSamples, EIGHT, HOUR_MS, MINUTE_MS, minutely } from './cpu-samples.ts'

const NOW_MS = EIGHT + 30 * HOUR_MS
const pool = (at: (minute: number) => number | null) => ({
  samples: asSamples(
    minutely(
      'a',
      Array.from({ length: 1800 }, (_, minute) => at(minute)),
    ),
  ),
  binMs: MINUTE_MS,
})
/** The hours that the data hold twice are the first six and the last six of thirty. */
const twice = (before: number, after: number) =>
  pool((minute) => (minute < 360 ? before : minute >= 1440 ? after : 99))

test('days that are alike differ by nothing', () => {
  expect(dayToDay([twice(40, 40), twice(20, 20), twice(30, 30)], NOW_MS)).toBe(0)
})

test('the share holds nine in ten days of all pools together', () => {
  const share = dayToDay([twice(40, 44), twice(40, 44), twice(44, 40)], NOW_MS)
  expect(share).toBeCloseTo(1.645 * Math.log(1.1), 9)
})

test('pools that do nothing, and hours that are missing, tell nothing', () => {
  const idle = twice(1, 2)
  const gap = pool((minute) => (minute < 360 ? null : 40))
  const known = [twice(40, 44), twice(40, 44), twice(44, 40)]
  expect(dayToDay([...known, idle, gap], NOW_MS)).toBe(dayToDay(known, NOW_MS))
  expect(dayToDay([twice(40, 44), twice(40, 44), idle, gap], NOW_MS)).toBe(0.03)
  expect(dayToDay([], NOW_MS)).toBe(0.03)
})
