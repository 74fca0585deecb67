import { expect, test } from 'vitest'
import { makePlan } from '../../src/domain/planner.ts'
import { DEFAULT_POLICY } from '../../src/domain/policy.ts'
import { scanRegion } from '../../src/domain/scan-region.ts'
import { aHotRegion, HEAT_ONLY, HOUR, plan } from './a-hot-region.ts'
import { aContext, aRegion, wave } from './a-region.ts'

test('a hot stamp is cooled by one move of the lightest replica that is enough, to the cooler stamp', () => {
  const body = plan(aHotRegion(), {}, HEAT_ONLY)
  expect(body.verdict).toBe('rebalance')
  expect(body.moves.map(({ registry, from, to }) => [registry, from, to])).toEqual([
    ['big3', 'weu-a', 'weu-c'],
  ])
  expect(body.moves[0]).toMatchObject({ phase: 'top', batch: 1 })
  expect(body.moves[0]?.share).toBeCloseTo(5.5 / 19, 1)
  expect(body.reverses).toEqual([{ registry: 'big3', from: 'weu-c', to: 'weu-a' }])
  expect(body.moves[0]?.whyNot.join('\n')).toContain('weu-b')
  for (const { predicted } of body.pools) expect(predicted.hotNodeP95).toBeLessThanOrEqual(60)
})

test('the same without metered CPU gives the same move', () => {
  const body = plan(aHotRegion({ metered: false }), {}, HEAT_ONLY)
  expect(body.moves.map(({ registry, to }) => [registry, to])).toEqual([['big3', 'weu-c']])
})

test('the prediction is what the region shows after the move', () => {
  const spec = aHotRegion()
  const [before] = [plan(spec, {}, HEAT_ONLY)]
  const moved = spec.registries.map((one) => (one.name === 'big3' ? { ...one, stamp: 'weu-c' } : one))
  const after = scanRegion(aRegion({ ...spec, registries: moved }), DEFAULT_POLICY)
  for (const { stamp, pool, predicted } of before.pools) {
    const actual =
      after.pools.find((one) => one.stamp === stamp && one.pool === pool)?.figures.hotNodeP95 ?? 0
    expect(Math.abs(predicted.hotNodeP95 - actual)).toBeLessThan(1.5)
    expect(predicted.low).toBeLessThanOrEqual(actual)
    expect(predicted.high).toBeGreaterThanOrEqual(actual)
  }
})

