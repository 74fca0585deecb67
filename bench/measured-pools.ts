import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readCpu } from '../src/adapters/files/read-cpu.ts'
import { binMsOf } from '../src/domain/hot-node.ts'
import type { CpuSamples } from '../src/domain/series.ts'

const DATA = fileURLToPath(new URL('../../shared/data/', import.meta.url))
const GIVEN = process.env.RESTAMP_DATA

/** Measured series, with how many of their machines are taken together for a pool. */
const SOURCES = [
  { file: 'azure-vm-cpu-5min/cpu.csv.gz', nodes: 5 },
  { file: 'azure-vm-cpu-5min/cpu.csv.gz', nodes: 8 },
  { file: 'bitbrains-vm-cpu-5min/cpu.csv.gz', nodes: 5 },
  { file: 'smd-cpu-1min/cpu.csv.gz', nodes: 4 },
] as const

export interface MeasuredPool {
  readonly name: string
  readonly samples: CpuSamples
  readonly binMs: number
  readonly fromMs: number
  readonly toMs: number
}

/** Pools of measured machines; the data are not part of this repository and are read where they lie. */
export async function measuredPools(): Promise<MeasuredPool[]> {
  const folder = GIVEN === undefined ? DATA : `${GIVEN}/`
  if (!existsSync(folder)) {
    throw new Error(`${folder} is not there; name the folder of measured series with RESTAMP_DATA`)
  }
  const pools: MeasuredPool[] = []
  for (const { file, nodes } of SOURCES) {
    const [all] = (await readCpu(`${folder}${file}`)).pools
    if (!all) continue
    const binMs = binMsOf(all.samples)
    for (let first = 0; first + nodes <= all.samples.nodes.length; first += nodes) {
      const samples = someNodes(all.samples, first, nodes)
      const [fromMs, toMs] = spanOf(samples)
      pools.push({
        name: `${file.split('/')[0]} ${first}-${first + nodes - 1}`,
        samples,
        binMs,
        fromMs,
        toMs: toMs + binMs,
      })
    }
  }
  return pools
}

function someNodes(samples: CpuSamples, first: number, count: number): CpuSamples {
  const rows = Uint32Array.from(samples.timesMs.keys()).filter((row) => {
    const node = samples.nodeAt[row] ?? -1
    return node >= first && node < first + count
  })
  return {
    nodes: samples.nodes.slice(first, first + count),
    timesMs: Float64Array.from(rows, (row) => samples.timesMs[row] ?? 0),
    nodeAt: Uint32Array.from(rows, (row) => (samples.nodeAt[row] ?? 0) - first),
    cpuPercent: Float64Array.from(rows, (row) => samples.cpuPercent[row] ?? 0),
    cpuPercentMax: null,
  }
}

function spanOf({ timesMs }: CpuSamples): [number, number] {
  return timesMs.reduce<[number, number]>(
    ([from, to], atMs) => [Math.min(from, atMs), Math.max(to, atMs)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

/** Mean, median and P90 of absolute errors, in points. */
export function errorWords(errors: readonly number[]): string {
  const sizes = errors.map(Math.abs).toSorted((a, b) => a - b)
  const at = (share: number) => (sizes[Math.floor((sizes.length - 1) * share)] ?? 0).toFixed(1).padStart(5)
  const mean = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length)
  return `mean ${mean.toFixed(1).padStart(5)}  median ${at(0.5)}  P90 ${at(0.9)} points  (${sizes.length})`
}
