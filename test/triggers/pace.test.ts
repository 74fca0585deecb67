import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pace } from '../../src/triggers/pace.ts'

const requests = fc.array(fc.record({ waitMs: fc.nat(20_000), weight: fc.integer({ min: 1, max: 20 }) }), {
  maxLength: 200,
})

test('over any span nobody is let past with more than a minute’s share and what the span adds to it', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 20, max: 600 }), (all, perMinute) => {
      let nowMs = 0
      const pace = new Pace(perMinute, () => nowMs)
      const passed: { atMs: number; weight: number }[] = []
      for (const { waitMs, weight } of all) {
        nowMs += waitMs
        if (pace.take('ann', weight) === 0) passed.push({ atMs: nowMs, weight })
      }
      for (const [from, first] of passed.entries()) {
        let sum = 0
        for (const { atMs, weight } of passed.slice(from)) {
          sum += weight
          expect(sum).toBeLessThanOrEqual(perMinute + ((atMs - first.atMs) * perMinute) / 60_000 + 1e-6)
        }
      }
    }),
  )
})

test('whoever waits as long as they were told is let past', () => {
  fc.assert(
    fc.property(requests, fc.integer({ min: 20, max: 600 }), (all, perMinute) => {
      let nowMs = 0
      const pace = new Pace(perMinute, () => nowMs)
      for (const { weight } of all) {
        const seconds = pace.take('ann', weight)
        if (seconds === 0) continue
        nowMs += seconds * 1000
        expect(pace.take('ann', weight)).toBe(0)
      }
    }),
  )
})

test('people do not share: one who asks too often keeps nobody else from asking', () => {
  const pace = new Pace(2, () => 0)
  expect([1, 2, 3].map(() => pace.take('ann', 1) === 0)).toEqual([true, true, false])
  expect(pace.take('ben', 1)).toBe(0)
})
