import { expect, test } from 'vitest'
import { makePlan } from '../../src/domain/planner.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import { aHotRegion, HEAT_ONLY, HOUR, plan } from './a-hot-region.ts'
import { aRegion, wave } from './a-region.ts'

test('a move says its share, why not the runner-up and why not each other stamp, with their figures', () => {
  const stamps = [
    ...['weu-a', 'weu-b', 'weu-c'].map((id) => ({ id })),
    { id: 'weu-d', state: 'cordoned' as const },
  ]
  const [move] = plan(aHotRegion({ stamps }), {}, HEAT_ONLY).moves
  expect(move?.why).toMatch(/^big3 causes \d+\.\d % of the hot minutes of weu-a/)
  expect(move?.whyNot).toEqual([
    expect.stringMatching(
      /^big1 \(\d+\.\d % of the hot minutes\): in place of big3 it would leave weu-a at \d+/,
    ),
    expect.stringMatching(/^weu-b: with big3 it would show \d+\.\d %, against \d+\.\d % on weu-c$/),
    'weu-d: is cordoned; only an active stamp takes replicas',
  ])
})

test('what would change the verdict is said with its number, and is true', () => {
  const spec = aHotRegion()
  const words = plan(spec, {}, HEAT_ONLY).whatWouldChange ?? []
  const less = words
    .map((one) => /weu-a \w+ would not be hot with (\d+\.\d) % less load/.exec(one)?.[1])
    .find(Boolean)
  expect(Number(less)).toBeGreaterThan(5)
  const factor = 1 - (Number(less) + 0.3) / 100
  const registries = spec.registries.map((one) => ({
    ...one,
    cores: (minute: number, role: string) =>
      (typeof one.cores === 'number' ? one.cores : one.cores(minute, role)) * factor,
  }))
  expect(plan({ ...spec, registries }, {}, HEAT_ONLY).verdict).toBe('none')
})

test('a calm region says how much more load would make it hot', () => {
  const registries = [{ name: 'one', stamp: 'weu-a', cores: wave(8, 0, 0) }]
  const body = plan({ stamps: [{ id: 'weu-a' }, { id: 'weu-b' }], registries }, {}, HEAT_ONLY)
  // 8 of 32 cores are 25 %, 32.5 % on the hottest node; 68 % above idle are hot.
  expect(body.whatWouldChange).toEqual([expect.stringContaining('would be hot with 109.2 % more load')])
})

test('if nothing is done a hot pool says that it is hot now, a growing one when it will be', () => {
  const spec = aHotRegion({ hours: 21 * 24 })
  // The registry pool stays as it is; big1 takes a fifth of a core more each day on the dataproxy pool.
  const registries = spec.registries.map((one) => ({
    ...one,
    cores: (minute: number, role: string) => {
      const cores = typeof one.cores === 'number' ? one.cores : one.cores(minute, role)
      if (role === 'registry') return cores
      return one.name === 'big1' ? (minute / (24 * HOUR)) * 0.2 : cores * 0.7
    },
  }))
  const { pools } = plan({ ...spec, registries }, {}, HEAT_ONLY)
  const wordsAt = (stamp: string, role: string) =>
    pools.find((one) => one.stamp === stamp && one.pool === role)?.ifNothingIsDone.words ?? ''
  expect(wordsAt('weu-a', 'registry')).toContain('over the 70 % of hot now')
  const days = /forecast to reach 70 % in (\d+) days/.exec(wordsAt('weu-a', 'dataproxy'))?.[1]
  expect(Number(days)).toBeGreaterThan(12)
  expect(Number(days)).toBeLessThan(28)
  expect(wordsAt('weu-c', 'registry')).toContain('not forecast to reach 70 % within 28 days')
})

test('explanations come again from the stored inputs, byte for byte', () => {
  const data = aRegion(aHotRegion({ metered: false }))
  const stored: RegionData = structuredClone(data)
  expect(JSON.stringify(makePlan(stored, {}, HEAT_ONLY))).toBe(JSON.stringify(makePlan(data, {}, HEAT_ONLY)))
})
