import { expect, test } from 'vitest'
import { changePercent, changePoints, hourShift, weekdayShift } from '../../src/domain/report.ts'

const DAY = 86_400_000
const window = { startMs: 8 * 3_600_000, endMs: 20 * 3_600_000 }

test('the after window lies whole weeks later and begins after the last move', () => {
  const shift = weekdayShift([window], 10 * DAY)
  expect(shift.shiftMs).toBe(14 * DAY)
  expect(shift.dueAtMs).toBe(window.endMs + 14 * DAY)
  expect(window.startMs + shift.shiftMs).toBeGreaterThanOrEqual(10 * DAY)
})

test('a report that cannot wait for the weekday takes the same hours of a later day', () => {
  expect(hourShift([window], 10 * DAY).shiftMs).toBe(10 * DAY)
  expect(hourShift([window], 10 * DAY + 9 * 3_600_000).shiftMs).toBe(11 * DAY)
})

test('a run without any move still compares two different windows', () => {
  expect(weekdayShift([window], 0).shiftMs).toBe(7 * DAY)
})

test('a change of a missing figure is missing, and so is a change from nothing', () => {
  expect(changePercent(43, 28.5)).toBeCloseTo(-33.72, 2)
  expect(changePercent(null, 28.5)).toBeNull()
  expect(changePercent(0, 5)).toBeNull()
  expect(changePoints(96, 64)).toBe(-32)
  expect(changePoints(96, null)).toBeNull()
})
