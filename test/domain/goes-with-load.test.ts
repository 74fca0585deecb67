import { expect, test } from 'vitest'
import { goesWithLoad } from '../../src/domain/goes-with-load.ts'
import { changedHot, slopesOf } from '../../src/domain/outlook.ts'

const BINS = 1440
const NODES = 4
const VCPUS = 8
const pool = {
  role: 'registry',
  nodes: NODES,
  minNodes: 2,
  maxNodes: 8,
  vcpusPerNode: VCPUS,
  relativeSpeed: 1,
}

/** A pool's day: a load with a rhythm, and what its hottest node shows of it. Percent. */
function aDay(hotOf: (mean: number, bin: number) => number, rhythm = 0.5, middle = 40) {
  const capacity = new Float64Array(BINS).fill(NODES * VCPUS)
  const average = Float64Array.from({ length: BINS }, (_, bin) => middle * (1 + rhythm * Math.sin(bin / 200)))
  const load = average.map((mean) => (mean / 100) * NODES * VCPUS)
  return { hot: average.map(hotOf), average, load, capacity }
}
const learned = (day: ReturnType<typeof aDay>) =>
  goesWithLoad(day, { pool, gridBinMs: 60_000, idlePercent: 0 })

/** What half of the load leaves of the hottest node. */
function halved(day: ReturnType<typeof aDay>): Float64Array {
  const basis = { ...day, binMs: 60_000, idlePercent: 0, withLoad: learned(day) }
  const change = day.load.map((load) => -load / 2)
  return changedHot(slopesOf(basis), change, { skew: 1 })
}

test('what a hottest node shows whatever the load is stays when load leaves', () => {
  const day = aDay((mean) => 15 + 1.2 * mean)
  const after = halved(day)
  expect(Array.from(after)).toEqual(Array.from(day.average, (mean) => expect.closeTo(15 + 0.6 * mean, 6)))
})

test('where the hottest node is a multiple of the mean all of it goes with the load', () => {
  const day = aDay((mean) => 1.3 * mean)
  expect(learned(day)).toBeNull()
  expect(Array.from(halved(day))).toEqual(Array.from(day.hot, (hot) => expect.closeTo(hot / 2, 9)))
})

test.each([
  ['a load that is the same all day', aDay((mean) => 15 + 1.2 * mean, 0)],
  ['a load that hardly varies, under noise', aDay((mean, bin) => 15 + 1.2 * mean + (bin % 7) - 3, 0.05)],
  ['noise alone', aDay((mean, bin) => 1.3 * mean * (1 + ((bin % 11) - 5) / 50))],
  ['too few bins', aDay((mean, bin) => (bin < 30 ? 15 + mean : Number.NaN))],
])('%s teaches no relation', (_, day) => {
  expect(learned(day)).toBeNull()
})

test('nodes that are full teach nothing of what is fixed', () => {
  const day = aDay((mean) => Math.min(100, 1.6 * mean), 0.5, 60)
  expect(day.hot.filter((hot) => hot === 100).length).toBeGreaterThan(200)
  expect(learned(day)).toBeNull()
})

test('what the relation is off is said, and nobody is cooler than the mean that stays', () => {
  const day = aDay((mean, bin) => 15 + 1.2 * mean + (bin % 2 === 0 ? 4 : -4))
  expect(learned(day)?.error).toBeGreaterThan(3)
  for (const [at, hot] of halved(day).entries())
    expect(hot).toBeGreaterThanOrEqual((day.average[at] ?? 0) / 2)
})
