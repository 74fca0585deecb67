import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { readCpu } from '../src/adapters/files/read-cpu.ts'
import { findPeakWindow, signalsIn } from '../src/domain/hot-node.ts'
import type { CpuSamples } from '../src/domain/series.ts'

const NODES = 10_000
const MINUTES = 720
const CSV_NODES = 1_000
const ROUNDS = 5
const START_MS = Date.UTC(2024, 0, 15, 8)
const WINDOW = { startMs: START_MS, endMs: START_MS + MINUTES * 60_000, binMs: 60_000 }
/** A prime that spreads the values; both sides reckon them by the same formula. */
const SPREAD = 7919
const VALUES = 100_000

/** The rules as far as SQL says them in one go: R1, R2, R4, R7 to R11, and Max without its place. */
const QUERY = `
  WITH averages AS (
    SELECT at_ms // 60000 AS bin, node, avg(cpu) AS average, max(cpu) AS greatest FROM cpu
    WHERE at_ms >= ${START_MS} AND at_ms < ${WINDOW.endMs} AND isfinite(cpu) AND cpu >= 0 GROUP BY bin, node
  ), bins AS (
    SELECT bin, max(average) AS hot, avg(average) AS pool, max(greatest) AS greatest FROM averages GROUP BY bin
  )
  SELECT quantile_cont(hot, 0.95) AS p95, avg(pool) AS pool, max(greatest) AS greatest, count(*) AS bins FROM bins`

/** CPU time in ms, the least of several rounds: what else the machine does must not count. */
async function leastMs(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}

function columns(): CpuSamples {
  const rows = NODES * MINUTES
  return {
    nodes: Array.from({ length: NODES }, (_, n) => `node-${n}`),
    timesMs: Float64Array.from({ length: rows }, (_, i) => START_MS + Math.floor(i / NODES) * 60_000),
    nodeAt: Uint32Array.from({ length: rows }, (_, i) => i % NODES),
    cpuPercent: Float64Array.from({ length: rows }, (_, i) => ((i * SPREAD) % VALUES) / 1000),
    cpuPercentMax: null,
  }
}

async function inMemory(duck: DuckDBConnection): Promise<void> {
  const samples = columns()
  const plain = await leastMs(() => plainPass(samples))
  const ours = await leastMs(() => signalsIn(samples, WINDOW))
  const peak = await leastMs(() =>
    findPeakWindow(samples, { hours: 6, binMs: 60_000, nowMs: WINDOW.endMs, minCoverage: 0.95 }),
  )
  await duck.run(`CREATE TABLE cpu AS
    SELECT (${START_MS} + (i // ${NODES}) * 60000)::BIGINT AS at_ms, (i % ${NODES})::INTEGER AS node,
      ((i * ${SPREAD}) % ${VALUES}) / 1000.0::DOUBLE AS cpu
    FROM range(${NODES * MINUTES}) AS r(i)`)
  const theirs = await leastMs(() => duck.runAndReadAll(QUERY))
  await expectEqual(duck, samples)
  console.log(
    `${samples.timesMs.length} samples in columns to hot-node P95, pool average and Max: ${ours.toFixed(0)} ms; peak window ${peak.toFixed(0)} ms`,
  )
  console.log(
    `  one plain pass to the hottest of each bin ${plain.toFixed(0)} ms: ${(ours / plain).toFixed(1)}x of it`,
  )
  console.log(
    `  DuckDB's query over the same table, threads=1: ${theirs.toFixed(0)} ms; ours is ${(theirs / ours).toFixed(1)}x as fast (at least 10x wanted)`,
  )
  await duck.run('DROP TABLE cpu')
}

/** A comparison of speed means nothing where the answers differ. */
async function expectEqual(duck: DuckDBConnection, samples: CpuSamples): Promise<void> {
  const [row] = (await duck.runAndReadAll(QUERY)).getRowObjectsJS()
  const { hotNodeP95, poolAverage, max } = signalsIn(samples, WINDOW)
  const pairs = [
    [hotNodeP95, row?.p95],
    [poolAverage, row?.pool],
    [max?.value, row?.greatest],
  ]
  for (const [ours, theirs] of pairs) {
    if (!(Math.abs(Number(ours) - Number(theirs)) <= 1e-9))
      throw new Error(`${ours} is not DuckDB's ${theirs}`)
  }
}

/** The least that any answer needs: each sample to its bin, the greatest kept. */
function plainPass({ timesMs, cpuPercent }: CpuSamples): Float64Array {
  const hot = new Float64Array(MINUTES)
  for (let i = 0; i < timesMs.length; i += 1) {
    const bin = Math.floor(((timesMs[i] ?? 0) - START_MS) / 60_000)
    const value = cpuPercent[i] ?? 0
    if (value > (hot[bin] ?? 0)) hot[bin] = value
  }
  return hot
}

function csv(): string {
  const lines = Array.from({ length: CSV_NODES * MINUTES }, (_, i) => {
    const time = new Date(START_MS + Math.floor(i / CSV_NODES) * 60_000).toISOString().replace('.000Z', 'Z')
    return `${time},westeurope,weu-01,dataproxy,node-${i % CSV_NODES},${((i * SPREAD) % VALUES) / 1000}`
  })
  return ['timestamp,region,stamp,pool,node,cpu_percent', ...lines, ''].join('\n')
}

async function fromFiles(duck: DuckDBConnection): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-bench-'))
  const rows = CSV_NODES * MINUTES
  try {
    const text = csv()
    const paths = { CSV: join(folder, 'cpu.csv'), 'gzip CSV': join(folder, 'cpu.csv.gz') }
    writeFileSync(paths.CSV, text)
    writeFileSync(paths['gzip CSV'], gzipSync(text))
    for (const [name, path] of Object.entries(paths)) {
      const ours = await leastMs(async () => {
        const [pool] = (await readCpu(path)).pools
        if (pool) signalsIn(pool.samples, WINDOW)
      })
      const theirs = await leastMs(async () => {
        await duck.run(`CREATE OR REPLACE TABLE file AS SELECT * FROM read_csv('${path}')`)
      })
      console.log(
        `${name}, ${rows} rows, to hot-node P95: ${ours.toFixed(0)} ms, ${(text.length / ours / 1000).toFixed(0)} MB/s`,
      )
      console.log(
        `  DuckDB reading it into a table, threads=1: ${theirs.toFixed(0)} ms; ours is ${(theirs / ours).toFixed(2)}x as fast (at least 0.5x wanted of gzip)`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
const duck = await instance.connect()
await inMemory(duck)
await fromFiles(duck)
duck.closeSync()
instance.closeSync()
