import type { CpuSamples } from '../domain/series.ts'
import { CHUNK_BINS, type LoadChunk, type PoolLoad } from './pool-load.ts'
import type { PoolScaling } from './pool-scale.ts'
import { nodeName, type PoolSource, samplesBetween } from './pool-source.ts'
import { normalAt, numberOf, unitAt } from './seeded.ts'
import { recordedBin, type Timeline } from './timeline.ts'

/** Standard deviation of a sample about what the files would have it be, percent of its value. */
const NOISE_PERCENT = 0.25
/** Of a node's share of load that came from elsewhere, from minute to minute; percent of it. */
const ARRIVED_NOISE_PERCENT = 4

/** CPU samples of one pool: those of the files to their end, behind it the repeated ones under the load of now. */
export class PoolTelemetry {
  readonly #pool: PoolSource
  readonly #timeline: Timeline
  readonly #load: PoolLoad
  readonly #scaling: PoolScaling
  readonly #skew: (node: number, serving: number) => number
  readonly #heatAt: (atMs: number) => number
  readonly #silentAt: (atMs: number) => boolean
  readonly #seed: number
  readonly #nodes: readonly string[]
  readonly #chunks = new Map<number, CpuSamples>()

  constructor(parts: {
    readonly pool: PoolSource
    readonly timeline: Timeline
    readonly load: PoolLoad
    readonly scaling: PoolScaling
    /** What a node gets of load that came from elsewhere, as a multiple of the mean, by node index and count. */
    readonly skew: (node: number, serving: number) => number
    readonly heatAt: (atMs: number) => number
    readonly silentAt: (atMs: number) => boolean
    readonly seed: number
  }) {
    this.#pool = parts.pool
    this.#timeline = parts.timeline
    this.#load = parts.load
    this.#scaling = parts.scaling
    this.#skew = parts.skew
    this.#heatAt = parts.heatAt
    this.#silentAt = parts.silentAt
    this.#seed = (parts.seed ^ numberOf(`${parts.pool.stamp}/${parts.pool.role}`)) | 0
    const known = parts.pool.repeated.nodes
    const added = Math.max(0, parts.pool.maxNodes - Math.min(known.length, parts.pool.nodesAtEnd))
    this.#nodes = [
      ...known,
      ...Array.from({ length: added }, (_, at) =>
        nodeName(`${parts.pool.stamp}-${parts.pool.role}-added`, at),
      ),
    ]
  }

  /** Samples in [fromMs, toMs). */
  between(fromMs: number, toMs: number): CpuSamples {
    const { endMs, binMs } = this.#timeline
    const chunkMs = CHUNK_BINS * binMs
    const parts = [samplesBetween(this.#pool.recorded, fromMs, Math.min(toMs, endMs))]
    const first = Math.max(0, Math.floor((fromMs - endMs) / chunkMs))
    for (let number = first; endMs + number * chunkMs < toMs; number++) {
      parts.push(samplesBetween(this.#chunk(number), Math.max(fromMs, endMs), toMs))
    }
    return joined(this.#nodes, parts)
  }

  /** Forgets the chunks that hold or follow an instant. */
  forgetFrom(atMs: number): void {
    const from = Math.floor((atMs - this.#timeline.endMs) / (CHUNK_BINS * this.#timeline.binMs))
    for (const number of this.#chunks.keys()) if (number >= from) this.#chunks.delete(number)
  }

  #chunk(number: number): CpuSamples {
    const known = this.#chunks.get(number)
    if (known) return known
    const chunk = this.#compute(number)
    this.#chunks.set(number, chunk)
    return chunk
  }

  #compute(number: number): CpuSamples {
    const load = this.#load.chunk(number)
    const columns = new Columns(this.#pool.repeated.cpuPercentMax !== null)
    for (let at = 0; at < CHUNK_BINS; at++) this.#addBin(columns, number * CHUNK_BINS + at, load)
    return columns.samples(this.#nodes)
  }

  #addBin(columns: Columns, bin: number, load: LoadChunk): void {
    const { startMs, endMs, binMs, bins } = this.#timeline
    const atMs = endMs + bin * binMs
    if (this.#silentAt(atMs)) return
    const recorded = recordedBin(this.#timeline, bins + bin)
    const shiftMs = atMs - (startMs + recorded * binMs)
    const present = this.#pool.nodesPresent[recorded] ?? 0
    if (present === 0 && this.#pool.isRecorded) return

    const nodes = this.#scaling.readyAt(atMs)
    const extra = nodes - this.#pool.nodesAtEnd
    const serving = Math.max(1, present + extra)
    const kept = load.kept[bin % CHUNK_BINS] ?? 1
    const cores = serving * this.#pool.vcpusPerNode * this.#pool.relativeSpeed
    const arrived = (100 * (load.arrived[bin % CHUNK_BINS] ?? 0)) / cores
    const heat = this.#heatAt(atMs)
    const valueAt = (own: number, node: number) => {
      const there = own * (1 + (NOISE_PERCENT / 100) * normalAt(this.#seed, node, bin))
      if (arrived === 0) return there * heat
      const uneven = 1 + (ARRIVED_NOISE_PERCENT / 100) * normalAt(this.#seed, node, bin, 1)
      return (there + arrived * this.#skew(node, serving) * uneven) * heat
    }
    const spread = this.#spread(recorded, extra)
    this.#addRecorded(columns, {
      recorded,
      shiftMs,
      last: spread.last,
      factor: kept * spread.factor,
      valueAt,
    })
    this.#addExtra(columns, { atMs, count: extra, own: spread.ofExtra * kept, valueAt })
  }

  /** How the recorded load lies on the nodes that there are: fewer carry what the others carried, more relieve them. */
  #spread(recorded: number, extra: number): { factor: number; last: number; ofExtra: number } {
    const { average, nodesPresent } = this.#pool
    const present = nodesPresent[recorded] ?? 0
    const mean = average[recorded] ?? 0
    if (extra === 0) return { factor: 1, last: this.#nodes.length, ofExtra: 0 }
    if (extra > 0) {
      if (!this.#pool.isRecorded) return { factor: 1, last: this.#nodes.length, ofExtra: mean }
      const factor = present / (present + extra)
      return { factor, last: this.#nodes.length, ofExtra: mean * factor }
    }
    const means = this.#nodeMeans(recorded)
    const left = means.slice(0, Math.max(1, means.length + extra))
    const sumLeft = left.reduce((sum, [, value]) => sum + value, 0)
    const sum = means.reduce((total, [, value]) => total + value, 0)
    return { factor: sumLeft > 0 ? sum / sumLeft : 1, last: (left.at(-1)?.[0] ?? 0) + 1, ofExtra: 0 }
  }

  /** Nodes with a sample in a recorded bin, in order, each with its mean. */
  #nodeMeans(recorded: number): [node: number, mean: number][] {
    const { repeated, firstSample } = this.#pool
    const sums = new Map<number, { sum: number; count: number }>()
    for (let at = firstSample[recorded] ?? 0; at < (firstSample[recorded + 1] ?? 0); at++) {
      const value = repeated.cpuPercent[at] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const node = repeated.nodeAt[at] ?? 0
      const { sum, count } = sums.get(node) ?? { sum: 0, count: 0 }
      sums.set(node, { sum: sum + value, count: count + 1 })
    }
    return [...sums]
      .map(([node, { sum, count }]): [number, number] => [node, sum / count])
      .toSorted((a, b) => a[0] - b[0])
  }

  #addRecorded(
    columns: Columns,
    bin: {
      readonly recorded: number
      readonly shiftMs: number
      readonly last: number
      readonly factor: number
      readonly valueAt: (own: number, node: number) => number
    },
  ): void {
    const { repeated, firstSample } = this.#pool
    for (let at = firstSample[bin.recorded] ?? 0; at < (firstSample[bin.recorded + 1] ?? 0); at++) {
      const node = repeated.nodeAt[at] ?? 0
      if (node >= bin.last) continue
      const recorded = repeated.cpuPercent[at] ?? Number.NaN
      const value = asShown(bin.valueAt(recorded * bin.factor, node), recorded)
      const greatest = (repeated.cpuPercentMax?.[at] ?? Number.NaN) * (recorded > 0 ? value / recorded : 1)
      columns.add({ timeMs: (repeated.timesMs[at] ?? 0) + bin.shiftMs, node, value, greatest })
    }
  }

  #addExtra(
    columns: Columns,
    bin: {
      readonly atMs: number
      readonly count: number
      readonly own: number
      readonly valueAt: (own: number, node: number) => number
    },
  ): void {
    const known = this.#pool.repeated.nodes.length
    for (let at = 0; at < bin.count && known + at < this.#nodes.length; at++) {
      const uneven = 0.9 + 0.2 * unitAt(this.#seed, known + at, 0, 2)
      const value = asShown(bin.valueAt(bin.own * uneven, known + at), 0)
      columns.add({ timeMs: bin.atMs, node: known + at, value, greatest: Number.NaN })
    }
  }
}

/** To 4 decimals, and no more than a whole node but where the files show more (R5). */
function asShown(value: number, recorded: number): number {
  const greatest = Math.max(100, recorded)
  return Math.round(Math.min(greatest, Math.max(0, value)) * 1e4) / 1e4
}

/** Growing columns of samples. */
class Columns {
  readonly #timesMs: number[] = []
  readonly #nodeAt: number[] = []
  readonly #values: number[] = []
  readonly #greatest: number[] = []
  readonly #withGreatest: boolean

  constructor(withGreatest: boolean) {
    this.#withGreatest = withGreatest
  }

  add(sample: {
    readonly timeMs: number
    readonly node: number
    readonly value: number
    readonly greatest: number
  }): void {
    this.#timesMs.push(sample.timeMs)
    this.#nodeAt.push(sample.node)
    this.#values.push(sample.value)
    this.#greatest.push(sample.greatest)
  }

  samples(nodes: readonly string[]): CpuSamples {
    return {
      nodes,
      timesMs: Float64Array.from(this.#timesMs),
      nodeAt: Uint32Array.from(this.#nodeAt),
      cpuPercent: Float64Array.from(this.#values),
      cpuPercentMax: this.#withGreatest ? Float64Array.from(this.#greatest) : null,
    }
  }
}

function joined(nodes: readonly string[], parts: readonly CpuSamples[]): CpuSamples {
  const length = parts.reduce((sum, part) => sum + part.timesMs.length, 0)
  const timesMs = new Float64Array(length)
  const nodeAt = new Uint32Array(length)
  const cpuPercent = new Float64Array(length)
  const hasMax = parts.some((part) => part.cpuPercentMax !== null)
  const cpuPercentMax = hasMax ? new Float64Array(length).fill(Number.NaN) : null
  let at = 0
  for (const part of parts) {
    timesMs.set(part.timesMs, at)
    nodeAt.set(part.nodeAt, at)
    cpuPercent.set(part.cpuPercent, at)
    if (part.cpuPercentMax) cpuPercentMax?.set(part.cpuPercentMax, at)
    at += part.timesMs.length
  }
  return { nodes, timesMs, nodeAt, cpuPercent, cpuPercentMax }
}
