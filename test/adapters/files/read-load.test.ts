import { describe, expect, test } from 'vitest'
import { type LoadCounts, readLoad } from '../../../src/adapters/files/read-load.ts'
import { Fleet } from '../../../src/domain/fleet.ts'
import { aFolder } from './written.ts'

const { csv, gzip } = aFolder()
const NONE = Number.NaN

const pool = (role: string) => ({ role, nodes: 4, minNodes: 2, maxNodes: 8, vcpusPerNode: 8 })
const stamp = (id: string) => ({
  id,
  kind: 'shared',
  state: 'active',
  pools: [pool('registry'), pool('dataproxy')],
})
const registry = (name: string, ...homes: [string, string][]) => ({
  name,
  customer: 'someone',
  replicas: homes.map(([region, homeStamp]) => ({ region, homeStamp })),
})
const FLEET = Fleet.parse({
  regions: [{ name: 'weu', stamps: [stamp('a'), stamp('b')] }],
  registries: [registry('one', ['weu', 'a']), registry('two', ['weu', 'a']), registry('far', ['weu', 'b'])],
})
const TWO_REGIONS = Fleet.parse({
  regions: [
    { name: 'weu', stamps: [stamp('a')] },
    { name: 'neu', stamps: [stamp('n')] },
  ],
  registries: [registry('one', ['weu', 'a'], ['neu', 'n'])],
})

const HEADER = 'timestamp,registry,pool,requests'
const at = (minute: number, second = 0) =>
  `2024-01-15T08:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}Z`

async function load(lines: string[], fleet = FLEET) {
  const told: LoadCounts[] = []
  const regions = await readLoad(csv(...lines), { fleet, report: (counts) => told.push(counts) })
  const region = regions.get('weu')
  const requests = (name: string, role = 'registry') => {
    const series = region?.series.find((one) => one.registry === name && one.role === role)
    return [...(series?.requests ?? [])]
  }
  return { region, regions, requests, counts: told[0] }
}

test('all columns are read, in any order; those that are not there are null', async () => {
  const path = gzip(
    'cpu_seconds,in_flight,errors,throttled,bytes,requests,pool,registry,region,timestamp\n' +
      `6,5,4,3,2,1,registry,one,weu,${at(0)}\n`,
  )
  const cell = (value: number) => Float64Array.of(value)
  expect((await readLoad(path, { fleet: FLEET })).get('weu')).toEqual({
    startMs: Date.UTC(2024, 0, 15, 8),
    binMs: 60_000,
    bins: 1,
    series: [
      {
        registry: 'one',
        role: 'registry',
        requests: cell(1),
        bytes: cell(2),
        throttled: cell(3),
        errors: cell(4),
        inFlight: cell(5),
        cpuSeconds: cell(6),
      },
    ],
  })
  const bare = (await load(['timestamp,registry,pool,bytes', `${at(0)},one,registry,9`])).region?.series[0]
  expect(bare).toMatchObject({ requests: null, bytes: cell(9), throttled: null, cpuSeconds: null })
})

describe('zero and missing', () => {
  test('a minute without a row is zero where the stamp has other rows, else missing', async () => {
    const { requests } = await load([
      HEADER,
      `${at(0)},one,registry,5`,
      `${at(0)},two,registry,7`,
      `${at(1)},two,registry,8`,
      `${at(2)},far,registry,3`,
      `${at(3)},one,registry,6`,
    ])
    expect(requests('one')).toEqual([5, 0, NONE, 6])
    expect(requests('two')).toEqual([7, 8, NONE, 0])
    expect(requests('far')).toEqual([NONE, NONE, 3, NONE])
  })

  test('a row of the stamp on another pool shows that the stamp was reporting', async () => {
    const { requests } = await load([
      HEADER,
      `${at(0)},one,registry,5`,
      ...[0, 1, 2].map((minute) => `${at(minute)},two,dataproxy,1`),
      `${at(2)},one,registry,5`,
    ])
    expect(requests('one')).toEqual([5, 0, 5])
  })

  test.each(['', 'null', '-3', 'n/a', 'NaN'])(
    'a row that says %j is missing, not zero, and is counted',
    async (value) => {
      const { requests, counts } = await load([
        HEADER,
        `${at(0)},one,registry,${value}`,
        `${at(1)},one,registry,0`,
      ])
      expect(requests('one')).toEqual([NONE, 0])
      expect(counts?.nulls).toBe(1)
    },
  )
})

