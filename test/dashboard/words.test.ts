import { expect, test } from 'vitest'
import { matterOf, neededActions, planUnderWay, poolToShow } from '../../src/dashboard/actions.ts'
import { clockRate, rateWords, withSample } from '../../src/dashboard/clock-rate.ts'
import { change, isoSpan, percent, share, shortDigest, span } from '../../src/dashboard/format.ts'
import { may } from '../../src/dashboard/may.ts'
import { hoursOf, plotWords } from '../../src/dashboard/plot-words.ts'
import { backOffMs } from '../../src/dashboard/polled.ts'
import { fleetHref, planHref, reportHref, routeOf } from '../../src/dashboard/route.ts'
import { openGates } from '../../src/dashboard/words.ts'
import { Incident } from '../../src/domain/incident.ts'
import { Role, refusal } from '../../src/domain/principal.ts'
import { aFleet, DAY_MS, HOUR_MS, MINUTE_MS, someSignals } from './worked-fleet.ts'
import { aPlan, aStatus } from './worked-plan.ts'

const ACTIONS = [
  ...(['scan', 'plan', 'planEmergency', 'start', 'decide', 'hold', 'resume', 'rollback', 'abort'] as const),
  ...(['switch', 'skip', 'extendObservation', 'endObservation', 'alert', 'tell', 'examine'] as const),
  ...(['ticket', 'clock'] as const),
]

test('a button is shown to exactly the roles that the authorizer of the domain lets through', () => {
  for (const role of Role.options) {
    for (const action of ACTIONS) {
      const principal = { name: 'somebody', roles: [role] }
      const seen = may(principal, action)

      expect([role, action, seen]).toEqual([role, action, refusal(principal, action) === undefined])
    }
  }
})

test('what is missing is a dash and never a zero', () => {
  expect(percent(null)).toBe('–')
  expect(percent(Number.NaN)).toBe('–')
  expect(percent(0)).toBe('0.0')
  expect(change(null, '%')).toBe('–')
})

test('a change says its sign and unit, and one that rounds to nothing has no sign', () => {
  expect(change(-33.9, '%')).toBe('−33.9 %')
  expect(change(2.04, 'points')).toBe('+2.0 points')
  expect(change(-0.04, '%')).toBe('0.0 %')
  expect(change(2797.6, '%')).toBe('×29')
})

test('a span is said in its two greatest units', () => {
  expect(span(2 * DAY_MS + 23 * HOUR_MS + 59 * MINUTE_MS)).toBe('2 d 23 h')
  expect(span(4 * MINUTE_MS + 10_000)).toBe('4 min 10 s')
  expect(span(HOUR_MS)).toBe('1 h')
  expect(span(-5)).toBe('0 s')
})

test('small shares are not rounded to nothing', () => {
  expect(share(0.0003)).toBe('<0.1 %')
  expect(share(0.004)).toBe('0.4 %')
  expect(share(0.967)).toBe('97 %')
})

test('durations of a policy and digests are short enough to read', () => {
  expect(isoSpan('PT24H')).toBe('24 h')
  expect(isoSpan('P14D')).toBe('14 d')
  expect(isoSpan('soon')).toBe('soon')
  expect(shortDigest('4be1c07a9d3322f5'.repeat(4))).toBe('4be1c0 7a9d33')
})

test('each address leads back to its view, and an unknown one to the fleet', () => {
  expect(routeOf(planHref('p-1'))).toEqual({ kind: 'plan', id: 'p-1' })
  expect(routeOf(reportHref('p-1'))).toEqual({ kind: 'report', id: 'p-1' })
  expect(routeOf(fleetHref('weu-a', 'registry'))).toEqual({ kind: 'fleet', stamp: 'weu-a', pool: 'registry' })
  expect(routeOf('#/plans')).toEqual({ kind: 'plans' })
  expect(routeOf('#/%E0%A4%A')).toEqual({ kind: 'fleet', stamp: null, pool: null })
})

test('a customer who dominates two stamps is one thing to do, asked for by customer', () => {
  const [region] = aFleet().regions
  const actions = region ? neededActions(region) : []

  expect(actions).toHaveLength(1)
  expect(actions[0]).toMatchObject({
    subject: 'contoso',
    stamps: ['weu-a', 'weu-b'],
    request: { region: 'westeurope', customer: 'contoso' },
  })
})

