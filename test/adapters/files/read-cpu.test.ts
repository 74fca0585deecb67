import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readCpu } from '../../../src/adapters/files/read-cpu.ts'
import { aFolder } from './written.ts'

const { csv, gzip, write } = aFolder()
const T8 = Date.UTC(2024, 0, 15, 8)
const HOUR_MS = 3_600_000

const values = (column: Float64Array | null | undefined) => [...(column ?? [])]

test('columns may come in any order, unknown ones are ignored', async () => {
  const path = csv(
    'note,cpu_percent,node,pool,stamp,region,timestamp',
    'x,43.5,n1,dataproxy,weu-01,westeurope,2024-01-15T08:00:00Z',
    'y,12,n2,dataproxy,weu-01,westeurope,2024-01-15T08:00:00Z',
    'z,7,n1,registry,weu-01,westeurope,2024-01-15T09:01:00+01:00',
  )
  const { pools, rows, badTimestamps, brokenRows, lastMs } = await readCpu(path)

  expect(pools).toEqual([
    {
      region: 'westeurope',
      stamp: 'weu-01',
      role: 'dataproxy',
      samples: {
        nodes: ['n1', 'n2'],
        timesMs: Float64Array.of(T8, T8),
        nodeAt: Uint32Array.of(0, 1),
        cpuPercent: Float64Array.of(43.5, 12),
        cpuPercentMax: null,
      },
    },
    {
      region: 'westeurope',
      stamp: 'weu-01',
      role: 'registry',
      samples: {
        nodes: ['n1'],
        timesMs: Float64Array.of(T8 + 60_000),
        nodeAt: Uint32Array.of(0),
        cpuPercent: Float64Array.of(7),
        cpuPercentMax: null,
      },
    },
  ])
  expect({ rows, badTimestamps, brokenRows, lastMs }).toEqual({
    rows: 3,
    badTimestamps: 0,
    brokenRows: 0,
    lastMs: T8 + 60_000,
  })
})

test('three columns are enough for a single pool, whose place is then null', async () => {
  const { pools } = await readCpu(gzip('timestamp,node,cpu_percent\n2024-01-15T08:00:00Z,n1,5\n'))
  expect(pools[0]).toMatchObject({ region: null, stamp: null, role: null })
  expect(values(pools[0]?.samples.cpuPercent)).toEqual([5])
})

test('another node or value column can be named', async () => {
  const path = csv('timestamp,vm,load', '2024-01-15T08:00:00Z,n1,5')
  const { pools } = await readCpu(path, { nodeColumn: 'vm', valueColumn: 'load' })
  expect(pools[0]?.samples).toMatchObject({ nodes: ['n1'], cpuPercent: Float64Array.of(5) })
})

test('the interval maximum is read beside the average', async () => {
  const path = csv('timestamp,node,cpu_percent,cpu_percent_max', '0,n1,5,50', '60,n1,6,', '120,n1,,70')
  const samples = (await readCpu(path)).pools[0]?.samples
  expect(values(samples?.cpuPercent)).toEqual([5, 6, Number.NaN])
  expect(values(samples?.cpuPercentMax)).toEqual([50, Number.NaN, 70])
})

test('what is no sample stays in its row as missing, never as zero', async () => {
  const given = ['', 'null', 'NaN', 'inf', '-1', 'busy', '0']
  const path = csv('timestamp,node,cpu_percent', ...given.map((value, n) => `${n * 60},n1,${value}`))
  const samples = (await readCpu(path)).pools[0]?.samples
  expect(values(samples?.cpuPercent)).toEqual([...Array(6).fill(Number.NaN), 0])
})

test('a row whose time can not be read is left out and counted, also of nodes that were not chosen', async () => {
  const path = csv(
    'timestamp,node,cpu_percent',
    '60,n1,1',
    'soon,n1,2',
    '2024-02-30T00:00:00Z,n2,3',
    '120,n1,4',
  )
  const { pools, badTimestamps, rows } = await readCpu(path, { nodes: ['n1'] })
  expect(values(pools[0]?.samples.cpuPercent)).toEqual([1, 4])
  expect([badTimestamps, rows]).toEqual([2, 2])
})

test('rows without a node, with stray quotes or with values behind the last column are left out and counted', async () => {
  const path = csv('timestamp,node,cpu_percent', '60,,1', '60,"n"1,2', '60,n1,3,4', '60,n1,5', '120,n1')
  const { pools, brokenRows } = await readCpu(path)
  expect(values(pools[0]?.samples.cpuPercent)).toEqual([5, Number.NaN])
  expect(brokenRows).toBe(3)
})

