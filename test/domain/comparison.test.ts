import { expect, test } from 'vitest'
import { type Comparison, compareWith } from '../../src/domain/comparison.ts'
import { PlanId } from '../../src/domain/ids.ts'
import { BLOCK_MS, blocksOf, reportedOf } from '../../src/domain/outcome-blocks.ts'
import type { RegionLoad, ReplicaLoad } from '../../src/domain/series.ts'

const MINUTE_MS = 60_000
const DAY = 1440
const START_MS = Date.UTC(2026, 10, 1)

/** A registry's load: so many requests a minute, of which so many fail; null is not measured. */
function registry(name: string, requests: number, errors: number | null, bins = DAY): ReplicaLoad {
  const column = (value: number) => new Float64Array(bins).fill(value)
  const none = { bytes: null, throttled: null, inFlight: null, cpuSeconds: null }
  const failed = errors === null ? null : column(errors)
  return { ...none, registry: name, role: 'compute', requests: column(requests), errors: failed }
}

function loadOf(...series: ReplicaLoad[]): RegionLoad {
  return { startMs: START_MS, binMs: MINUTE_MS, bins: series[0]?.requests?.length ?? 0, series }
}

function compared(past: RegionLoad, moved: readonly string[]): Comparison {
  const batch = { planId: PlanId.parse('plan-1'), gate: 'tail-1', sinceMs: START_MS + DAY * MINUTE_MS }
  const sides = { moved, source: ['rest'], destination: [], controls: ['far'] }
  return compareWith(past, sides, { ...batch, windowMs: 60 * MINUTE_MS })
}

test('each busy replica of a batch is compared by itself, and all of them together', () => {
  const past = loadOf(registry('big', 900, 9), registry('small', 20, 0.2), registry('rest', 100, 1))
  const { groups, quiet } = compared(past, ['big', 'small'])
  expect(quiet).toEqual([])
  expect(groups.map(({ subject, among, baselines }) => [subject, among, baselines.length])).toEqual([
    ['moved registries', 1, 1],
    ['registries at the source', 1, 1],
    ['registries at the destination', 1, 0],
    ['big', 2, 1],
    ['small', 2, 1],
  ])
})

test('who has little traffic, none, or nobody to count its errors is judged by synthetic pulls', () => {
  const past = loadOf(registry('slow', 1, 0), registry('uncounted', 500, null), registry('busy', 500, 5))
  expect(compared(past, ['slow', 'uncounted', 'unheard', 'busy']).quiet).toEqual([
    'slow',
    'uncounted',
    'unheard',
  ])
})

test('without unmoved replicas there is nothing to compare with, and it says so', () => {
  const { groups } = compared(loadOf(registry('big', 900, 9)), ['big'])
  expect(groups[0]?.baselines[0]?.baseline.controls).toBe(null)
})

test('blocks are whole, add up over registries, and leave out what is void or missing', () => {
  const load = loadOf(registry('one', 10, 1, 20), registry('two', 30, 2, 20))
  load.series[0]?.requests?.fill(Number.NaN, 5, 10)
  const voids = [{ startMs: START_MS + 10 * MINUTE_MS, endMs: START_MS + 15 * MINUTE_MS }]
  const blocks = blocksOf(load, new Set(['one', 'two']), 'errors', voids)
  expect(blocks).toMatchObject({ startMs: START_MS, blockMs: BLOCK_MS })
  expect([...(blocks?.count ?? [])]).toEqual([15, 10, Number.NaN, 15])
  expect([...(blocks?.of ?? [])]).toEqual([200, 150, Number.NaN, 200])
  expect(blocksOf(load, new Set(['one']), 'throttles', [])).toBe(null)
})

test('a block that is only partly in the load is left out', () => {
  const load = { ...loadOf(registry('one', 10, 1, 18)), startMs: START_MS + 2 * MINUTE_MS }
  const blocks = blocksOf(load, new Set(['one']), 'errors', [])
  expect(blocks?.startMs).toBe(START_MS + 5 * MINUTE_MS)
  expect([...(blocks?.count ?? [])]).toEqual([5, 5, 5])
})

test('void minutes do not count as reported, and a silent registry has reported nothing', () => {
  const load = loadOf(registry('one', 10, 1, 20))
  const voids = [{ startMs: START_MS, endMs: START_MS + 5 * MINUTE_MS }]
  expect(reportedOf(load, 'one', voids)).toEqual({
    requests: 200,
    minutes: 15,
    lastMs: START_MS + 20 * MINUTE_MS,
  })
  expect(reportedOf(load, 'two', [])).toEqual({ requests: null, minutes: 0, lastMs: null })
})
