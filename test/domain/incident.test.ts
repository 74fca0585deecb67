import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import {
  type Incident,
  overBy,
  type Sighting,
  sightingsOf,
  withSightings,
} from '../../src/domain/incident.ts'
import type { NeedRule, PoolScan, Scan } from '../../src/domain/scan.ts'

const DAY_MS = 86_400_000
const A = StampId.parse('weu-a')
const B = StampId.parse('weu-b')
const seen = (day: number, rule: NeedRule = 'hot', stamp = A): Sighting => ({
  stamp,
  rule,
  atMs: day * DAY_MS,
  source: 'scan',
  detail: `day ${day}`,
})
const alert = (id: string, condition: 'Fired' | 'Resolved', day: number): Sighting => ({
  ...seen(day, 'alert'),
  source: 'alert',
  alert: { id, condition },
})

/** The incidents after sightings one by one, the latest of each stamp and rule. */
function seenAs(...sightings: Sighting[]): Incident[] {
  return sightings.reduce<Incident[]>(
    (latest, sighting) => merged(latest, withSightings(latest, 'weu', [sighting])),
    [],
  )
}

function merged(latest: readonly Incident[], changed: readonly Incident[]): Incident[] {
  const all = new Map([...latest, ...changed].map((one) => [one.id, one]))
  const newest = new Map<string, Incident>()
  for (const one of [...all.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const key = `${one.stamp}.${one.rule}`
    if (!newest.has(key)) newest.set(key, one)
  }
  return [...newest.values()]
}

function aScan(options: {
  needs?: NeedRule[]
  verdict?: PoolScan['verdict']
  heard?: boolean
  day?: number
}): Scan {
  const pool: PoolScan = {
    stamp: A,
    pool: 'registry',
    figures: { hotNodeP95: 50, poolAverage: 20, max: 60 },
    coverage: { expectedBins: 720, presentBins: 720 },
    window: null,
    verdict: options.verdict ?? 'cool',
    byAverage: 'cool',
    byMax: 'cool',
    dominatedBy: null,
  }
  return {
    region: 'weu',
    atMs: (options.day ?? 1) * DAY_MS,
    pools: [pool],
    needsAction: (options.needs ?? []).map((rule) => ({ stamp: A, rule, detail: rule })),
    heard: options.heard === false ? [] : [A],
  }
}

describe('the same rule on the same stamp', () => {
  test('joins the open incident, and what was joined is listed', () => {
    expect(seenAs(seen(1), seen(2), seen(3))).toMatchObject([
      {
        openedAtMs: DAY_MS,
        lastSeenAtMs: 3 * DAY_MS,
        joinedCount: 3,
        joined: [{ detail: 'day 1' }, { detail: 'day 2' }, { detail: 'day 3' }],
      },
    ])
  })

  test('joins for up to seven days; behind these the open one ends and a new one starts', () => {
    expect(seenAs(seen(1), seen(7.99))).toMatchObject([{ openedAtMs: DAY_MS, joinedCount: 2 }])
    const changed = withSightings(seenAs(seen(1)), 'weu', [seen(8)])
    expect(changed).toMatchObject([
      { openedAtMs: DAY_MS, resolved: { by: 'Restamp' } },
      { openedAtMs: 8 * DAY_MS, joinedCount: 1, resolved: null },
    ])
    expect(new Set(changed.map(({ id }) => id)).size).toBe(2)
  })

  test('starts a new incident after the first was resolved', () => {
    const resolved = seenAs(seen(1)).map((one) => ({
      ...one,
      resolved: { atMs: DAY_MS, by: 'ada', reason: 'done' },
    }))
    const [next] = withSightings(resolved, 'weu', [seen(2)])
    expect(next).toMatchObject({ openedAtMs: 2 * DAY_MS, joinedCount: 1, resolved: null })
    // The latest sorts first.
    expect((next?.id ?? '') < (resolved[0]?.id ?? '')).toBe(true)
  })

  test('seen by a step that ran twice joins once', () => {
    expect(seenAs(seen(1), seen(1))).toMatchObject([{ joinedCount: 1 }])
  })
})

test('a different rule or stamp is a different incident', () => {
  expect(seenAs(seen(1), seen(1, 'dominated'), seen(1, 'hot', B))).toHaveLength(3)
})

test('the list of what joined has an end, the count has none', () => {
  const many = Array.from({ length: 400 }, (_, at) => ({ ...seen(1), atMs: DAY_MS + at }))
  const [incident] = withSightings([], 'weu', many)
  expect([incident?.joined.length, incident?.joinedCount]).toEqual([300, 400])
})

describe('alerts', () => {
  test('end their incident when all that fired are resolved', () => {
    const two = [alert('x', 'Fired', 1), alert('y', 'Fired', 2), alert('x', 'Resolved', 3)]
    expect(seenAs(...two)).toMatchObject([{ firing: ['y'], resolved: null }])
    expect(seenAs(...two, alert('y', 'Resolved', 4))).toMatchObject([
      { firing: [], joinedCount: 4, resolved: { by: 'Azure Monitor', atMs: 4 * DAY_MS } },
    ])
  })

  test('that are delivered twice join once', () => {
    expect(seenAs(alert('x', 'Fired', 1), alert('x', 'Fired', 2))).toMatchObject([{ joinedCount: 1 }])
  })

  test('that were resolved without having fired open nothing', () => {
    expect(seenAs(alert('x', 'Resolved', 1))).toEqual([])
  })
})

describe('an incident is over', () => {
  const opened = (rule: NeedRule) => seenAs(seen(0, rule))
  const over = (rule: NeedRule, scan: Scan) =>
    overBy(scan, opened(rule)).map(({ resolved }) => resolved?.reason)

  test.each<[NeedRule, string]>([
    ['hot', 'every pool is cool again'],
    ['dominated', 'nobody dominates a pool of it any more'],
    ['errors', 'its requests are served again as they should be'],
  ])('that was %s, once a scan shows that it is not any more', (rule, reason) => {
    expect(over(rule, aScan({}))).toEqual([reason])
    expect(over(rule, aScan({ needs: [rule] }))).toEqual([])
  })

  test('never by what is not known', () => {
    expect(over('hot', aScan({ verdict: 'insufficient-data' }))).toEqual([])
    expect(over('dominated', aScan({ verdict: 'insufficient-data' }))).toEqual([])
    expect(over('outage', aScan({ heard: false }))).toEqual([])
    expect(over('hot', { ...aScan({}), pools: [] })).toEqual([])
  })

  test('that was hot, not while a pool is still warm', () => {
    expect(over('hot', aScan({ verdict: 'warm' }))).toEqual([])
  })

  test('that somebody told of, only by them or by a person', () => {
    expect(over('alert', aScan({}))).toEqual([])
    expect(over('customer-report', aScan({}))).toEqual([])
  })
})

test('whatever comes, there is at most one open incident of a stamp and rule, and no sighting is lost', () => {
  const anySighting = fc.record({
    day: fc.integer({ min: 0, max: 40 }),
    rule: fc.constantFrom<NeedRule>('hot', 'errors'),
    stamp: fc.constantFrom(A, B),
  })
  fc.assert(
    fc.property(fc.array(anySighting, { maxLength: 30 }), fc.nat(), (all, cut) => {
      const sightings = all.map(({ day, rule, stamp }, at) => ({
        ...seen(day, rule, stamp),
        detail: `${at}`,
      }))
      const ordered = sightings.toSorted((a, b) => a.atMs - b.atMs)
      const at = ordered.length === 0 ? 0 : cut % ordered.length
      const first = withSightings([], 'weu', ordered.slice(0, at))
      const second = withSightings(merged([], first), 'weu', ordered.slice(at))
      const known = new Map([...first, ...second].map((one) => [one.id, one]))
      const open = [...known.values()].filter(({ resolved }) => resolved === null)
      expect(new Set(open.map(({ stamp, rule }) => `${stamp}${rule}`)).size).toBe(open.length)
      const joined = [...known.values()].reduce((sum, { joinedCount }) => sum + joinedCount, 0)
      expect(joined).toBe(sightings.length)
      for (const { openedAtMs, lastSeenAtMs } of known.values())
        expect(lastSeenAtMs - openedAtMs).toBeLessThan(7 * DAY_MS)
    }),
  )
})

test('a scan is a sighting for each stamp and rule that it names', () => {
  expect(sightingsOf(aScan({ needs: ['hot', 'errors'], day: 3 }))).toMatchObject([
    { stamp: A, rule: 'hot', atMs: 3 * DAY_MS, source: 'scan' },
    { stamp: A, rule: 'errors' },
  ])
})
