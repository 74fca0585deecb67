import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headroomAt, lowestProven, type Peak, settledPeak, stepsDown } from '../../src/domain/headroom.ts'
import { Policy } from '../../src/domain/policy.ts'
import { asSamples, MINUTE_MS } from './cpu-samples.ts'

const DAY_MS = 86_400_000
/** A Thursday. */
const BEGIN = Date.UTC(2026, 0, 1)
const BIN_MS = 30 * MINUTE_MS
const policy = Policy.parse({})

const peakOf = (high: number, atNodes: number) =>
  ({ kind: 'known', hotNodeP95: high, high, atNodes }) satisfies Peak

/** Days at one sample a node in half an hour, of so many nodes each. */
const daysOf = (nodes: readonly number[], percent = 30) =>
  asSamples(
    nodes.flatMap((count, day) =>
      Array.from({ length: DAY_MS / BIN_MS }, (_, bin) => BEGIN + day * DAY_MS + bin * BIN_MS).flatMap(
        (atMs) => Array.from({ length: count }, (_, node) => ({ node: `n${node}`, cpu: percent, atMs })),
      ),
    ),
  )
const settled = (nodes: readonly number[], sinceMs = BEGIN) => ({
  ...{ samples: daysOf(nodes), sinceMs, nowMs: BEGIN + nodes.length * DAY_MS, atNodes: 4 },
})

test('a step is proven by the peak at its nodes and by the peak without one update domain', () => {
  expect(headroomAt(peakOf(30, 6), 4, policy)).toMatchObject({
    high: 45,
    highWithoutDomain: 60,
    nodesLost: 1,
    proven: true,
  })
  expect(headroomAt(peakOf(36, 6), 4, policy)).toMatchObject({
    high: 54,
    highWithoutDomain: 72,
    proven: false,
  })
  expect(headroomAt(peakOf(42, 6), 4, policy)).toMatchObject({ high: 63, proven: false })
  // Of six nodes in five domains one domain has two.
  expect(headroomAt(peakOf(30, 6), 6, policy)).toMatchObject({ nodesLost: 2, highWithoutDomain: 45 })
})

test('a pool is never planned down to one node, which a single update would take', () => {
  expect(headroomAt(peakOf(1, 6), 1, policy)).toMatchObject({ proven: false })
  expect(lowestProven(peakOf(1, 6), 6, policy)).toBe(2)
})

test('whatever the peak, every count on the way down is proven, and the next one is not', () => {
  const anyPeak = fc.record({
    high: fc.double({ min: 0.1, max: 120, noNaN: true }),
    nodes: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(anyPeak, fc.integer({ min: 2, max: 20 }), ({ high, nodes }, updateDomains) => {
      const own = Policy.parse({ updateDomains })
      const lowest = lowestProven(peakOf(high, nodes), nodes, own)
      for (let count = lowest; count < nodes; count += 1)
        expect(headroomAt(peakOf(high, nodes), count, own).proven).toBe(true)
      if (lowest > 2) expect(headroomAt(peakOf(high, nodes), lowest - 1, own).proven).toBe(false)
    }),
  )
})

test('steps go all the way down, each by at most its share and at least a node', () => {
  expect(stepsDown(20, 9, policy)).toEqual([16, 13, 11, 9])
  expect(stepsDown(4, 2, policy)).toEqual([3, 2])
  expect(stepsDown(4, 4, policy)).toEqual([])
})

test('days of more nodes say no less: every minute is told at one node count', () => {
  const even = settledPeak(settled([4, 4, 4, 4, 4, 4, 4]), policy)
  const scaled = settledPeak(settled([8, 8, 8, 8, 8, 8, 8]), policy)
  expect(even).toMatchObject({ kind: 'known', hotNodeP95: 30, high: 37.5 })
  expect(scaled).toMatchObject({ kind: 'known', hotNodeP95: 60, high: 75 })
})

test('fewer than seven whole days since the load changed hands prove nothing, and it is said when they will', () => {
  const atNoon = BEGIN + DAY_MS / 2
  expect(settledPeak(settled([4, 4, 4, 4, 4, 4, 4], atNoon), policy)).toEqual({
    kind: 'unknown',
    words: '6 of the 7 whole days that a forecast takes are there since its load last changed hands',
    knownAtMs: BEGIN + 8 * DAY_MS,
  })
})

test('a silent day is no day of nothing: without it nobody can tell', () => {
  const days = settled([4, 4, 4, 4, 0, 4, 4])
  expect(settledPeak(days, policy)).toMatchObject({ kind: 'unknown', knownAtMs: null })
})
