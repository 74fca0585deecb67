import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../src/domain/policy.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import { scanRegion } from '../../src/domain/scan-region.ts'
import { type Supposition, suppose } from '../../src/domain/what-if.ts'
import { aRegion, type RegionSpec, wave } from './a-region.ts'

const SPEC: RegionSpec = {
  stamps: [{ id: 'a' }, { id: 'b' }, { id: 'c', nodes: 6 }],
  registries: [
    { name: 'big', stamp: 'a', cores: wave(8, 0) },
    { name: 'mid', stamp: 'a', cores: wave(5, 0.3) },
    { name: 'other', stamp: 'b', cores: wave(4, 0.6) },
    { name: 'third', stamp: 'c', cores: wave(6, 0.1) },
  ],
}
const given = (changes: Partial<RegionSpec> = {}) => aRegion({ ...SPEC, ...changes })
const p95s = (data: RegionData) =>
  new Map(
    scanRegion(data, DEFAULT_POLICY).pools.map(({ stamp, pool, figures }) => [
      `${stamp} ${pool}`,
      figures.hotNodeP95 ?? Number.NaN,
    ]),
  )
const supposed = (...suppositions: Supposition[]) => suppose(given(), suppositions, DEFAULT_POLICY)
const withHome = (name: string, stamp: string) =>
  given({ registries: SPEC.registries.map((one) => (one.name === name ? { ...one, stamp } : one)) })

function expectSame(found: RegionData, truth: RegionData, within: number): void {
  const [left, right] = [p95s(found), p95s(truth)]
  expect([...left.keys()]).toEqual([...right.keys()])
  for (const [pool, value] of right)
    expect(Math.abs((left.get(pool) ?? Number.NaN) - value), pool).toBeLessThan(within)
}

test('nothing supposed is what there is', () => {
  expectSame(supposed().data, given(), 1e-9)
})

test('a move shows what the region shows where the registry lives there', () => {
  const { data, moves } = supposed({ kind: 'move', registry: 'big', to: 'b' })
  expect(moves).toEqual([{ registry: 'big', from: 'a', to: 'b' }])
  expectSame(data, withHome('big', 'b'), 1)
})

test('a move and its way back are nothing', () => {
  const { data, moves } = supposed(
    { kind: 'move', registry: 'big', to: 'b' },
    { kind: 'move', registry: 'big', to: 'a' },
  )
  expect(moves).toEqual([])
  expectSame(data, given(), 1e-9)
})

test('half as much traffic again shows what replicas of that size show', () => {
  const { data } = supposed({ kind: 'traffic', factor: 1.5, customer: null })
  const larger = SPEC.registries.map((one) => ({
    ...one,
    cores: (minute: number, role: string) =>
      1.5 * (typeof one.cores === 'number' ? one.cores : one.cores(minute, role)),
  }))
  expectSame(data, given({ registries: larger }), 1)
})

test('more traffic of one customer leaves stamps alone where it has nothing', () => {
  const before = p95s(given())
  const after = p95s(supposed({ kind: 'traffic', factor: 2, customer: 'big' }).data)
  expect(after.get('b registry')).toBe(before.get('b registry'))
  expect(after.get('a registry')).toBeGreaterThan((before.get('a registry') ?? 0) + 10)
})

test('a larger pool is cooler, though not by all of its growth', () => {
  const before = p95s(given()).get('a registry') ?? 0
  const after =
    p95s(supposed({ kind: 'resize', stamp: 'a', role: 'registry', nodes: 8 }).data).get('a registry') ?? 0
  expect(after).toBeGreaterThan(before / 2)
  expect(after).toBeLessThan(before * 0.7)
})

test('a pool beyond its maximum is told as a problem and worked out all the same', () => {
  const { problems } = supposed({ kind: 'resize', stamp: 'a', role: 'registry', nodes: 20 })
  expect(problems).toEqual(['a registry has at most 12 nodes; 20 take a higher maximum'])
})

test('an added stamp is idle, and takes what is moved there', () => {
  const add = { kind: 'add', stamp: 'd', like: 'a' } as const
  expect(p95s(supposed(add).data).get('d registry')).toBe(2)
  const { data } = supposed(add, { kind: 'move', registry: 'big', to: 'd' })
  const truth = aRegion({
    ...SPEC,
    stamps: [...SPEC.stamps, { id: 'd' }],
    registries: SPEC.registries.map((one) => (one.name === 'big' ? { ...one, stamp: 'd' } : one)),
  })
  expectSame(data, truth, 1)
})

describe('a stamp or fault domain that is lost', () => {
  test('has its replicas served by those that are left, the heaviest by the emptiest', () => {
    const { data, moves, problems } = supposed({ kind: 'lose', name: 'a' })
    expect([...p95s(data).keys()]).toEqual(['b dataproxy', 'b registry', 'c dataproxy', 'c registry'])
    expect(moves.map(({ registry, to }) => [registry, to])).toEqual([
      ['big', 'c'],
      ['mid', 'b'],
    ])
    expect(problems).toEqual([])
  })

  test('is down for who is reached by private link', () => {
    const linked = SPEC.registries.map((one) =>
      one.name === 'mid' ? { ...one, routing: 'privateLink' as const } : one,
    )
    const { problems, moves } = suppose(
      given({ registries: linked }),
      [{ kind: 'lose', name: 'a' }],
      DEFAULT_POLICY,
    )
    expect(problems).toEqual(['mid: reached by private link, so down with a'])
    expect(moves.map(({ registry }) => registry)).toEqual(['big'])
  })

  test('with nobody left to take over says so', () => {
    const { problems } = supposed(
      { kind: 'lose', name: 'a' },
      { kind: 'lose', name: 'b' },
      { kind: 'lose', name: 'c' },
    )
    expect(problems).toContain('no active shared stamp is left to take the replicas of c')
  })
})

test.each<[Supposition, string]>([
  [{ kind: 'move', registry: 'nobody', to: 'b' }, 'nobody has no replica'],
  [{ kind: 'move', registry: 'big', to: 'z' }, 'z is no stamp'],
  [{ kind: 'add', stamp: 'a', like: 'b' }, 'a is there already'],
  [{ kind: 'add', stamp: 'd', like: 'z' }, 'z is no stamp'],
  [{ kind: 'resize', stamp: 'a', role: 'proxy', nodes: 3 }, 'a has no pool proxy'],
  [{ kind: 'lose', name: 'fd-9' }, 'fd-9 is neither a stamp nor a fault domain'],
])('%j is refused: %s', (supposition, words) => {
  expect(() => supposed(supposition)).toThrow(words)
})
