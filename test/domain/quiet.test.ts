import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gapP99Ms, quietForMs } from '../../src/domain/quiet.ts'

const MINUTE_MS = 60_000
const gapOf = (...requests: number[]) => gapP99Ms(Float64Array.from(requests), MINUTE_MS)

test('requests of one bin are evenly spread, and empty bins lengthen the gap that they lie in', () => {
  expect(gapOf(60, 60)).toBe(1000)
  expect(gapOf(1, 0, 0, 1)).toBe(3 * MINUTE_MS)
})

test('a long pause that comes once in two hundred gaps does not count', () => {
  expect(gapOf(100, 0, 0, 0, 0, 100)).toBe(600)
})

test('what lies next to a missing bin is no gap, and fewer than two requests have none', () => {
  expect(gapOf(1, Number.NaN, 1)).toBeNull()
  expect(gapOf(1, 0, 0)).toBeNull()
  expect(gapOf()).toBeNull()
  expect(gapOf(0, 0, 2)).toBe(MINUTE_MS / 2)
})

const anyRequests = fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(Number.NaN)).map(Number), {
  maxLength: 40,
})

test('a gap is longer than none and no longer than all of the bins', () => {
  fc.assert(
    fc.property(anyRequests, (requests) => {
      const gap = gapOf(...requests)
      if (gap === null) return
      expect(gap).toBeGreaterThan(0)
      expect(gap).toBeLessThanOrEqual(requests.length * MINUTE_MS)
    }),
  )
})

test('the same traffic with a pause in front of every request never has the shorter gap', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 20 }), (requests) => {
      const sparse = requests.flatMap((count) => [0, count])
      expect(gapOf(...sparse) ?? 0).toBeGreaterThanOrEqual(gapOf(...requests) ?? 0)
    }),
  )
})

test('an old home is quiet after 30 s, twice the TTL, or the own gap up to a cap, whichever is longest', () => {
  const gapMaxMs = 600_000
  expect(quietForMs({ ttlSeconds: 0, gapP99Ms: 10, gapMaxMs })).toBe(30_000)
  expect(quietForMs({ ttlSeconds: 60, gapP99Ms: 10, gapMaxMs })).toBe(120_000)
  expect(quietForMs({ ttlSeconds: 60, gapP99Ms: 400_000, gapMaxMs })).toBe(400_000)
  expect(quietForMs({ ttlSeconds: 60, gapP99Ms: 7_200_000, gapMaxMs })).toBe(600_000)
})

test('a gap that is not known counts as the longest', () => {
  expect(quietForMs({ ttlSeconds: 60, gapP99Ms: null, gapMaxMs: 600_000 })).toBe(600_000)
})
