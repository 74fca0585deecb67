import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { CliIo } from '../../src/cli/io.ts'
import { createSignalsCommand } from '../../src/cli/signals.ts'
import { aFolder } from '../adapters/files/written.ts'

const { csv, folder, gzip, write } = aFolder()
const HEADER = 'timestamp,region,stamp,pool,node,cpu_percent'
const PLACE = 'westeurope,weu-01,dataproxy'

const time = (minute: number) =>
  new Date(Date.UTC(2024, 0, 15, 8, minute)).toISOString().replace('.000Z', 'Z')
/** A node's rows, a minute apart from eight o'clock on. */
const minutes = (count: number, value: number | ((minute: number) => unknown), place = PLACE, node = 'n1') =>
  Array.from(
    { length: count },
    (_, minute) => `${time(minute)},${place},${node},${typeof value === 'number' ? value : value(minute)}`,
  )

async function signals(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  let exitCode = 0
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    interactive: false,
    colors: false,
    leaving: new AbortController().signal,
    nowMs: () => 0,
    pause: async () => {},
    exit: (code) => {
      exitCode = code
    },
  }
  await createSignalsCommand(io).exitOverride().parseAsync(args, { from: 'user' })
  return { out: out.join(''), err: err.join(''), exitCode }
}

async function json(...args: string[]) {
  const { out, err } = await signals(...args, '--json')
  return { pools: JSON.parse(out), err }
}

test('with --json one document of exactly the agreed shape is printed, and no words', async () => {
  const path = gzip([HEADER, ...minutes(720, (n) => (n === 182 ? 96 : 43))].join('\n'))
  const { pools, err } = await json(path, '--start', '2024-01-15T08:00:00Z')

  expect(pools).toStrictEqual([
    {
      region: 'westeurope',
      stamp: 'weu-01',
      pool: 'dataproxy',
      status: 'ok',
      window: { start: '2024-01-15T08:00:00Z', end: '2024-01-15T20:00:00Z', binSeconds: 60 },
      hotNodeP95: 43,
      poolAverage: (43 * 719 + 96) / 720,
      max: { value: 96, node: 'n1', at: '2024-01-15T11:02:00Z' },
      coverage: { expectedBins: 720, presentBins: 720, minimum: 0.95 },
      counts: {
        nodes: 1,
        samples: 720,
        nulls: 0,
        over100: 0,
        duplicates: 0,
        conflicts: 0,
        badTimestamps: 0,
      },
    },
  ])
  expect(err).toBe('')
})

test('a file without places gives one pool whose place is null', async () => {
  const rows = Array.from({ length: 60 }, (_, n) => `${time(n)},n1,5`)
  const { pools } = await json(csv('timestamp,node,cpu_percent', ...rows), '--hours', '1')
  expect(pools).toMatchObject([{ region: null, stamp: null, pool: null, status: 'ok' }])
})

test('every pool is judged, in an order that does not depend on the rows', async () => {
  const rows = ['weu,b,registry', 'weu,a,registry', 'neu,z,registry', 'weu,a,dataproxy'].flatMap((place) =>
    minutes(60, 5, place),
  )
  const places = async (lines: string[]) => {
    const { pools } = await json(csv(HEADER, ...lines), '--hours', '1')
    return pools.map((one: Record<string, string>) => `${one.region},${one.stamp},${one.pool}`)
  }
  const sorted = ['neu,z,registry', 'weu,a,dataproxy', 'weu,a,registry', 'weu,b,registry']
  expect(await places(rows)).toEqual(sorted)
  expect(await places(rows.toReversed())).toEqual(sorted)
})

test('without --start the hottest window of the last 24 hours is found', async () => {
  const path = csv(HEADER, ...minutes(2880, (n) => (n < 100 || (n >= 2000 && n < 2060) ? 90 : 20)))
  const { pools } = await json(path, '--hours', '1')
  expect(pools[0]).toMatchObject({
    window: { start: '2024-01-16T17:20:00Z', end: '2024-01-16T18:20:00Z' },
    hotNodeP95: 90,
  })
})

test('a pool that fell silent is not judged by its better days', async () => {
  const { pools } = await json(
    csv(HEADER, ...minutes(2880, 5, 'weu,a,registry'), ...minutes(720, 99, 'weu,b,registry')),
  )
  expect(pools).toMatchObject([
    { stamp: 'a', status: 'ok' },
    { stamp: 'b', status: 'no-data', hotNodeP95: null, poolAverage: null, max: null },
  ])
})