describe('bins', () => {
  test('times that drift by seconds land in their bins', async () => {
    const { region, requests } = await load([
      HEADER,
      ...[19, 20, 20, 18, 19].map((second, minute) => `${at(minute, second)},one,registry,${minute}`),
    ])
    expect(region).toMatchObject({ startMs: Date.UTC(2024, 0, 15, 8), binMs: 60_000, bins: 5 })
    expect(requests('one')).toEqual([0, 1, 2, 3, 4])
  })

  test('two rows of one bin add up, but in_flight is as at the end', async () => {
    const { region } = await load([
      `${HEADER},in_flight`,
      `${at(0, 30)},one,registry,5,9`,
      `${at(0)},one,registry,3,2`,
    ])
    expect(region?.series[0]).toMatchObject({ requests: Float64Array.of(8), inFlight: Float64Array.of(9) })
  })

  test('a bin with one of its two values missing is missing', async () => {
    const { requests } = await load([HEADER, `${at(0)},one,registry,3`, `${at(0, 30)},one,registry,`])
    expect(requests('one')).toEqual([NONE])
  })

  test.each([
    [60, 60_000],
    [300, 300_000],
    [3600, 3_600_000],
  ])('data every %d s come on a grid of %d ms', async (seconds, binMs) => {
    const rows = Array.from({ length: 30 }, (_, n) => `${n * seconds},one,registry,${n}`)
    expect((await load([HEADER, ...rows])).region).toMatchObject({ binMs, bins: 30 })
  })

  test('the bin is found from the busy series where most leave idle minutes out', async () => {
    const busy = Array.from({ length: 200 }, (_, n) => `${n * 60},one,registry,1`)
    const idle = Array.from({ length: 20 }, (_, n) => `${n * 600},two,registry,1`)
    expect((await load([HEADER, ...busy, ...idle, ...idle])).region?.binMs).toBe(60_000)
  })

  test('the bin can be given', async () => {
    const path = csv(HEADER, `${at(0)},one,registry,1`, `${at(1)},one,registry,2`)
    const region = (await readLoad(path, { fleet: FLEET, binMs: 300_000 })).get('weu')
    expect(region).toMatchObject({ bins: 1, series: [{ requests: Float64Array.of(3) }] })
  })
})

test('rows of one instant count once, the last wins, and a missing value replaces none', async () => {
  const { requests, counts } = await load([
    HEADER,
    `${at(1)},one,registry,4`,
    `${at(0)},one,registry,1`,
    `${at(0)},one,registry,2`,
    `${at(0)},one,registry,`,
    `${at(1)},one,registry,4`,
  ])
  expect(requests('one')).toEqual([2, 4])
  expect(counts).toMatchObject({ rows: 5, duplicates: 3, conflicts: 1, nulls: 1 })
})

test('rows that can not be placed are left out and counted', async () => {
  const { requests, counts } = await load([
    HEADER,
    `${at(0)},one,registry,4`,
    `${at(0)},stranger,registry,1`,
    `${at(0)},one,cache,1`,
    `noon,one,registry,1`,
    `${at(0)},,registry,1`,
    `${at(0)},one,registry,1,2`,
  ])
  expect(requests('one')).toEqual([4])
  expect(counts).toEqual({
    rows: 5,
    badTimestamps: 1,
    brokenRows: 2,
    unknownRows: 2,
    nulls: 0,
    duplicates: 0,
    conflicts: 0,
  })
})

