import { expect, test } from 'vitest'
import { type BlockSeries, learnBaseline } from '../../src/domain/baseline.ts'
import { BLOCK_MS, MEASURES, type Measure } from '../../src/domain/outcome-blocks.ts'
import { judgeOutcome } from '../../src/domain/outcome-guard.ts'
import { whileWarmingUp } from '../../src/domain/warm-up.ts'
import { poisson, seeded } from './seeded-counts.ts'

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

const MOVED_MS = Date.UTC(2026, 10, 2)
const DAY_BLOCKS = 288
const HOUR_BLOCKS = 12
const WARM_BLOCKS = 3
const TOLERATED = { untilMs: MOVED_MS + WARM_BLOCKS * BLOCK_MS, times: 3 }

/** Two hours since a move, `first` times as much as usual for a quarter of an hour and `later` times after it. */
function verdictOn(measure: Measure, first: number, later = 1): string {
  const draw = seeded(1)
  const blocks = (startMs: number, times: readonly number[]): BlockSeries => ({
    startMs,
    blockMs: BLOCK_MS,
    count: Float64Array.from(times, (one) => poisson(60 * one, draw)),
    of: new Float64Array(times.length).fill(4000),
  })
  const past = blocks(
    MOVED_MS - 7 * DAY_BLOCKS * BLOCK_MS,
    Array.from({ length: 7 * DAY_BLOCKS }, () => 1),
  )
  const times = Array.from({ length: 2 * HOUR_BLOCKS }, (_, block) => (block < WARM_BLOCKS ? first : later))
  const now = blocks(MOVED_MS, times)
  return judgeOutcome({
    ...{ sinceMs: MOVED_MS, atMs: MOVED_MS + times.length * BLOCK_MS, windowMs: times.length * BLOCK_MS },
    ...{ voids: [], minCoverage: 0.95, replicas: [], pools: [] },
    groups: [
      {
        ...{ subject: 'moved registries', measure, among: 1, controls: null },
        baseline: learnBaseline(past, null, MEASURES[measure].floor),
        now: measure === 'latency' ? whileWarmingUp(now, TOLERATED) : now,
      },
    ],
  }).verdict
}

test('slower pulls from a cold cache right after a move are no alarm; ten times slower ones are, and so is what stays slow', () => {
  expect(verdictOn('latency', 2.5)).toBe('betterOrEqual')
  expect(verdictOn('latency', 10)).toBe('worse')
  expect(verdictOn('latency', 2.5, 2.5)).toBe('worse')
})

test('errors right after a move are an alarm as at any other time', () => {
  expect(verdictOn('errors', 2.5)).toBe('worse')
})
