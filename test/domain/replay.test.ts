import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY, Policy } from '../../src/domain/policy.ts'
import { replay } from '../../src/domain/replay.ts'
import { type HandMove, shadowMoves } from '../../src/domain/shadow.ts'
import { aRegion, NOW_MS, type RegionSpec } from './a-region.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAYS = 5

/** Five days on which a is hot, unless one of its two replicas goes. */
const SPEC: RegionSpec = {
  hours: DAYS * 24,
  stamps: [{ id: 'a' }, { id: 'b' }],
  registries: [
    { name: 'big', stamp: 'a', cores: (minute) => 11 + Math.sin(minute / 200) },
    { name: 'mid', stamp: 'a', cores: (minute) => 7 + Math.cos(minute / 150) },
    { name: 'other', stamp: 'b', cores: 2 },
  ],
}
const span = { fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS }
const policy = Policy.parse({ dominance: 100 })

describe('a replay', () => {
  test('that only watches sees each day as it was, and proposes the same again and again', () => {
    const days = replay(aRegion(SPEC), { policy, ...span, how: 'watches' })
    expect(days.map(({ hot }) => hot)).toEqual([['a'], ['a'], ['a'], ['a']])
    expect(days.map(({ plan }) => [plan.verdict, plan.moves.map(({ registry }) => registry)])).toEqual(
      Array.from({ length: 4 }, () => ['rebalance', ['mid']]),
    )
    expect(days.every(({ minutesOver }) => minutesOver > 1000)).toBe(true)
  })

  test('that acts has its first plan in force from then on: no page, no minute over, no second move', () => {
    const days = replay(aRegion(SPEC), { policy, ...span, how: 'acts' })
    expect(days.map(({ hot }) => hot)).toEqual([['a'], [], [], []])
    expect(days.map(({ plan }) => plan.moves.length)).toEqual([1, 0, 0, 0])
    expect(days.slice(1).map(({ minutesOver }) => minutesOver)).toEqual([0, 0, 0])
  })

  test('knows nothing of later days: with these cut off its first days are the same', () => {
    const whole = replay(aRegion(SPEC), { policy, ...span, how: 'acts' })
    const data = aRegion(SPEC)
    const cut = { ...data, nowMs: NOW_MS - 2 * DAY_MS }
    const first = replay(cut, { policy, fromMs: span.fromMs, toMs: cut.nowMs, how: 'acts' })
    expect(first).toEqual(whole.slice(0, 2))
  })

  test('under a policy that calls nothing hot moves nothing', () => {
    const calm = Policy.parse({ dominance: 100, hotPercent: 99, targetPercent: 90 })
    const days = replay(aRegion(SPEC), { policy: calm, ...span, how: 'acts' })
    expect(days.flatMap(({ plan }) => plan.moves)).toEqual([])
  })

  test('adds the stamp that an isolation needs, and counts its nodes by the hour', () => {
    const alone = {
      ...SPEC,
      stamps: [{ id: 'a' }],
      registries: SPEC.registries.filter(({ stamp }) => stamp === 'a'),
    }
    const days = replay(aRegion(alone), { policy: DEFAULT_POLICY, ...span, how: 'acts' })
    const [first, second] = days
    expect([first?.plan.verdict, first?.nodeHours]).toEqual(['isolate', 0])
    const nodes = (first?.plan.isolation?.pools ?? []).reduce((sum, pool) => sum + pool.nodes, 0)
    expect(second?.nodeHours).toBe(nodes * 24)
    expect(days.slice(1).every(({ hot }) => hot.length === 0)).toBe(true)
  })
})

describe('a move made by hand', () => {
  const MOVED_MS = NOW_MS - 2 * DAY_MS
  const move: HandMove = { atMs: MOVED_MS, registry: 'mid', from: 'a', to: 'b' }

  /** Two days of mid on a, and from then on on b: as it is now. */
  function moved() {
    const isOnB = (minute: number) => minute >= (DAYS - 2) * 24 * 60
    const mid = SPEC.registries.find(({ name }) => name === 'mid')?.cores
    const cores = typeof mid === 'function' ? mid : () => 0
    const seen = aRegion({
      ...SPEC,
      registries: [
        ...SPEC.registries.filter(({ name }) => name !== 'mid'),
        {
          name: 'mid-before',
          stamp: 'a',
          cores: (minute, role) => (isOnB(minute) ? 0 : cores(minute, role)),
        },
        { name: 'mid-after', stamp: 'b', cores: (minute, role) => (isOnB(minute) ? cores(minute, role) : 0) },
      ],
    })
    const now = aRegion({
      ...SPEC,
      registries: SPEC.registries.map((one) => (one.name === 'mid' ? { ...one, stamp: 'b' } : one)),
    })
    return { ...now, cpu: seen.cpu }
  }

  test('is predicted from what was before it, and laid beside the day after', () => {
    const [found] = shadowMoves(moved(), [move], policy)
    expect(found?.problem).toBeNull()
    expect(found?.pools.map(({ stamp, pool }) => `${stamp} ${pool}`)).toEqual([
      'a dataproxy',
      'a registry',
      'b dataproxy',
      'b registry',
    ])
    for (const { predicted, actual, inBand } of found?.pools ?? []) {
      expect(Math.abs((actual ?? Number.NaN) - predicted.hotNodeP95)).toBeLessThan(3)
      expect(inBand).toBe(true)
    }
  })

  test('too near the end of the data has no truth yet, and one behind it no prediction', () => {
    const [late] = shadowMoves(moved(), [{ ...move, atMs: NOW_MS - HOUR_MS }], policy)
    expect(late?.pools.map(({ actual, inBand }) => [actual, inBand])).toEqual(
      Array.from({ length: 4 }, () => [null, null]),
    )
    const [after] = shadowMoves(moved(), [{ ...move, atMs: NOW_MS + HOUR_MS }], policy)
    expect([after?.problem, after?.pools]).toEqual(['made after the end of the data', []])
  })

  test('belongs to others of the same hours, in whatever order the file has them', () => {
    const other = { ...move, registry: 'other', from: 'b', to: 'a', atMs: MOVED_MS + HOUR_MS }
    const later = { ...move, registry: 'big', atMs: MOVED_MS + DAY_MS }
    const groups = shadowMoves(moved(), [later, other, move], policy).map(({ moves }) =>
      moves.map(({ registry }) => registry),
    )
    expect(groups).toEqual([['mid', 'other'], ['big']])
  })
})