test('a stamp that sends no CPU takes nobody, and its silence is said', () => {
  const spec = aHotRegion({ stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-c', silent: true }] })
  const body = plan(spec, { stamp: 'weu-a' }, HEAT_ONLY)
  expect(body.moves.map(({ to }) => to)).not.toContain('weu-c')
  expect(JSON.stringify(body)).toContain('weu-c dataproxy has 0 of 720 bins')
})

test('a hot stamp with gaps is no longer judged', () => {
  const spec = aHotRegion({
    stamps: [{ id: 'weu-a', missing: (minute) => minute % 10 === 0 }, { id: 'weu-b' }, { id: 'weu-c' }],
  })
  const body = plan(spec, { stamp: 'weu-a' }, HEAT_ONLY)
  expect(body.verdict).toBe('insufficient-data')
  expect(body.moves).toEqual([])
})

test('a hot stamp whose load is missing for a tenth of its peak window is not planned for', () => {
  const data = aRegion(aHotRegion())
  const series = data.load.series.map((one) => ({
    ...one,
    cpuSeconds: one.cpuSeconds?.map((value, at) => (at % 10 === 0 ? Number.NaN : value)) ?? null,
  }))
  const body = makePlan({ ...data, load: { ...data.load, series } }, { stamp: 'weu-a' }, HEAT_ONLY)
  expect(body.verdict).toBe('insufficient-data')
  expect(body.reason).toContain("can't be told: 648 of 720 bins")
})

test('a pool hot in one evaluation only is warm, and with too little data for the other nothing is decided', () => {
  const young = aHotRegion({ hours: 17 })
  const scan = scanRegion(aRegion(young), DEFAULT_POLICY)
  expect(scan.pools[0]).toMatchObject({ stamp: 'weu-a', verdict: 'warm', byAverage: 'warm' })
  expect(scan.pools[0]?.words).toContain('too little data to judge six hours before')
  expect(plan(young, { stamp: 'weu-a' }, HEAT_ONLY).verdict).toBe('insufficient-data')
})

test('a pool that only lately became hot is warm, and nothing is planned', () => {
  const spec = aHotRegion()
  const lately = (minute: number) => (minute >= 30 * HOUR - 5 * HOUR ? 7 : 1)
  const registries = spec.registries.map((one) => (one.name === 'big1' ? { ...one, cores: lately } : one))
  const body = plan({ ...spec, registries }, { stamp: 'weu-a' }, HEAT_ONLY)
  expect(body.verdict).toBe('none')
  expect(body.reason).toContain('hot from 70 %')
})

test('a calm region gets no plan but its numbers', () => {
  const spec = aHotRegion()
  const registries = spec.registries.filter(({ name }) => !['big2', 'big3'].includes(name))
  const body = plan({ ...spec, registries }, {}, HEAT_ONLY)
  expect(body).toMatchObject({ verdict: 'none', moves: [], blocked: [], phases: [], reverses: [] })
  expect(body.reason).toMatch(/warmest is weu-[ab] \w+ with hot-node P95 \d+\.\d %/)
})

test('where every shared destination would only become the next hot stamp the greatest customer is isolated', () => {
  const spec = aHotRegion()
  const stamps = [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-i', kind: 'isolated' as const }]
  const registries = [
    ...spec.registries.filter(({ stamp }) => stamp === 'weu-a'),
    { name: 'bee1', stamp: 'weu-b', cores: wave(12, 0.3, 0.05) },
  ]
  const body = plan({ stamps, registries }, {}, HEAT_ONLY)
  expect(body).toMatchObject({ verdict: 'isolate', customer: 'big1' })
  expect(body.moves.map(({ registry, to }) => [registry, to])).toEqual([['big1', 'weu-i']])
  expect(body.reason).toContain('would push another stamp over')
  for (const { predicted } of body.pools) expect(predicted.hotNodeP95).toBeLessThanOrEqual(60)
})

test('a plan for a customer moves no one else', () => {
  const spec = aHotRegion()
  const registries = spec.registries.map((one) => ({
    ...one,
    customer: one.name === 'big1' ? 'contoso' : 'fabrikam',
  }))
  const body = plan({ ...spec, registries }, { customer: 'contoso' }, HEAT_ONLY)
  expect(body).toMatchObject({ verdict: 'rebalance', customer: 'contoso' })
  expect(body.moves.map(({ registry }) => registry)).toEqual(['big1'])
})

test('a region of one stamp whose greatest may not move says that nothing helps', () => {
  const spec = aHotRegion()
  const alone = {
    stamps: [{ id: 'weu-a' }],
    registries: spec.registries.filter(({ stamp }) => stamp === 'weu-a'),
  }
  const body = plan(
    { ...alone, registries: alone.registries.map((one) => ({ ...one, pinned: one.name !== 'small' })) },
    {},
    HEAT_ONLY,
  )
  expect(body.verdict).toBe('none')
  expect(body.blocked.map(({ rule }) => rule)).toContain('no-destination')
  expect(body.reason).toContain('With all 1 movable replicas gone it would still show')
})

test('when more than 40 percent of three or more active stamps are hot nothing is planned', () => {
  const registries = ['weu-a', 'weu-b', 'weu-c'].flatMap((stamp, at) => [
    { name: `${stamp}-1`, stamp, cores: wave(at < 2 ? 10 : 2, 0.1, 0.05) },
    { name: `${stamp}-2`, stamp, cores: wave(at < 2 ? 9 : 2, 0.5, 0.05) },
  ])
  const body = plan({ stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-c' }], registries })
  expect(body.verdict).toBe('none')
  expect(body.blocked.map(({ stamp, rule }) => [stamp, rule])).toEqual([
    ['weu-a', 'region-hot'],
    ['weu-b', 'region-hot'],
  ])
})

test('nothing at or after now is looked at', () => {
  const spec = aHotRegion()
  const data = aRegion(spec)
  const grown = spec.registries.map((one) => (one.name === 'bee1' ? { ...one, cores: 99 } : one))
  const later = aRegion({ ...spec, registries: grown, hours: 30 })
  const cpu = data.cpu.map((pool, at) => {
    const more = later.cpu[at]?.samples ?? pool.samples
    const join = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b])
    return {
      ...pool,
      samples: {
        ...pool.samples,
        timesMs: join(
          pool.samples.timesMs,
          more.timesMs.map((atMs) => atMs + 30 * HOUR * 60_000),
        ),
        nodeAt: Uint32Array.from([...pool.samples.nodeAt, ...more.nodeAt]),
        cpuPercent: join(pool.samples.cpuPercent, more.cpuPercent),
      },
    }
  })
  expect(makePlan({ ...data, cpu }, {}, aContext())).toEqual(makePlan(data, {}, aContext()))
})

test('an unknown stamp, customer or region is refused by name', () => {
  const data = aRegion(aHotRegion())
  expect(() => makePlan(data, { stamp: 'weu-z' }, aContext())).toThrow(
    'weu-z is no stamp of westeurope; pick one of weu-a',
  )
  expect(() => makePlan(data, { customer: 'nobody' }, aContext())).toThrow(
    'nobody has no replica in westeurope',
  )
  expect(() => makePlan({ ...data, region: 'mars' }, {}, aContext())).toThrow(
    'mars is no region of this fleet',
  )
})

test('with a given peak window predictions are made in it, whatever the night does', () => {
  const spec = aHotRegion()
  // By night weu-c is busier than by day; the window is from 08:00 to 20:00.
  const night = (minute: number) => (Math.abs(((minute / HOUR) % 24) - 14) < 6 ? 2 : 12)
  const registries = spec.registries.map((one) => (one.name === 'cee1' ? { ...one, cores: night } : one))
  const policy = { dominance: 100, peakStart: '08:00', peakZone: 'UTC' }
  const given = plan({ ...spec, registries, hours: 72 }, { stamp: 'weu-a' }, aContext({ policy }))
  expect(given.moves.map(({ to }) => to)).toEqual(['weu-c'])
  const found = plan({ ...spec, registries, hours: 72 }, { stamp: 'weu-a' }, HEAT_ONLY)
  expect(found.moves.map(({ to }) => to)).toEqual(['weu-b'])
})
