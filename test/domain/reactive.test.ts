import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Policy } from '../../src/domain/policy.ts'
import { pastReadiness, reactionsIn } from '../../src/domain/reactive.ts'
import type { Tenant } from '../../src/domain/region-data.ts'
import { anHour, type Did } from './a-load.ts'
import { NOW_MS } from './a-region.ts'

const tenant = (registry: string, homeStamp: string): Tenant => ({
  registry,
  customer: registry,
  homeStamp,
  pinned: false,
  routing: 'dns',
})
const TENANTS = [tenant('one', 'a'), tenant('two', 'a'), tenant('three', 'b')]
const fine = (): Did => ({ requests: 100, errors: 0, throttled: 0, bytes: 1e6, inFlight: 10 })
const ALL_FINE = { one: fine, two: fine, three: fine }

function rules(
  now: Readonly<Record<string, (minute: number) => Did>>,
  options: { past?: Readonly<Record<string, (minute: number) => Did>>; days?: number; policy?: object } = {},
) {
  const { past = ALL_FINE, days = 7, policy = {} } = options
  const look = {
    now: anHour({ ...ALL_FINE, ...now }),
    past: Array.from({ length: days }, (_, day) => anHour({ ...ALL_FINE, ...past }, day + 1)),
  }
  return reactionsIn(look, TENANTS, Policy.parse(policy)).map(
    ({ stamp, registry, rule }) => `${registry ?? stamp}: ${rule}`,
  )
}

test('where all is as it was nothing is said', () => {
  expect(rules({})).toEqual([])
})

describe('errors', () => {
  test('count once they are sustained, for the stamp and not again for its replicas', () => {
    const failing = () => ({ ...fine(), errors: 8 })
    expect(rules({ one: failing, two: failing })).toEqual(['a: errors'])
  })

  test('of one replica that its stamp hides are its own', () => {
    expect(rules({ one: () => ({ ...fine(), requests: 10, errors: 2 }) })).toEqual(['one: errors'])
  })

  test('of one minute are no sustained errors, though they reach the share over the run', () => {
    expect(rules({ one: (minute) => ({ ...fine(), errors: minute === 55 ? 100 : 0 }) })).toEqual([])
  })

  test('at just the threshold count, just below they do not, and the policy says where it is', () => {
    const failing = (errors: number) => () => ({ ...fine(), errors })
    expect(rules({ three: failing(5) })).toEqual(['b: errors'])
    expect(rules({ three: failing(4.9) })).toEqual([])
    expect(rules({ three: failing(5) }, { policy: { errorPercent: 6 } })).toEqual([])
  })

  test('that are over count no more', () => {
    expect(rules({ three: (minute) => ({ ...fine(), errors: minute < 45 ? 50 : 0 }) })).toEqual([])
  })

  test('of a handful of requests tell no rate', () => {
    expect(
      rules(
        { three: () => ({ ...fine(), requests: 1, errors: 1 }) },
        { past: { three: () => ({ requests: 1 }) } },
      ),
    ).toEqual([])
  })

  test('of nearly all requests are an outage and nothing else', () => {
    expect(rules({ three: () => ({ ...fine(), errors: 95, throttled: 20 }) })).toEqual(['b: outage'])
  })
})

test('throttled requests count among the offered ones', () => {
  expect(rules({ three: () => ({ ...fine(), throttled: 6 }) })).toEqual(['b: throttling'])
  expect(rules({ three: () => ({ ...fine(), throttled: 5 }) })).toEqual([])
})

describe('no request at all', () => {
  const none = () => ({ ...fine(), requests: 0, throttled: 0, bytes: 0, inFlight: 0 })

  test('is an outage where each day before had many at this time', () => {
    expect(rules({ one: none })).toEqual(['one: outage'])
    expect(rules({ one: none }, { days: 2 })).toEqual([])
    expect(rules({ one: none }, { past: { one: () => ({ ...fine(), requests: 2 }) } })).toEqual([])
  })

  test('that is only not known is none: missing data is neither health nor an outage', () => {
    const silent = () => ({ requests: null, throttled: Number.NaN })
    expect(rules({ three: silent })).toEqual([])
    expect(rules({ three: (minute) => (minute < 30 ? fine() : silent()) })).toEqual([])
  })
})

