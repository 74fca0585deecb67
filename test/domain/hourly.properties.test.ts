import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hourlyP95 } from '../../src/domain/hourly.ts'

const value = fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constant(Number.NaN))
const day = fc.array(value, { maxLength: 300 }).map((values) => Float64Array.from(values))

test('a day has a figure for each hour, or for each bin where there are fewer', () => {
  fc.assert(
    fc.property(day, (bins) => {
      expect(hourlyP95(bins)).toHaveLength(Math.min(24, bins.length))
    }),
  )
})

test('each lies between the least and the greatest bin, and is null only without any', () => {
  fc.assert(
    fc.property(day, (bins) => {
      const known = [...bins].filter((each) => !Number.isNaN(each))
      const found = hourlyP95(bins).filter((each) => each !== null)
      expect(found.length > 0).toBe(known.length > 0)
      for (const each of found) {
        expect(each).toBeGreaterThanOrEqual(Math.min(...known) - 0.05)
        expect(each).toBeLessThanOrEqual(Math.max(...known) + 0.05)
      }
    }),
  )
})

test('an hour that is missing is null, and its neighbours stay what they are', () => {
  const bins = Float64Array.from({ length: 1440 }, (_, at) => (at < 60 ? 10 : at < 120 ? Number.NaN : 20))
  expect(hourlyP95(bins)).toEqual([10, null, ...Array.from({ length: 22 }, () => 20)])
})
