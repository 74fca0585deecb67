import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attribute } from '../../src/domain/attribution.ts'
import { nonNegativeLeastSquares } from '../../src/domain/least-squares.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import { aRegion, type RegistrySpec, wave } from './a-region.ts'

const TENANTS: readonly RegistrySpec[] = [
  { name: 'one', stamp: 'weu-a', cores: (minute) => 6 * (1 + 0.4 * Math.sin(minute / 30)) },
  { name: 'two', stamp: 'weu-a', cores: (minute) => 3 * (1 + 0.3 * Math.sin(minute / 47)) },
  { name: 'three', stamp: 'weu-a', cores: (minute) => 1 + 0.5 * Math.sin(minute / 61) },
]

function poolOf(data: RegionData, stamp = 'weu-a', role = 'registry') {
  const pool = attribute(data, 12).pools.find((one) => one.stamp.id === stamp && one.pool.role === role)
  if (!pool) throw new Error(`no pool ${stamp} ${role}`)
  return pool
}

const meanOf = (values: Float64Array | undefined) =>
  values ? values.reduce((sum, value) => sum + value, 0) / values.length : 0

test('metered CPU is attributed as metered, and the idle part stays with the stamp', () => {
  const pool = poolOf(aRegion({ stamps: [{ id: 'weu-a' }], registries: TENANTS }))
  expect(pool).toMatchObject({ source: 'metered', unexplained: 0, problem: null })
  expect(pool.by.get('one')?.[0]).toBeCloseTo(6 * (1 + 0.4 * Math.sin(360 / 30)), 9)
  expect(meanOf(pool.baseline)).toBeCloseTo(0.02 * 32, 6)
})

test('without metered CPU the costs are found from requests, also where a request of one costs five times as much', () => {
  const data = aRegion({ stamps: [{ id: 'weu-a' }], registries: TENANTS, metered: false })
  const dear = data.load.series.map((series) =>
    series.registry === 'one'
      ? { ...series, requests: series.requests?.map((count) => count / 5) ?? null }
      : series,
  )
  const pool = poolOf({ ...data, load: { ...data.load, series: dear } })
  expect(pool.source).toBe('estimated')
  expect(meanOf(pool.by.get('one'))).toBeGreaterThan(5.4)
  expect(meanOf(pool.by.get('one'))).toBeLessThan(6.6)
  expect(meanOf(pool.by.get('two'))).toBeGreaterThan(2.5)
  expect(meanOf(pool.by.get('two'))).toBeLessThan(3.5)
})

test('throttled requests count as offered load', () => {
  const spec = { stamps: [{ id: 'weu-a' }], registries: TENANTS, metered: false }
  const whole = poolOf(aRegion(spec))
  const throttled = poolOf(aRegion({ ...spec, throttledShare: 0.3 }))
  expect(meanOf(throttled.by.get('one'))).toBeCloseTo(meanOf(whole.by.get('one')), 6)
})

test('tenants who cannot be told apart share by their load', () => {
  const registries = [
    { name: 'one', stamp: 'weu-a', cores: wave(4, 0.1, 0.4) },
    { name: 'twin', stamp: 'weu-a', cores: wave(4, 0.1, 0.4) },
  ]
  const pool = poolOf(aRegion({ stamps: [{ id: 'weu-a' }], registries, metered: false }))
  expect(meanOf(pool.by.get('one'))).toBeCloseTo(meanOf(pool.by.get('twin')), 6)
})

test('steady load is the tenants, as nothing else explains it', () => {
  const registries = [
    { name: 'one', stamp: 'weu-a', cores: 12 },
    { name: 'two', stamp: 'weu-a', cores: 6 },
  ]
  const pool = poolOf(aRegion({ stamps: [{ id: 'weu-a' }], registries, metered: false }))
  expect(meanOf(pool.by.get('one'))).toBeGreaterThan(11.5)
  expect(meanOf(pool.by.get('one'))).toBeLessThan(12.6)
  expect(meanOf(pool.by.get('two'))).toBeGreaterThan(5.5)
})

