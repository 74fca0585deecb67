import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGunzip, gzipSync } from 'node:zlib'
import { readCpu } from '../src/adapters/files/read-cpu.ts'
import { findPeakWindow, signalsIn } from '../src/domain/hot-node.ts'
import type { CpuSamples } from '../src/domain/series.ts'

const NODES = 10_000
const MINUTES = 720
const CSV_NODES = 1_000
const ROUNDS = 7
const START_MS = Date.UTC(2024, 0, 15, 8)
const WINDOW = { startMs: START_MS, endMs: START_MS + MINUTES * 60_000, binMs: 60_000 }

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

/** Numbers that repeat from run to run: a linear congruence. */
function percents(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state % 100_000) / 1000
  }
}

function columns(): CpuSamples {
  const next = percents()
  const rows = NODES * MINUTES
  const nodes = Array.from({ length: NODES }, (_, n) => `node-${n}`)
  const timesMs = Float64Array.from({ length: rows }, (_, i) => START_MS + Math.floor(i / NODES) * 60_000)
  const nodeAt = Uint32Array.from({ length: rows }, (_, i) => i % NODES)
  return {
    nodes,
    timesMs,
    nodeAt,
    cpuPercent: Float64Array.from({ length: rows }, next),
    cpuPercentMax: null,
  }
}

function csv(): string {
  const next = percents()
  const lines = Array.from({ length: CSV_NODES * MINUTES }, (_, i) => {
    const time = new Date(START_MS + Math.floor(i / CSV_NODES) * 60_000).toISOString().replace('.000Z', 'Z')
    return `${time},westeurope,weu-01,dataproxy,node-${i % CSV_NODES},${next()}`
  })
  return ['timestamp,region,stamp,pool,node,cpu_percent', ...lines, ''].join('\n')
}

async function inMemory(): Promise<void> {
  const samples = columns()
  const plain = await leastMs(() => plainPass(samples))
  const signals = await leastMs(() => signalsIn(samples, WINDOW))
  const nowMs = WINDOW.endMs
  const peak = await leastMs(() =>
    findPeakWindow(samples, { hours: 6, binMs: 60_000, nowMs, minCoverage: 0.95 }),
  )
  console.log(
    `${samples.timesMs.length} samples in columns: signals ${signals.toFixed(0)} ms, peak window ${peak.toFixed(0)} ms`,
  )
  console.log(
    `  one plain pass to the hottest of each bin ${plain.toFixed(0)} ms: signals take ${(signals / plain).toFixed(1)}x of it`,
  )
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

async function fromFiles(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-bench-'))
  try {
    const text = csv()
    const [plain, packed] = [join(folder, 'cpu.csv'), join(folder, 'cpu.csv.gz')]
    writeFileSync(plain, text)
    writeFileSync(packed, gzipSync(text))
    const unpack = await leastMs(async () => {
      for await (const _ of createReadStream(packed).pipe(createGunzip({ chunkSize: 262_144 })));
    })
    for (const [name, path] of [
      ['CSV', plain],
      ['gzip CSV', packed],
    ] as const) {
      const ms = await leastMs(() => readCpu(path))
      const rows = CSV_NODES * MINUTES
      console.log(
        `${name}, ${rows} rows: ${ms.toFixed(0)} ms, ${(rows / ms / 1000).toFixed(2)} million rows/s, ${(text.length / ms / 1000).toFixed(0)} MB/s, ${(ms / unpack).toFixed(1)}x of unpacking alone`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await inMemory()
await fromFiles()
