import { expect, test } from 'vitest'
import { heatLevel, stampStandings } from '../../src/dashboard/heat.ts'
import { linePath } from '../../src/dashboard/spark.ts'
import { FleetView, PlanList } from '../../src/messages/api.ts'
import { aFleet, START_MS } from './worked-fleet.ts'

const regionWith = (more: object) => {
  const [region] = FleetView.parse({
    nowMs: START_MS,
    regions: aFleet().regions.map((one) => ({ ...one, ...more })),
  }).regions
  if (!region) throw new Error('the fleet has a region')
  return region
}
const { plans } = PlanList.parse({
  plans: [
    {
      ...{ id: 'plan-12345678', region: 'westeurope', customer: 'contoso', verdict: 'isolate', moves: 40 },
      ...{ requestedBy: 'amira', madeAtMs: START_MS, status: 'observing' },
    },
  ],
})

test('a pool is as warm as it is near to hot, and what is unknown is no heat at all', () => {
  expect([0, 13.9, 14, 69.9, 70, 100].map((p95) => heatLevel(p95, 70))).toEqual([0, 0, 1, 4, 5, 5])
  expect([heatLevel(null, 70), heatLevel(20, undefined)]).toEqual(['unknown', 'unknown'])
})

test('a stamp that needs something says that a plan acts, or that somebody is needed', () => {
  const region = regionWith({})
  expect([...stampStandings(region, [])].map(([stamp, { words }]) => [stamp, words])).toEqual([
    ['weu-a', 'needs somebody'],
    ['weu-b', 'needs somebody'],
  ])
  expect(stampStandings(region, plans).get('weu-a')).toEqual({
    ...{ tone: 'works', words: 'a plan acts', href: '#/plans/plan-12345678' },
  })
})

test('a stamp whose need is blocked says by which rule, each stamp by its own', () => {
  const blocked = (stamp: string, rule: string) => ({
    ...{ id: `${stamp}.dominated.9999`, region: 'westeurope', stamp, rule: 'dominated', openedAtMs: 1 },
    ...{ lastSeenAtMs: 1, joined: [], joinedCount: 1, firing: [], resolved: null },
    standing: { kind: 'blocked', rule, detail: `why: ${stamp}`, atMs: 1 },
  })
  const region = regionWith({ incidents: [blocked('weu-a', 'nobody-asked'), blocked('weu-b', 'region-hot')] })
  const acted = {
    kind: 'acted',
    planId: 'plan-12345678',
    detail: 'plan-12345678 is under way: moving',
    atMs: 1,
  }
  const withPlan = regionWith({ incidents: [{ ...blocked('weu-a', ''), standing: acted }] })
  expect(stampStandings(withPlan, []).get('weu-a')).toEqual({
    ...{ tone: 'works', words: 'a plan acts', href: '#/plans/plan-12345678', detail: acted.detail },
  })
  expect([...stampStandings(region, [])]).toEqual([
    [
      'weu-a',
      { tone: 'held', words: 'Blocked by nobody-asked', detail: 'Blocked by nobody-asked: why: weu-a' },
    ],
    ['weu-b', { tone: 'held', words: 'Blocked by region-hot', detail: 'Blocked by region-hot: why: weu-b' }],
  ])
})

test('of several needs the one that hurts most is said; what can’t be judged only where nothing is needed', () => {
  const missing = (stamp: string) => ({
    ...{
      stamp,
      pool: null,
      signal: 'replica load',
      sinceMs: null,
      readyMs: null,
      words: `${stamp} is silent`,
    },
  })
  const region = regionWith({
    readiness: [missing('weu-a'), missing('weu-c')],
    needsAction: [
      { stamp: 'weu-a', rule: 'dominated', detail: 'contoso has most of it' },
      { stamp: 'weu-a', rule: 'outage', detail: 'nothing is served' },
    ],
  })
  const found = stampStandings(region, [])
  expect([...found].map(([stamp, { tone, words }]) => [stamp, tone, words])).toEqual([
    ['weu-a', 'hot', 'needs somebody'],
    ['weu-c', 'unknown', 'data missing'],
  ])
})

test('a missing hour is a gap in the line, and a lone one a dot', () => {
  expect(linePath([0, 100, null, 50, null])).toBe('M0 17L0 17L16 1M48 9L48 9')
  expect(linePath([null, null])).toBe('')
})
