import { expect, test } from 'vitest'
import { makePlan } from '../../src/domain/planner.ts'
import { Policy } from '../../src/domain/policy.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import { aHotRegion, HEAT_ONLY, plan } from './a-hot-region.ts'
import { aContext, aRegion, NOW_MS, type RegionSpec, wave } from './a-region.ts'
import { planOf } from './plan-of.ts'
import { randomRegion } from './random-region.ts'

const HOT = { stamp: 'weu-a' }

/** The same data with each column of load changed. */
function changed(data: RegionData, change: (column: Float64Array) => Float64Array): RegionData {
  const series = data.load.series.map((one) => ({
    ...one,
    requests: one.requests && change(one.requests),
    throttled: one.throttled && change(one.throttled),
    cpuSeconds: one.cpuSeconds && change(one.cpuSeconds),
  }))
  return { ...data, load: { ...data.load, series } }
}

test.each([
  [{ targetPercent: 80 }, 'targetPercent is above hotPercent'],
  [{ coolPointsBelowHot: 75 }, 'coolPointsBelowHot is more than hotPercent'],
  [{ hotPercents: 70 }, 'hotPercents'],
])('a contradictory policy %j is refused by name', (policy, words) => {
  const parsed = Policy.safeParse(policy)
  expect(parsed.success).toBe(false)
  expect(JSON.stringify(parsed.error?.issues)).toContain(words)
})

test('a negative load is no sample: such minutes are missing, and few of them change no plan', () => {
  const data = aRegion(aHotRegion())
  const few = changed(data, (column) => column.map((value, at) => (at % 100 === 0 ? -5 : value)))
  const [before, after] = [makePlan(data, HOT, HEAT_ONLY), makePlan(few, HOT, HEAT_ONLY)]
  expect(after.moves.map(({ registry, to }) => [registry, to])).toEqual(
    before.moves.map(({ registry, to }) => [registry, to]),
  )
  const many = changed(data, (column) => column.map((value, at) => (at % 5 === 0 ? -5 : value)))
  expect(makePlan(many, HOT, HEAT_ONLY).verdict).toBe('insufficient-data')
})

test.each([
  [9, 'behind'],
  [-9, 'ahead of'],
])('load whose clock is off by %d minutes decides nothing, and the skew is named', (minutes, words) => {
  const spec: RegionSpec = {
    ...aHotRegion(),
    registries: aHotRegion().registries.map((one, at) => ({
      ...one,
      cores: (minute) => (one.stamp === 'weu-a' ? 4.75 : 2) * (1 + 0.3 * Math.sin(minute / (6 + at / 10))),
    })),
  }
  const late = changed(aRegion(spec), (column) =>
    column.map((_, at) => column[Math.min(column.length - 1, Math.max(0, at - minutes))] ?? 0),
  )
  const body = makePlan(late, HOT, HEAT_ONLY)
  expect(body.verdict).toBe('insufficient-data')
  expect(body.reason).toContain(`load seems to run 9 bins ${words} CPU`)
  expect(makePlan(aRegion(spec), HOT, HEAT_ONLY).verdict).toBe('rebalance')
})

test('a stamp without nodes takes nobody, and that is said', () => {
  const stamps = [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-c', nodes: 0, silent: true }]
  const body = plan(aHotRegion({ stamps }), HOT, HEAT_ONLY)
  expect(body.moves.map(({ to }) => to)).not.toContain('weu-c')
  expect(JSON.stringify(body)).toContain('has no nodes in its dataproxy pool')
})

test('a region of idle registries is calm; one of whose registries nothing is heard is not', () => {
  const registries = ['one', 'two'].map((name) => ({ name, stamp: 'weu-a', cores: 0 }))
  const spec = { stamps: [{ id: 'weu-a' }, { id: 'weu-b' }], registries }
  expect(plan(spec, {}, HEAT_ONLY)).toMatchObject({ verdict: 'none', moves: [], blocked: [] })
  const silent = { ...spec, registries: registries.map((one) => ({ ...one, idle: true })) }
  const body = plan(silent, {}, HEAT_ONLY)
  expect(body.verdict).toBe('insufficient-data')
  expect(body.reason).toContain('0 of 1440 bins have both CPU and load')
})

test('a registry that is the whole load of a hot stamp is not shifted to the next: it gets a stamp of its own size', () => {
  const spec = {
    stamps: [{ id: 'weu-a' }, { id: 'weu-b' }],
    registries: [
      { name: 'all', stamp: 'weu-a', cores: wave(20, 0.1, 0.05) },
      { name: 'bee', stamp: 'weu-b', cores: wave(4, 0.3, 0.05) },
    ],
  }
  const body = plan(spec, {}, aContext())
  expect(body.verdict).toBe('isolate')
  expect(body.moves.map(({ registry, to }) => [registry, to])).toEqual([['all', 'new']])
  for (const pool of body.pools) expect(pool.predicted.hotNodeP95).toBeLessThanOrEqual(60)
})

test('a region of one stamp that is hot has no other place than a new stamp', () => {
  const registries = aHotRegion().registries.filter(({ stamp }) => stamp === 'weu-a')
  const body = plan({ stamps: [{ id: 'weu-a' }], registries }, {}, HEAT_ONLY)
  expect(body.verdict).toBe('isolate')
  expect(body.moves.every(({ to }) => to === 'new')).toBe(true)
  expect(body.reason).toContain('There is no other shared stamp')
})

test('samples of every five minutes are judged in bins of five minutes', () => {
  const region = Array.from({ length: 40 }, (_, seed) => randomRegion({ seed, stampsMax: 3, movableMax: 5 }))
  const plans = region.map((one) => planOf(one))
  expect(plans.some(({ verdict }) => verdict === 'rebalance')).toBe(true)
  expect(plans.every(({ verdict }) => verdict !== 'insufficient-data')).toBe(true)
})

test('what lies ahead of now, in CPU and in load, is not looked at', () => {
  const data = aRegion(aHotRegion())
  const cut = { ...data, nowMs: NOW_MS - 60 * 60_000 }
  const wild = changed(cut, (column) =>
    column.map((value, at) => (at >= column.length - 60 ? value * 99 : value)),
  )
  expect(makePlan(wild, HOT, HEAT_ONLY)).toEqual(makePlan(cut, HOT, HEAT_ONLY))
})

test('where all other stamps are silent none of them is called warm: what is missing is said', () => {
  const data = aRegion(aHotRegion())
  const alone = { ...data, cpu: data.cpu.filter(({ stamp }) => stamp === 'weu-a') }
  const body = makePlan(alone, HOT, HEAT_ONLY)
  expect(body.moves.every(({ to }) => to === 'new')).toBe(true)
  expect(body.reason).toContain('No other shared stamp takes replicas: weu-b (insufficient-data: weu-b')
  expect(body.moves[0]?.whyNot.join()).toContain('weu-b: insufficient-data, weu-b')
})

test('a node that shows what no CPU does decides nothing', () => {
  const data = aRegion(aHotRegion())
  const cpu = data.cpu.map((pool) => ({
    ...pool,
    samples: {
      ...pool.samples,
      cpuPercent: pool.samples.cpuPercent.map((value) => (pool.stamp === 'weu-a' ? 1e300 : value)),
    },
  }))
  const body = makePlan({ ...data, cpu }, HOT, HEAT_ONLY)
  expect(body.verdict).toBe('insufficient-data')
  expect(body.reason).toContain("a node shows 1.00e+300 % CPU, which can't be")
})
