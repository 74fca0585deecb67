import { expect, test } from 'vitest'
import { type BlockSeries, expectedOf, learnBaseline, stepsOf } from '../../src/domain/baseline.ts'
import { BLOCK_MS } from '../../src/domain/outcome-blocks.ts'
import { followEvidence } from '../../src/domain/sequential-test.ts'
import { gamma, poisson, seeded } from './seeded-counts.ts'

const DAY = 288
const HOUR = 12
const PAST = 7 * DAY
const WINDOW = 2 * DAY
const WINDOWS = 40
const REQUESTS = 4000
const SHARE = 0.01

/** Errors of a service over nine days, whose share goes up and down by itself from one `length` of blocks to the next. */
function swinging(length: number, shape: number, draw: () => number): BlockSeries {
  const times = Array.from({ length: Math.ceil((PAST + WINDOW) / length) }, () => gamma(shape, draw))
  const count = Float64Array.from({ length: PAST + WINDOW }, (_, at) =>
    poisson(REQUESTS * SHARE * (times[Math.floor(at / length)] ?? 1), draw),
  )
  return { startMs: 0, blockMs: BLOCK_MS, count, of: new Float64Array(PAST + WINDOW).fill(REQUESTS) }
}

function cut(series: BlockSeries, from: number, to: number): BlockSeries {
  const startMs = series.startMs + from * BLOCK_MS
  return { ...series, startMs, count: series.count.slice(from, to), of: series.of.slice(from, to) }
}

const SWINGS = [
  { name: 'from one block to the next', length: 1, shape: 4 },
  { name: 'from one hour to the next', length: HOUR, shape: 8 },
  { name: 'from one day to the next', length: DAY, shape: 30 },
]
test.each(SWINGS)('what swings by itself $name is no alarm two days later', ({ length, shape }) => {
  const draw = seeded(11)
  let alarms = 0
  for (let window = 0; window < WINDOWS; window += 1) {
    const series = swinging(length, shape, draw)
    const baseline = learnBaseline(cut(series, 0, PAST), null, 0.001)
    const now = expectedOf(cut(series, PAST, PAST + WINDOW), null, baseline)
    if (followEvidence(stepsOf(now, baseline), 0.001).alarmAt !== null) alarms += 1
  }
  expect(alarms).toBe(0)
})

test('the share that is expected is that of the time of day', () => {
  const isNight = (at: number) => at % DAY < DAY / 2
  const count = Float64Array.from({ length: PAST }, (_, at) => (isNight(at) ? 20 : 80))
  const series = { startMs: 0, blockMs: BLOCK_MS, count, of: new Float64Array(PAST).fill(REQUESTS) }
  const blocks = expectedOf(cut(series, PAST - DAY, PAST), null, learnBaseline(series, null, 0.001))
  expect(blocks[DAY / 4]?.expected).toBeCloseTo(20, -1)
  expect(blocks[(3 * DAY) / 4]?.expected).toBeCloseTo(80, -1)
})

test('a single day of past tolerates more, since it can’t tell how one day differs from another', () => {
  const draw = seeded(2)
  const series = swinging(PAST, 1e3, draw)
  const week = learnBaseline(cut(series, 0, PAST), null, 0.001)
  const day = learnBaseline(cut(series, 0, DAY), null, 0.001)
  expect(day.tolerated).toBeGreaterThan(week.tolerated)
})

test('a share below the floor is judged as if it were the floor', () => {
  const none = { startMs: 0, blockMs: BLOCK_MS, count: new Float64Array(PAST) }
  const series = { ...none, of: new Float64Array(PAST).fill(REQUESTS) }
  const baseline = learnBaseline(series, null, 0.001)
  expect(expectedOf(cut(series, 0, 1), null, baseline)).toEqual([{ count: 0, expected: REQUESTS * 0.001 }])
})
