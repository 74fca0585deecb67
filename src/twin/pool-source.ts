import type { CpuSamples } from '../domain/series.ts'
import type { Timeline } from './timeline.ts'
import type { FilePool } from './twin-files.ts'

/** CPU of a node that does nothing, for pools of which the files hold no sample. Percent. */
const IDLE_PERCENT = 2

/** What the files say of one pool, laid out for repeating it bin by bin. Nodes are in code point order. */
export interface PoolSource {
  readonly stamp: string
  readonly role: string
  readonly vcpusPerNode: number
  readonly relativeSpeed: number
  readonly minNodes: number
  readonly maxNodes: number
  /** Nodes at the end of the files. */
  readonly nodesAtEnd: number
  /** Whether the files hold samples of the pool. */
  readonly isRecorded: boolean
  /** The files' own samples, in order of time. */
  readonly recorded: CpuSamples
  /** What is repeated behind the files' end: `recorded`, or idle nodes where there is none. */
  readonly repeated: CpuSamples
  /** For each recorded bin where its samples begin in `repeated`; one entry more than there are bins. */
  readonly firstSample: Uint32Array
  /** For each recorded bin the mean over its nodes' means, percent; NaN without a sample. */
  readonly average: Float64Array
  /** For each recorded bin the nodes with a sample. */
  readonly nodesPresent: Uint16Array
  /** Each node's mean CPU over the pool's, by index in `repeated.nodes`. */
  readonly nodeSkew: Float64Array
}

export function poolSource(file: FilePool, timeline: Timeline): PoolSource {
  const { pool } = file
  const recorded = file.samples ? inOrder(file.samples) : NO_SAMPLES
  const isRecorded = recorded.timesMs.length > 0
  const repeated = isRecorded ? recorded : idleNodes(`${file.stamp}-${pool.role}`, pool.nodes, timeline)
  const firstSample = firstSamples(repeated, timeline)
  return {
    stamp: file.stamp,
    role: pool.role,
    vcpusPerNode: pool.vcpusPerNode,
    relativeSpeed: pool.relativeSpeed,
    minNodes: pool.minNodes,
    maxNodes: pool.maxNodes,
    nodesAtEnd: pool.nodes,
    isRecorded,
    recorded,
    repeated,
    firstSample,
    ...binFigures(repeated, firstSample, timeline.bins),
    // An idle pool may have no node yet: what its nodes would show is known all the same.
    ...(isRecorded ? {} : { average: new Float64Array(timeline.bins).fill(IDLE_PERCENT) }),
  }
}

/** The columns in [fromMs, toMs) of samples that are in order of time. */
export function samplesBetween(samples: CpuSamples, fromMs: number, toMs: number): CpuSamples {
  const from = firstAtOrAfter(samples.timesMs, fromMs)
  const to = Math.max(from, firstAtOrAfter(samples.timesMs, toMs))
  return {
    nodes: samples.nodes,
    timesMs: samples.timesMs.subarray(from, to),
    nodeAt: samples.nodeAt.subarray(from, to),
    cpuPercent: samples.cpuPercent.subarray(from, to),
    cpuPercentMax: samples.cpuPercentMax?.subarray(from, to) ?? null,
  }
}

export const NO_SAMPLES: CpuSamples = {
  nodes: [],
  timesMs: new Float64Array(0),
  nodeAt: new Uint32Array(0),
  cpuPercent: new Float64Array(0),
  cpuPercentMax: null,
}