describe('choosing nodes', () => {
  const path = csv('timestamp,node,cpu_percent', '60,web-1,1', '60,web-2,2', '60,db-1,3')
  test.each([
    [{ nodePrefix: 'web-' }, [1, 2]],
    [{ nodes: ['web-2', 'db-1'] }, [2, 3]],
    [{ nodePrefix: 'web-', nodes: ['web-2', 'db-1'] }, [2]],
  ])('by %j', async (options, expected) => {
    expect(values((await readCpu(path, options)).pools[0]?.samples.cpuPercent)).toEqual(expected)
  })

  test('none leaves no pool, and tells the nodes that there are', async () => {
    const file = await readCpu(path, { nodePrefix: 'mail' })
    expect(file).toMatchObject({ pools: [], lastMs: null, nodesInFile: ['web-1', 'web-2', 'db-1'] })
  })
})

describe('keeping only what is needed', () => {
  const minutes = Array.from({ length: 5000 }, (_, n) => `${n * 60},n${n % 3},${n}`)
  const header = 'timestamp,node,cpu_percent'

  test('the last hours before the end of the data, in whatever order the rows come', async () => {
    for (const lines of [minutes, minutes.toReversed()]) {
      const { pools, lastMs, rows } = await readCpu(csv(header, ...lines), { keep: { lastMs: HOUR_MS } })
      expect(values(pools[0]?.samples.cpuPercent).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 61 }, (_, n) => 4939 + n),
      )
      expect([lastMs, rows]).toEqual([4999 * 60_000, 5000])
    }
  })

  test('the end of the data is the last sample, not a row without one', async () => {
    const { lastMs } = await readCpu(csv(header, '60,n1,5', '600,n1,'))
    expect(lastMs).toBe(60_000)
    expect((await readCpu(csv(header, '600,n1,'))).lastMs).toBe(600_000)
  })

  test('a span of time, half-open; a pool without a row in it is there all the same', async () => {
    const keep = { fromMs: 60_000, toMs: 180_000 }
    const { pools } = await readCpu(csv(header, ...minutes), { keep })
    expect(values(pools[0]?.samples.cpuPercent)).toEqual([1, 2])
    expect((await readCpu(csv(header, '600,n1,5'), { keep })).pools).toHaveLength(1)
  })
})

test('thousands of nodes with names much alike are told apart', async () => {
  const names = Array.from({ length: 5000 }, (_, n) => `node-${(n * 7919) % 5000}`)
  const rows = [0, 60, 120].flatMap((at) => names.map((name) => `${at},${name},${name.slice(5)}`))
  const samples = (await readCpu(csv('timestamp,node,cpu_percent', ...rows))).pools[0]?.samples
  expect(samples?.nodes).toEqual(names)
  for (const [row, node] of (samples?.nodeAt ?? []).entries()) {
    expect(samples?.nodes[node]).toBe(`node-${samples?.cpuPercent[row]}`)
  }
})

describe('a file that can not be used is refused', () => {
  test.each([
    ['time,node,cpu_percent', 'no column "timestamp" among time, node, cpu_percent'],
    ['timestamp,vm,cpu_percent', 'no column "node" among .*--node-column'],
    ['timestamp,node,cpu', 'no column "cpu_percent" among .*--value-column'],
  ])('with the header %s', async (header, words) => {
    await expect(readCpu(csv(header, '60,a,1'))).rejects.toThrow(new RegExp(`line 1: found ${words}`))
  })

  test('with a header alone', async () => {
    await expect(readCpu(csv('timestamp,node,cpu_percent'))).rejects.toThrow('has a header line and no row')
  })

  test('where no row has a time that can be read, with the first such line', async () => {
    const path = csv('timestamp,node,cpu_percent', '', 'monday,n1,1', 'tuesday,n1,2')
    await expect(readCpu(path)).rejects.toThrow(
      /line 3: none of its 2 rows can be used; expected times such as/,
    )
  })

  test('when its gzip is cut off', async () => {
    const rows = Array.from({ length: 9000 }, (_, n) => `${n * 60},n1,${Math.sin(n) + 1}\n`).join('')
    const whole = gzipSync(`timestamp,node,cpu_percent\n${rows}`)
    const path = write('cpu.csv.gz', whole.subarray(0, whole.length - 100))
    await expect(readCpu(path)).rejects.toMatchObject({
      name: 'FileRefused',
      message: /cut off.*after line \d+/,
    })
  })
})
