import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readCpu } from '../../src/adapters/files/read-cpu.ts'
import { binMsOf, findPeakWindow, signalsIn, type Window } from '../../src/domain/hot-node.ts'
import { HOUR_MS } from '../domain/cpu-samples.ts'
import { naiveSignals, type Row } from '../domain/naive-signals.ts'

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const CASES = [
  { file: 'smd-cpu-1min/cpu.csv.gz', binMs: 60_000 },
  { file: 'nezha-workload-1min/cpu.csv.gz', binMs: 60_000, nodePrefix: 'onlineboutique-' },
  { file: 'nezha-workload-1min/cpu.csv.gz', binMs: 60_000, nodePrefix: 'trainticket-' },
  { file: 'pools-cpu-30s/pool_cpu.csv.gz', binMs: 60_000, nodeColumn: 'pool', valueColumn: 'cpu_cores' },
  { file: 'azure-vm-cpu-5min/cpu.csv.gz', binMs: 300_000 },
  { file: 'bitbrains-vm-cpu-5min/cpu.csv.gz', binMs: 300_000 },
  { file: 'nab-aws-cpu-5min/cpu.csv.gz', binMs: 300_000 },
]

/** The rows of a file whose fields are never quoted, by pool, with nothing of the code under test. */
function naiveRows(path: string, nodeColumn = 'node', valueColumn = 'cpu_percent'): Map<string, Row[]> {
  const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const columns = header.split(',')
  const pools = new Map<string, Row[]>()
  for (const line of lines) {
    const fields = line.split(',')
    const field = (name: string) => fields[columns.indexOf(name)] ?? ''
    const pool = field('pool')
    const peak = columns.includes('cpu_percent_max') ? { peak: Number(field('cpu_percent_max')) } : {}
    const rows = pools.get(pool) ?? []
    pools.set(pool, rows)
    rows.push({
      atMs: Date.parse(field('timestamp')),
      node: field(nodeColumn),
      cpu: Number(field(valueColumn)),
      ...peak,
    })
  }
  return pools
}

describe.skipIf(!existsSync(DATA))('measured series, skipped where ../shared/data is not there', () => {
  test.each(CASES)(
    '$file ($#) is judged by its own interval and gives the figures of a plain reading to 1e-9',
    async (one) => {
      const path = `${DATA}${one.file}`
      const rows = naiveRows(path, one.nodeColumn, one.valueColumn)
      const { pools, badTimestamps, brokenRows, lastMs } = await readCpu(path, one)
      expect([badTimestamps, brokenRows, pools.length]).toEqual([0, 0, rows.size])

      for (const { role, samples } of pools.slice(0, 5)) {
        expect(binMsOf(samples)).toBe(one.binMs)
        const own = (rows.get(role ?? '') ?? []).filter(({ node }) => node.startsWith(one.nodePrefix ?? ''))
        const nowMs = (Math.floor((lastMs ?? 0) / one.binMs) + 1) * one.binMs
        const options = { hours: 12, binMs: one.binMs, nowMs, minCoverage: 0.95 }
        const found = findPeakWindow(samples, options)
        const start = Math.floor((own[0]?.atMs ?? 0) / one.binMs) * one.binMs
        const windows = [found, { startMs: start, endMs: start + 6 * HOUR_MS, binMs: one.binMs }]
        for (const window of windows) if (window) expectSame(samples, own, window)
      }
    },
  )
})

function expectSame(samples: Parameters<typeof signalsIn>[0], rows: readonly Row[], window: Window): void {
  const inside = rows.filter(({ atMs }) => atMs >= window.startMs && atMs < window.endMs)
  const expected = naiveSignals(inside, window)
  const { status, counts, coverage, max, hotNodeP95, poolAverage } = signalsIn(samples, window)
  expect({ status, counts, max, presentBins: coverage.presentBins }).toEqual({
    status: expected.status,
    counts: expected.counts,
    max: expected.max,
    presentBins: expected.presentBins,
  })
  expect(Math.abs((hotNodeP95 ?? 0) - (expected.hotNodeP95 ?? 0))).toBeLessThanOrEqual(1e-9)
  expect(Math.abs((poolAverage ?? 0) - (expected.poolAverage ?? 0))).toBeLessThanOrEqual(1e-9)
}