/** By time, keeping the input's order within an instant (the last of equal instants wins, R6); nodes by name. */
function inOrder(samples: CpuSamples): CpuSamples {
  const nodes = samples.nodes.toSorted((a, b) => (a < b ? -1 : 1))
  const places = new Map(nodes.map((node, at) => [node, at]))
  const placeOf = Uint32Array.from(samples.nodes, (node) => places.get(node) ?? 0)
  const order = Uint32Array.from(samples.timesMs.keys())
  if (!isSorted(samples.timesMs)) {
    order.sort((a, b) => (samples.timesMs[a] ?? 0) - (samples.timesMs[b] ?? 0) || a - b)
  }
  const pick = (column: Float64Array) => Float64Array.from(order, (at) => column[at] ?? Number.NaN)
  return {
    nodes,
    timesMs: pick(samples.timesMs),
    nodeAt: Uint32Array.from(order, (at) => placeOf[samples.nodeAt[at] ?? 0] ?? 0),
    cpuPercent: pick(samples.cpuPercent),
    cpuPercentMax: samples.cpuPercentMax ? pick(samples.cpuPercentMax) : null,
  }
}

function isSorted(timesMs: Float64Array): boolean {
  return timesMs.every((timeMs, at) => at === 0 || timeMs >= (timesMs[at - 1] ?? 0))
}

function firstAtOrAfter(timesMs: Float64Array, timeMs: number): number {
  let low = 0
  let high = timesMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

function idleNodes(pool: string, count: number, timeline: Timeline): CpuSamples {
  const length = timeline.bins * count
  return {
    nodes: Array.from({ length: count }, (_, at) => nodeName(pool, at)),
    timesMs: Float64Array.from(
      { length },
      (_, at) => timeline.startMs + Math.floor(at / count) * timeline.binMs,
    ),
    nodeAt: Uint32Array.from({ length }, (_, at) => at % count),
    cpuPercent: new Float64Array(length).fill(IDLE_PERCENT),
    cpuPercentMax: null,
  }
}

/** A name for a node that the files don't know; it sorts by number. */
export function nodeName(prefix: string, number: number): string {
  return `${prefix}-${String(number).padStart(4, '0')}`
}

function firstSamples(samples: CpuSamples, timeline: Timeline): Uint32Array {
  const first = new Uint32Array(timeline.bins + 1)
  let at = 0
  for (let bin = 0; bin <= timeline.bins; bin++) {
    const startMs = timeline.startMs + bin * timeline.binMs
    while (at < samples.timesMs.length && (samples.timesMs[at] ?? 0) < startMs) at++
    first[bin] = at
  }
  return first
}

function binFigures(samples: CpuSamples, firstSample: Uint32Array, bins: number) {
  const average = new Float64Array(bins).fill(Number.NaN)
  const nodesPresent = new Uint16Array(bins)
  const sums = new Float64Array(samples.nodes.length)
  const counts = new Uint16Array(samples.nodes.length)
  const skewSums = new Float64Array(samples.nodes.length)
  const skewCounts = new Uint32Array(samples.nodes.length)
  for (let bin = 0; bin < bins; bin++) {
    sums.fill(0)
    counts.fill(0)
    for (let at = firstSample[bin] ?? 0; at < (firstSample[bin + 1] ?? 0); at++) {
      const value = samples.cpuPercent[at] ?? Number.NaN
      if (Number.isNaN(value)) continue
      const node = samples.nodeAt[at] ?? 0
      sums[node] = (sums[node] ?? 0) + value
      counts[node] = (counts[node] ?? 0) + 1
    }
    const means = sums.map((sum, node) => sum / (counts[node] ?? 0))
    const present = means.filter((mean) => !Number.isNaN(mean))
    if (present.length === 0) continue
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length
    average[bin] = mean
    nodesPresent[bin] = present.length
    for (const [node, value] of means.entries()) {
      if (Number.isNaN(value) || mean === 0) continue
      skewSums[node] = (skewSums[node] ?? 0) + value / mean
      skewCounts[node] = (skewCounts[node] ?? 0) + 1
    }
  }
  const nodeSkew = skewSums.map((sum, node) =>
    (skewCounts[node] ?? 0) > 0 ? sum / (skewCounts[node] ?? 1) : 1,
  )
  return { average, nodesPresent, nodeSkew }
}
