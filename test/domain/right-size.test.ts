import { expect, test } from 'vitest'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { sealPlan } from '../../src/domain/canonical.ts'
import { gatesToUndo } from '../../src/domain/controls.ts'
import { PlanId, StampId } from '../../src/domain/ids.ts'
import { resourcesOf } from '../../src/domain/leases.ts'
import { batchesOf, Plan } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { makeRightSizing, type RelievedPool } from '../../src/domain/right-size.ts'
import { relievedPools } from '../../src/queries/headroom.ts'
import { createTwin } from '../../src/twin/twin.ts'
import { workedExample } from '../../src/twin/worked-example.ts'
import { acmePlan } from '../support/answered-run.ts'
import { moveAway } from '../support/right-sizing.ts'
import { HandClock } from '../twin/a-twin.ts'
import { aContext, NOW_MS } from './a-region.ts'

const DAY_MS = 86_400_000
const FIGURES = { hotNodeP95: 20, poolAverage: 15, max: 40 }
const context = { planId: PlanId.parse('plan-lower'), requestedBy: 'ada', nowMs: NOW_MS, policy: OPEN_POLICY }

const aPool = (like: { stamp: string; high?: number; minNodes?: number }): RelievedPool => {
  const minNodes = like.minNodes ?? 6
  const peak =
    like.high === undefined
      ? ({ kind: 'unknown', words: 'days are missing', knownAtMs: NOW_MS } as const)
      : ({ kind: 'known', hotNodeP95: like.high, high: like.high, atNodes: minNodes } as const)
  return { stamp: StampId.parse(like.stamp), role: 'compute', minNodes, figures: FIGURES, peak }
}

test('each pool goes down by its own proof, and steps of one number go together under one gate', () => {
  const plan = Plan.parse(
    sealPlan(
      makeRightSizing(
        acmePlan(),
        [aPool({ stamp: 's-b', high: 22 }), aPool({ stamp: 's-a', high: 33 })],
        context,
      ),
    ),
  )
  expect(plan).toMatchObject({ verdict: 'right-size', relievedBy: acmePlan().id, moves: [] })
  expect(
    batchesOf(plan).map(({ gate, lowerings }) => [
      gate,
      ...lowerings.map(({ stamp, from, to }) => `${stamp} ${from} ${to}`),
    ]),
  ).toEqual([
    ['right-size-1', 's-a 6 5', 's-b 6 5'],
    ['right-size-2', 's-a 5 4', 's-b 5 4'],
    ['right-size-3', 's-b 4 3'],
  ])
  expect(plan.pools.map(({ stamp, nodes }) => [stamp, nodes])).toEqual([
    ['s-b', 3],
    ['s-a', 4],
  ])
  expect(resourcesOf(plan)).toEqual(['stamp/s-a/compute', 'stamp/s-b/compute'])
})

test('a pool that nobody can forecast keeps its minimum, and where that is all there is no plan', () => {
  const some = makeRightSizing(
    acmePlan(),
    [aPool({ stamp: 's-a' }), aPool({ stamp: 's-b', high: 25 })],
    context,
  )
  expect(some.lowerings?.every(({ stamp }) => stamp === 's-b')).toBe(true)
  expect(some.blocked.map(({ stamp, rule }) => [stamp, rule])).toContainEqual(['s-a', 'insufficient-data'])

  const none = makeRightSizing(acmePlan(), [aPool({ stamp: 's-a' })], context)
  expect(none).toMatchObject({ verdict: 'insufficient-data', phases: [] })
  expect(none.lowerings).toBeUndefined()
})

test('pools without room to spare are left as they are, with the figures that say so', () => {
  const plan = makeRightSizing(acmePlan(), [aPool({ stamp: 's-a', high: 55 })], context)
  expect(plan).toMatchObject({ verdict: 'none', blocked: [{ rule: 'headroom' }] })
  expect(plan.blocked[0]?.detail).toContain('66.0 %')
})

test('after the worked example A and B are right-sized as far as their peaks and a lost update domain allow', async () => {
  const files = workedExample({ seed: 1, metered: false })
  const clock = new HandClock(0)
  const twin = createTwin({ files, database: ':memory:', clock, seed: 1 })
  const records = new SqliteRecords(':memory:')
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  const ports = { catalog, metrics, traffic, capacity, interlocks, records, clock }
  clock.ms = twin.startsAtMs
  const plan = sealPlan(makePlan({ ...files, nowMs: NOW_MS }, {}, aContext()))
  await moveAway(ports, plan)
  clock.ms += 9 * DAY_MS
  const pools = await relievedPools(ports, plan, OPEN_POLICY)
  const sized = makeRightSizing(plan, pools, { ...context, nowMs: clock.ms })
  twin.close()
  records.close()
  const lowest = new Map(sized.lowerings?.map(({ stamp, pool, to }) => [`${stamp} ${pool}`, to]))
  expect(Object.fromEntries(lowest)).toEqual({
    'weu-a registry': 4,
    'weu-a dataproxy': 7,
    'weu-b registry': 4,
    'weu-b dataproxy': 5,
  })
  // Of six nodes in five update domains two go at once, and the four that are left would be hot.
  expect(
    sized.blocked.find(({ stamp, detail }) => stamp === 'weu-a' && detail.startsWith('dataproxy')),
  ).toEqual({
    stamp: 'weu-a',
    rule: 'headroom',
    detail: expect.stringContaining('71.2 % without an update domain of 2 (hot from 70 %)'),
  })
})

test('to restore a step is to restore those after it, which stand on it', () => {
  const plan = makeRightSizing(acmePlan(), [aPool({ stamp: 's-b', high: 22 })], context)
  expect(gatesToUndo(plan, { gate: 'right-size-2' })).toEqual(['right-size-2', 'right-size-3'])
  expect(gatesToUndo(plan, { phase: 'right-size' })).toHaveLength(3)
  expect(gatesToUndo(acmePlan(), { gate: 'tail-1' })).toEqual(['tail-1'])
})