test('with too little data the latest window is shown and is not enough', async () => {
  const { pools, err } = await json(csv(HEADER, ...minutes(300, 50)))
  expect(pools[0]).toMatchObject({
    status: 'insufficient-coverage',
    window: { start: '2024-01-15T01:00:00Z', end: '2024-01-15T13:00:00Z' },
    hotNodeP95: 50,
    coverage: { expectedBins: 720, presentBins: 300 },
  })
  expect(err).toContain('westeurope / weu-01 / dataproxy: 300 of 720 bins have a sample, 95 % are needed')
})

test('five-minute data in one-minute bins are refused with a hint that helps', async () => {
  const path = csv(HEADER, ...minutes(1440, 50).filter((_, n) => n % 5 === 0))
  const { pools, err } = await json(path)
  expect(pools[0].status).toBe('insufficient-coverage')
  expect(err).toContain('a sample every 300 s: --bin 300')
  expect((await json(path, '--bin', '300')).pools[0]).toMatchObject({
    status: 'ok',
    window: { binSeconds: 300 },
    coverage: { expectedBins: 144, presentBins: 144 },
  })
})

test('a window without data has no figures', async () => {
  const { pools } = await json(csv(HEADER, ...minutes(60, 5)), '--start', '2024-02-01T00:00:00Z')
  expect(pools[0]).toMatchObject({ status: 'no-data', hotNodeP95: null, counts: { nodes: 0, samples: 0 } })
})

test('rows outside the window count for nothing but badTimestamps', async () => {
  const path = csv(
    HEADER,
    ...minutes(120, (n) => (n === 90 ? -1 : n === 10 ? 'busy' : 5)),
    `soon,${PLACE},n1,5`,
  )
  const { pools, err } = await json(path, '--start', time(0), '--hours', '1')
  expect(pools[0].counts).toMatchObject({ samples: 59, nulls: 1, badTimestamps: 1 })
  expect(err).toContain('1 rows were left out')
})

describe('choosing', () => {
  const path = csv(
    'timestamp,pool,vm,load',
    ...Array.from({ length: 60 }, (_, n) =>
      ['registry,r1,10', 'registry,r2,20', 'dataproxy,d1,90'].map((rest) => `${time(n)},${rest}`),
    ).flat(),
  )
  const columns = [path, '--hours', '1', '--node-column', 'vm', '--value-column', 'load']
  const figures = async (...args: string[]) =>
    (await json(...columns, ...args)).pools.map((one: Record<string, unknown>) => [one.pool, one.hotNodeP95])

  test.each([
    [
      [],
      [
        ['dataproxy', 90],
        ['registry', 20],
      ],
    ],
    [['--pool', 'registry'], [['registry', 20]]],
    [
      ['--nodes', 'r1,d1'],
      [
        ['dataproxy', 90],
        ['registry', 10],
      ],
    ],
    [['--node-prefix', 'r'], [['registry', 20]]],
  ])('by %j', async (args, expected) => {
    expect(await figures(...args)).toEqual(expected)
  })

  test('what is not there is refused, naming what there is', async () => {
    await expect(figures('--pool', 'cache')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('has no pool "cache"; it has registry, dataproxy'),
    })
    await expect(figures('--node-prefix', 'x')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('none of the chosen nodes; it has r1, r2, d1'),
    })
  })
})

test('--percentile and --min-coverage are those that were asked for', async () => {
  const path = csv(HEADER, ...minutes(30, (n) => n + 1))
  const { pools } = await json(path, '--hours', '1', '--percentile', '50', '--min-coverage', '0.5')
  expect(pools[0]).toMatchObject({ status: 'ok', hotNodeP95: 15.5, coverage: { minimum: 0.5 } })
})

describe('--fail-on hot', () => {
  const hour = (value: number) => [csv(HEADER, ...minutes(60, value)), '--hours', '1', '--fail-on', 'hot']

  test.each([
    [70, 1],
    [69.9, 0],
  ])('with every minute at %d ends with %d', async (value, exitCode) => {
    expect((await signals(...hour(value))).exitCode).toBe(exitCode)
    expect((await signals(...hour(value), '--json')).exitCode).toBe(exitCode)
  })

  test('a Max of 96 alone does not fail', async () => {
    const path = csv(HEADER, ...minutes(60, (n) => (n === 5 ? 96 : 43)))
    expect((await signals(path, '--hours', '1', '--fail-on', 'hot')).exitCode).toBe(0)
  })

  test('missing data is never health', async () => {
    const path = csv(HEADER, ...minutes(30, 5))
    expect((await signals(path, '--hours', '1', '--fail-on', 'hot')).exitCode).toBe(1)
    expect((await signals(path, '--hours', '1')).exitCode).toBe(0)
  })
})

