import { expect, test } from 'vitest'
import { findPeakWindow } from '../../src/domain/hot-node.ts'
import { asSamples, EIGHT, HOUR_MS, MINUTE_MS, minutely } from './cpu-samples.ts'

const DAY_MS = 24 * HOUR_MS
const aDay = { hours: 12, binMs: MINUTE_MS, nowMs: EIGHT + DAY_MS, minCoverage: 0.95 }
const hour = (h: number) => EIGHT + h * HOUR_MS
const day = (cpuAt: (minute: number) => number | null) =>
  minutely(
    'a',
    Array.from({ length: 1440 }, (_, minute) => cpuAt(minute)),
  )

test('the peak window is where the mean hot value is greatest', () => {
  const samples = asSamples(day((minute) => (minute >= 180 && minute < 900 ? 60 : 20)))
  expect(findPeakWindow(samples, aDay)).toEqual({ startMs: hour(3), endMs: hour(15), binMs: MINUTE_MS })
})

test.each([43, 0, 1 / 3, 33.3])('of equal windows of a flat day at %d %% the latest is taken', (cpu) => {
  expect(findPeakWindow(asSamples(day(() => cpu)), aDay)?.endMs).toBe(aDay.nowMs)
})

test('windows that hold the same values in another order are equal, whatever came before them', () => {
  const wave = (minute: number) => [0.1, 7.3, 33.4, 99.9, 12.7, 5.6][minute % 6] ?? 0
  expect(findPeakWindow(asSamples(day(wave)), aDay)?.endMs).toBe(aDay.nowMs)
})

test('a window below the minimum coverage does not win, however hot it is', () => {
  const samples = asSamples(day((minute) => (minute < 720 ? (minute % 10 ? null : 99) : 30)))
  // Each ten minutes before noon lack nine: 40 of them, with 36 missing, are just few enough.
  const startMs = hour(12) - 40 * MINUTE_MS
  expect(findPeakWindow(samples, aDay)).toEqual({ startMs, endMs: startMs + 12 * HOUR_MS, binMs: MINUTE_MS })
})

test('a window needs a sample even at a minimum coverage of 0', () => {
  expect(findPeakWindow(asSamples(day(() => null)), { ...aDay, minCoverage: 0 })).toBeNull()
})

test('only the last 24 hours are looked at, and nothing after now', () => {
  const rows = minutely(
    'a',
    Array.from({ length: 4 * 1440 }, (_, minute) => (minute < 1440 || minute >= 4320 ? 90 : 30)),
    EIGHT - DAY_MS,
  )
  const nowMs = EIGHT + 2 * DAY_MS
  expect(findPeakWindow(asSamples(rows), { ...aDay, nowMs })).toEqual({
    startMs: nowMs - 12 * HOUR_MS,
    endMs: nowMs,
    binMs: MINUTE_MS,
  })
})

test('a now between two bins gives windows of whole bins before it', () => {
  const found = findPeakWindow(asSamples(day(() => 5)), { ...aDay, nowMs: aDay.nowMs - 1 })
  expect(found?.endMs).toBe(aDay.nowMs - MINUTE_MS)
})

test('a window of a whole day is that day', () => {
  expect(findPeakWindow(asSamples(day(() => 5)), { ...aDay, hours: 24 })?.startMs).toBe(EIGHT)
  expect(findPeakWindow(asSamples(day(() => 5)), { ...aDay, hours: 25 })).toBeNull()
})

test('a length that is no multiple of the bin is an error', () => {
  expect(() => findPeakWindow(asSamples(day(() => 5)), { ...aDay, hours: 0.51 })).toThrow(
    'no multiple of a bin',
  )
})