test('what hurts people now comes first, told of by others too, each with how it stands', () => {
  const [region] = aFleet().regions
  const incident = Incident.parse({
    id: 'weu-b.alert.9999',
    region: 'westeurope',
    stamp: 'weu-b',
    rule: 'alert',
    openedAtMs: 1,
    lastSeenAtMs: 1,
    joined: [{ atMs: 1, source: 'alert', detail: 'alert cpu fired' }],
    joinedCount: 1,
    firing: ['one'],
    standing: { kind: 'blocked', rule: 'quota', detail: 'no more profiles', atMs: 1 },
    resolved: null,
  })
  const outage = { stamp: incident.stamp, rule: 'outage' as const, detail: 'nine in ten requests fail' }
  const actions = region
    ? neededActions({ ...region, needsAction: [...region.needsAction, outage], incidents: [incident] })
    : []

  expect(actions.map((action) => `${action.subject} ${matterOf(action)}`)).toEqual([
    'weu-b is out',
    'weu-b has an alert',
    'contoso dominates weu-a and weu-b',
  ])
  expect(actions.map(({ standing }) => standing)).toEqual([[], ['Blocked by quota: no more profiles'], []])
})

test('a plan under way is offered instead of a second one, an ended plan is not', () => {
  const [region] = aFleet().regions
  const [action] = region ? neededActions(region) : []
  const { id, region: where, customer, verdict, requestedBy, madeAtMs } = aPlan()
  const line = { id, region: where, customer, verdict, moves: 40, requestedBy, madeAtMs }

  expect(action && planUnderWay(action, [{ ...line, status: 'observing' }])?.id).toBe(id)
  expect(action && planUnderWay(action, [{ ...line, status: 'completed' }])).toBeUndefined()
})

test('the pool shown first is the hottest of those that need action', () => {
  expect(poolToShow(aFleet().regions)).toMatchObject({ stamp: 'weu-a', pool: 'dataproxy' })
  expect(poolToShow([])).toBeNull()
})

test('the plot in words counts minutes above the limit and missing ones', () => {
  const words = plotWords(someSignals('weu-a', 'dataproxy', 24))

  expect(words).toContain('hot-node P95 43.1 %, average 18.9 %, Max 96.0 %')
  expect(words).toContain('above the limit in 1 of 1440 bins of one minute; 40 bins are missing')
})

test('an hour without any minute has no figure', () => {
  const view = someSignals('weu-a', 'dataproxy', 24)
  const gone = { ...view, hot: view.hot.map(() => null), average: view.average.map(() => null) }

  expect(hoursOf(gone)[0]).toMatchObject({ hottest: null, node: null, average: null, missing: 60 })
})

test('the waiting gate comes first among the open ones, and answered gates are left out', () => {
  expect(openGates(aStatus({ done: 5, status: 'awaitingApproval' }))).toEqual(['top-3', 'top-4'])
  expect(openGates(aStatus({ done: 3, status: 'observing', approved: ['top-2'] }))).toEqual([
    'top-3',
    'top-4',
  ])
})

test('the clock rate is measured, and a clock that runs as usual has none', () => {
  const fast = withSample(withSample([], { hostMs: 0, hereMs: 0 }), { hostMs: 7_200_000, hereMs: 2_000 })
  const usual = withSample(withSample([], { hostMs: 0, hereMs: 0 }), { hostMs: 2_010, hereMs: 2_000 })

  expect(clockRate(fast)).toBe(3600)
  expect(rateWords(3612)).toBe('3,600×')
  expect(clockRate(usual)).toBeNull()
  expect(clockRate([])).toBeNull()
})

test('the page asks less and less often while there is no answer, but never waits longer than half a minute', () => {
  expect(backOffMs(1_000, 0)).toBe(1_000)
  expect(backOffMs(1_000, 2)).toBe(4_000)
  expect(backOffMs(1_000, 99)).toBe(30_000)
  expect(backOffMs(60_000, 99)).toBe(60_000)
})