describe('low throughput', () => {
  const slow = { requests: 100, errors: 0, throttled: 0, bytes: 4e5, inFlight: 30 }

  test('is less than half of the least day before, with as much work in flight', () => {
    expect(rules({ three: () => slow })).toEqual(['b: low-throughput'])
    expect(rules({ three: () => ({ ...slow, bytes: 5e5 }) })).toEqual([])
  })

  test('is no less demand: where requests in flight have left too nothing is wrong', () => {
    expect(rules({ three: () => ({ ...slow, inFlight: 3 }) })).toEqual([])
  })

  test('takes a whole week of a stamp where nobody measures requests in flight', () => {
    const unmeasured = (bytes: number) => () => ({ requests: 100, bytes })
    const options = { past: { three: unmeasured(1e6) } }
    expect(rules({ three: unmeasured(1e5) }, options)).toEqual(['b: low-throughput'])
    expect(rules({ three: unmeasured(1e5) }, { ...options, days: 6 })).toEqual([])
  })

  test('is measured by the least of the days: a weekend among them is not forgotten', () => {
    const days = Array.from({ length: 7 }, (_, day) =>
      anHour({ three: () => ({ ...fine(), bytes: day === 6 ? 5e5 : 1e6 }) }, day + 1),
    )
    const found = reactionsIn({ now: anHour({ three: () => slow }), past: days }, TENANTS, Policy.parse({}))
    expect(found).toEqual([])
  })
})

test('the sentence says who, how much and since when', () => {
  const failing = () => ({ ...fine(), errors: 8 })
  const look = { now: anHour({ one: failing, two: failing, three: fine }), past: [] }
  const [found] = reactionsIn(look, TENANTS, Policy.parse({}))
  expect(found).toMatchObject({
    stamp: 'a',
    registry: null,
    measured: 8,
    limit: 5,
    sinceMs: NOW_MS - 600_000,
  })
  expect(found?.words).toBe(
    'a fails 8.0 % of its requests over 10 minutes, in 10 of 10 bins as much as 5.0 %; by themselves so: one, two',
  )
})

test('a stamp whose past is too short is not ready, and it is said when it will be', () => {
  const look = { now: anHour(ALL_FINE), past: [anHour(ALL_FINE, 1), anHour({ three: fine }, 2)] }
  expect(pastReadiness(look, TENANTS, NOW_MS)).toMatchObject([
    { stamp: 'a', signal: 'past load', readyMs: NOW_MS + 2 * 86_400_000 },
    { stamp: 'b', signal: 'past load', readyMs: NOW_MS + 86_400_000 },
  ])
  expect(
    pastReadiness({ ...look, past: [1, 2, 3].map((day) => anHour(ALL_FINE, day)) }, TENANTS, NOW_MS),
  ).toEqual([])
})

test('the order of replicas and of their rows of load changes nothing', () => {
  const anyDid = fc.record({
    requests: fc.constantFrom(0, 1, 50, 100),
    errors: fc.constantFrom(0, 3, 50),
    throttled: fc.constantFrom(0, 3, 50),
  })
  fc.assert(
    fc.property(anyDid, anyDid, fc.boolean(), (one, two, swap) => {
      const now = anHour({ one: () => one, two: () => two, three: fine })
      const other = { ...now, series: swap ? now.series.toReversed() : now.series }
      const past = [1, 2, 3].map((day) => anHour(ALL_FINE, day))
      expect(reactionsIn({ now: other, past }, TENANTS.toReversed(), Policy.parse({}))).toEqual(
        reactionsIn({ now, past }, TENANTS, Policy.parse({})),
      )
    }),
  )
})
