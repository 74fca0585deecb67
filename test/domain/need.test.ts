import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import { predictedNeed } from '../../src/domain/need.ts'
import { DEFAULT_POLICY } from '../../src/domain/policy.ts'

const stamp = StampId.parse('s-c')
const none = { hotNodeP95: null, poolAverage: null, max: null }

function aPlan(like: { readonly p95: number; readonly nodes?: number; readonly sized?: number }) {
  const { p95, nodes, sized } = like
  const predicted = { hotNodeP95: p95, low: p95 - 1, high: p95 + 1 }
  const ifNothingIsDone = { hotNodeP95: null, words: '' }
  return {
    policy: DEFAULT_POLICY,
    pools: [
      { stamp, pool: 'compute', before: none, predicted, ifNothingIsDone, ...(nodes ? { nodes } : {}) },
    ],
    ...(sized ? { isolation: { pools: [{ role: 'compute', nodes: sized }] } } : {}),
  }
}
const needOf = (like: Parameters<typeof aPlan>[0]) => predictedNeed(aPlan(like), { stamp, role: 'compute' })

test('a pool whose prediction is above the target needs more nodes, and one far below fewer', () => {
  expect(needOf({ p95: 90, nodes: 4 })).toBe(6)
  expect(needOf({ p95: 15, nodes: 4 })).toBe(1)
})

test('the need brings the prediction to the target, and one node fewer would not', () => {
  const anyPool = fc.record({
    p95: fc.double({ min: 0.1, max: 200, noNaN: true }),
    nodes: fc.integer({ min: 1, max: 50 }),
  })
  fc.assert(
    fc.property(anyPool, ({ p95, nodes }) => {
      const need = needOf({ p95, nodes }) ?? 0
      const at = (count: number) => (p95 * nodes) / count
      expect(at(need)).toBeLessThanOrEqual(DEFAULT_POLICY.targetPercent + 1e-9)
      if (need > 1) expect(at(need - 1)).toBeGreaterThan(DEFAULT_POLICY.targetPercent)
    }),
  )
})

test('an isolation stamp gets at least the size that the plan states', () => {
  expect(needOf({ p95: 30, nodes: 4, sized: 5 })).toBe(5)
  expect(needOf({ p95: 90, nodes: 4, sized: 5 })).toBe(6)
})

test('where the plan says nothing of a pool, or not at how many nodes, nothing is known to be needed', () => {
  expect(predictedNeed(aPlan({ p95: 90, nodes: 4 }), { stamp, role: 'other' })).toBeNull()
  expect(predictedNeed(aPlan({ p95: 90, nodes: 4, sized: 9 }), { stamp: 's-a', role: 'compute' })).toBeNull()
  expect(needOf({ p95: 90 })).toBeNull()
})
