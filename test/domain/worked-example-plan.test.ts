import { expect, test } from 'vitest'
import { sealPlan } from '../../src/domain/canonical.ts'
import { batchesOf, Plan } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { DEFAULT_POLICY } from '../../src/domain/policy.ts'
import { scanRegion } from '../../src/domain/scan-region.ts'
import { workedExample } from '../../src/twin/worked-example.ts'
import { aContext, NOW_MS } from './a-region.ts'

/** What was measured after the move, percent of the figure before. */
const MEASURED = {
  'weu-a/registry': -7,
  'weu-a/dataproxy': -34,
  'weu-b/registry': -33,
  'weu-b/dataproxy': -44,
}

test.each([true, false])(
  'the worked example (metered: %s) is isolated onto the empty stamp as it was',
  (metered) => {
    const data = { ...workedExample({ seed: 1, metered }), nowMs: NOW_MS }
    const plan = Plan.parse(sealPlan(makePlan(data, {}, aContext())))
    expect(plan).toMatchObject({ verdict: 'isolate', customer: 'contoso', blocked: [] })
    expect(plan.moves).toHaveLength(40)
    expect(new Set(plan.moves.map(({ to }) => to))).toEqual(new Set(['weu-c']))
    expect(batchesOf(plan).map(({ gate, moves }) => [gate, moves.length])).toEqual([
      ['tail-1', 30],
      ['medium-1', 3],
      ['medium-2', 3],
      ['top-1', 1],
      ['top-2', 1],
      ['top-3', 1],
      ['top-4', 1],
    ])
    for (const [place, change] of Object.entries(MEASURED)) {
      const pool = plan.pools.find(({ stamp, pool }) => `${stamp}/${pool}` === place)
      const before = pool?.before.hotNodeP95 ?? 0
      const predicted = pool?.predicted.hotNodeP95 ?? 0
      expect(Math.abs((predicted / before - 1) * 100 - change)).toBeLessThan(1.5)
    }
  },
)

test('nothing in the worked example is hot, Max alone would have said so, and the customer dominates', () => {
  const scan = scanRegion({ ...workedExample({ seed: 1, metered: false }), nowMs: NOW_MS }, DEFAULT_POLICY)
  expect(scan.pools.map(({ verdict }) => verdict)).not.toContain('hot')
  expect(scan.pools.find(({ stamp, pool }) => stamp === 'weu-a' && pool === 'dataproxy')).toMatchObject({
    verdict: 'cool',
    byAverage: 'cool',
    byMax: 'hot',
    dominatedBy: { customer: 'contoso' },
  })
  expect(scan.needsAction.map(({ stamp, rule }) => [stamp, rule])).toEqual([
    ['weu-a', 'dominated'],
    ['weu-b', 'dominated'],
  ])
})
