import { expect, test } from 'vitest'
import { whileWarmingUp } from '../../src/domain/warm-up.ts'

const BLOCK_MS = 300_000
const series = (...count: number[]) => ({
  startMs: 0,
  blockMs: BLOCK_MS,
  count: Float64Array.from(count),
  of: Float64Array.from(count, () => 100),
})

test('what begins before the warm-up is over counts by its own threshold, what begins later as it is', () => {
  const seen = whileWarmingUp(series(30, 30, 30), { untilMs: 2 * BLOCK_MS, times: 3 })
  expect([...seen.count]).toEqual([10, 10, 30])
  expect([...seen.of]).toEqual([100, 100, 100])
})

test('a missing block stays missing', () => {
  expect(whileWarmingUp(series(Number.NaN), { untilMs: BLOCK_MS, times: 3 }).count[0]).toBeNaN()
})