test('a replica counts on the pools of its home stamp only', () => {
  const stamps = [{ id: 'weu-a' }, { id: 'weu-b' }]
  const pool = poolOf(aRegion({ stamps, registries: TENANTS }), 'weu-b')
  expect(pool.by.size).toBe(0)
  expect(meanOf(pool.baseline)).toBeCloseTo(meanOf(pool.load), 9)
})

test('replicas never have more than the pool shows, whatever was metered or asked for', () => {
  fc.assert(
    fc.property(fc.constantFrom(true, false), fc.integer({ min: 2, max: 50 }), (metered, factor) => {
      const data = aRegion({ stamps: [{ id: 'weu-a' }], registries: TENANTS, metered, hours: 4 })
      const series = data.load.series.map((one) => ({
        ...one,
        requests: one.requests?.map((value, at) => (at % factor === 0 ? value * factor : value)) ?? null,
        cpuSeconds: one.cpuSeconds?.map((value, at) => (at % factor === 0 ? value * factor : value)) ?? null,
      }))
      const pool = poolOf({ ...data, load: { ...data.load, series } })
      for (const [bin, load] of pool.load.entries()) {
        if (Number.isNaN(pool.baseline[bin] ?? Number.NaN)) continue
        const sum = [...pool.by.values()].reduce((all, use) => all + (use[bin] ?? 0), 0)
        expect(sum).toBeLessThanOrEqual(load * (1 + 1e-9))
        expect(sum + (pool.baseline[bin] ?? 0)).toBeCloseTo(load, 6)
      }
    }),
    { numRuns: 20 },
  )
})

test('a bin without CPU or without load is missing, never zero', () => {
  const data = aRegion({
    stamps: [{ id: 'weu-a', missing: (minute) => minute === 1000 }],
    registries: TENANTS,
  })
  const series = data.load.series.map((one) => ({
    ...one,
    cpuSeconds: one.cpuSeconds?.map((value, at) => (at === 1200 ? Number.NaN : value)) ?? null,
  }))
  const pool = poolOf({ ...data, load: { ...data.load, series } })
  const first = 30 * 60 - 24 * 60
  for (const at of [1000, 1200]) {
    expect(pool.by.get('one')?.[at - first]).toBeNaN()
    expect(pool.baseline[at - first]).toBeNaN()
  }
  expect(pool.by.get('one')?.[1001 - first]).toBeGreaterThan(0)
})

test('a stamp whose load was never reported says so', () => {
  const data = aRegion({ stamps: [{ id: 'weu-a' }], registries: TENANTS })
  const pool = poolOf({ ...data, load: { ...data.load, series: [] } })
  expect(pool.problem).toBe('only 0 of 1440 bins have both CPU and load')
})

test('an idle registry is zero where its stamp has other rows', () => {
  const registries = [...TENANTS, { name: 'idle', stamp: 'weu-a', cores: 0, idle: true }]
  const pool = poolOf(aRegion({ stamps: [{ id: 'weu-a' }], registries }))
  expect(pool.problem).toBeNull()
  expect(pool.by.has('idle')).toBe(false)
})

test('the least squares solution is nonnegative and no feasible step improves it', () => {
  const anyColumns = fc.array(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 8, maxLength: 8 }), {
    minLength: 1,
    maxLength: 6,
  })
  const anyTarget = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(anyColumns, anyTarget, (columns, target) => {
      const dot = (a: readonly number[], b: readonly number[]) =>
        a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0)
      const gram = columns.map((a, i) =>
        Float64Array.from(columns, (b, j) => dot(a, b) + (i === j ? 1e-3 : 0)),
      )
      const right = Float64Array.from(columns, (a) => dot(a, target))
      const x = nonNegativeLeastSquares(gram, right)
      for (const [i, row] of gram.entries()) {
        const slope = dot([...row], [...x]) - (right[i] ?? 0)
        expect(x[i]).toBeGreaterThanOrEqual(0)
        expect(slope).toBeGreaterThan(-1e-6)
        if ((x[i] ?? 0) > 1e-9) expect(Math.abs(slope)).toBeLessThan(1e-6)
      }
    }),
  )
})