describe('the table', () => {
  test('shows the three figures side by side and what each would have decided', async () => {
    const cold = Array.from({ length: 7 }, (_, n) => minutes(60, 6, PLACE, `cold-${n}`)).flat()
    const { out } = await signals(csv(HEADER, ...cold, ...minutes(60, 72, PLACE, 'warm')), '--hours', '1')
    const [head, , row] = out.split('\n')
    expect(head).toMatch(/pool +average +Max +hot-node P95 +average says +Max says +hot-node P95 says +bins/)
    expect(row).toMatch(
      /westeurope \/ weu-01 \/ dataproxy +14\.3 % +72\.0 % +72\.0 % +cool +hot +hot +60\/60/,
    )
  })

  test('puts figures to the right', async () => {
    const path = csv(HEADER, ...minutes(60, 5, 'weu,a,registry'), ...minutes(60, 104.26, 'weu,b,registry'))
    const [, , a, b] = (await signals(path, '--hours', '1')).out.split('\n')
    expect(a?.indexOf('5.0 %')).toBe((b?.indexOf('104.3 %') ?? 0) + 2)
  })

  test('says plainly what is missing', async () => {
    const path = csv(HEADER, ...minutes(60, 5, 'weu,a,registry'), ...minutes(30, 80, 'weu,b,registry'))
    const { out } = await signals(path, '--hours', '1', '--start', time(0))
    expect(out).toMatch(/weu \/ b \/ registry +\(80\.0 %\) +\(80\.0 %\) +\(80\.0 %\) +too little data/)
    const none = await signals(path, '--start', '2030-01-01T00:00:00Z')
    expect(none.out).toMatch(/no data +no data +no data +too little data/)
  })
})

describe('wrong usage ends with code 2 and a sentence', () => {
  const path = csv(HEADER, ...minutes(60, 5))
  test.each([
    [['--hours', 'many'], '--hours: expected a number'],
    [['--hours', '0'], '--hours: '],
    [['--hours', '0.51'], '--hours 0.51 is no multiple of the bin of 60 s'],
    [['--hours', '36'], '--hours 36: a peak window is found within the last 24 h; give its --start'],
    [['--bin', '0'], '--bin: '],
    [['--bin', '1.5'], '--bin: expected whole seconds'],
    [['--start', 'noon'], '--start: expected a time such as 2019-01-15T08:00:00Z'],
    [['--start', '2024-01-15T08:00:30Z'], 'the last bin before it starts at 2024-01-15T08:00:00.000Z'],
    [['--percentile', '101'], '--percentile: '],
    [['--min-coverage', '1.5'], '--min-coverage: '],
    [['--nodes', ','], '--nodes: expected names'],
    [['--fail-on', 'warm'], '--fail-on: expected hot'],
  ])('%j', async (args, words) => {
    await expect(signals(path, ...args)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(words),
    })
  })

  test('a broken file is named with its line', async () => {
    const whole = gzipSync([HEADER, ...minutes(5000, (n) => Math.abs(Math.sin(n)))].join('\n'))
    const cut = write('cut.csv.gz', whole.subarray(0, whole.length / 2))
    await expect(signals(cut)).rejects.toMatchObject({ name: 'FileRefused', message: /after line \d+/ })
    await expect(signals(csv('a,b', '1,2'))).rejects.toMatchObject({ message: /line 1: found no column/ })
    await expect(signals(`${folder}/none.csv`)).rejects.toMatchObject({ name: 'FileRefused' })
  })
})

test('a start without a zone is local time of --zone, whatever the season', async () => {
  const path = csv(HEADER, ...minutes(60, 5))
  const start = async (...args: string[]) => (await json(path, '--hours', '1', ...args)).pools[0].window.start
  const inAmsterdam = ['--zone', 'Europe/Amsterdam']
  expect(await start('--start', '2024-01-15T09:00', ...inAmsterdam)).toBe('2024-01-15T08:00:00Z')
  expect(await start('--start', '2024-07-15T09:00', ...inAmsterdam)).toBe('2024-07-15T07:00:00Z')
})

test.each([
  [['--zone', 'Europe/Amsterdam'], 'give a --start too'],
  [['--start', '2024-01-15T09:00Z', '--zone', 'Europe/Amsterdam'], 'has a zone of its own'],
  [['--start', '2024-01-15T09:00', '--zone', 'Mars/Olympus'], 'expected a time zone such as'],
])('%j is refused: %s', async (args, words) => {
  await expect(signals(csv(HEADER, ...minutes(60, 5)), ...args)).rejects.toThrow(words)
})