test('each region has a grid of its own, and one can be asked for', async () => {
  const path = csv(
    'timestamp,region,registry,pool,bytes',
    `${at(0)},weu,one,registry,1`,
    `${at(5)},neu,one,registry,2`,
  )
  const regions = await readLoad(path, { fleet: TWO_REGIONS })
  expect([...regions.keys()]).toEqual(['weu', 'neu'])
  expect(regions.get('neu')).toMatchObject({ startMs: Date.UTC(2024, 0, 15, 8, 5), bins: 1 })
  expect([...(await readLoad(path, { fleet: TWO_REGIONS, region: 'neu' })).keys()]).toEqual(['neu'])
})

describe('a file that can not be used is refused', () => {
  test.each([
    ['timestamp,pool,requests', 'no column "registry"'],
    ['timestamp,registry,requests', 'no column "pool"'],
    ['registry,pool,requests', 'no column "timestamp"'],
    ['timestamp,registry,pool,errors', 'no column "bytes" among .* requests or bytes must be there'],
  ])('with the header %s', async (header, words) => {
    await expect(load([header, 'x'])).rejects.toThrow(new RegExp(`line 1: found ${words}`))
  })

  test('without a region where the fleet has several', async () => {
    await expect(load([HEADER, `${at(0)},one,registry,1`], TWO_REGIONS)).rejects.toThrow(
      'the fleet has 2 regions',
    )
  })

  test('where no row can be placed, with the first such line', async () => {
    await expect(load([HEADER, `${at(0)},stranger,registry,1`])).rejects.toThrow(
      'line 2: the fleet has no replica of registry "stranger" in region "weu"',
    )
    await expect(load([HEADER, 'noon,one,registry,1'])).rejects.toThrow("line 2: its time can't be read")
    await expect(load([HEADER])).rejects.toThrow('it has a header line and no row')
  })

  test('where one wrong time stretches the grid beyond all bounds', async () => {
    const rows = ['2024-01-15T08:00:00Z', '2024-01-15T08:01:00Z', '9024-01-15T08:00:00Z']
    await expect(load([HEADER, ...rows.map((time) => `${time},one,registry,1`)])).rejects.toThrow(
      /from 2024-01-15T08:00:00.000Z to 9024-01-15T08:00:00.000Z .* check the first and last times/,
    )
  })
})

test('of a file of years only the rows that are asked for are kept; a region without any is left out', async () => {
  const years = Array.from({ length: 10 }, (_, year) => `${2014 + year}-06-01T08:00:00Z,one,registry,7`)
  const path = csv(HEADER, ...years, ...[0, 1, 2].map((minute) => `${at(minute)},one,registry,5`))
  const from = Date.parse(at(1))
  const kept = await readLoad(path, { fleet: FLEET, keep: { fromMs: from, toMs: from + 120_000 } })
  expect(kept.get('weu')).toMatchObject({ startMs: from, bins: 2 })
  const none = await readLoad(path, { fleet: FLEET, keep: { fromMs: 0, toMs: 1000 } })
  expect(none.size).toBe(0)
})

test('a replica that is nearly idle is read as one that has a row in every minute, and stays so when it is copied', async () => {
  const minutes = Array.from({ length: 60 }, (_, minute) => minute)
  const busy = minutes.map((minute) => `${at(minute)},two,registry,5`)
  const idle = (minute: number) => (minute === 7 ? 3 : minute === 50 ? 4 : 0)
  const few = await load([HEADER, ...busy, `${at(50)},one,registry,4`, `${at(7)},one,registry,3`])
  const all = await load([
    HEADER,
    ...busy,
    ...minutes.map((minute) => `${at(minute)},one,registry,${idle(minute)}`),
  ])
  expect(few.requests('one')).toEqual(all.requests('one'))
  const series = few.region?.series.find(({ registry }) => registry === 'one')
  expect({ ...series }.requests).toEqual(series?.requests)
  expect(series).toMatchObject({ registry: 'one', role: 'registry', bytes: null })
})
