import { BinOfNodes } from './bin-of-nodes.ts'
import type { CpuSamples } from './series.ts'

/** A half-open span of time [startMs, endMs) in bins of `binMs`, aligned to the epoch (R1, R2). */
export interface Window {
  readonly startMs: number
  readonly endMs: number
  readonly binMs: number
}

/** A window's bins: NaN and -1 where a bin has no sample at all (R9). Percent. */
interface HotSeries {
  readonly window: Window
  /** The greatest node average of the bin (R8). */
  readonly hot: Float64Array
  /** The mean of the averages of the nodes present in the bin. */
  readonly average: Float64Array
  /** The hottest node's index in the samples' `nodes`. */
  readonly hotNodeAt: Int32Array
  readonly nodesPresent: Int32Array
}

/** Counts over the rows whose time lies in the window; `samples` and `over100` count an instant of a node once. */
export interface SampleCounts {
  readonly nodes: number
  readonly samples: number
  readonly nulls: number
  readonly over100: number
  readonly duplicates: number
  readonly conflicts: number
}

export interface Binned {
  readonly series: HotSeries
  readonly counts: SampleCounts
  readonly max: { readonly value: number; readonly node: string; readonly atMs: number } | null
}

/** What is wrong with a window by R2; undefined when nothing is. */
function windowProblem({ startMs, endMs, binMs }: Window): string | undefined {
  if (!Number.isInteger(binMs) || binMs <= 0) return `the bin is ${binMs} ms; expected a whole number above 0`
  if (!(endMs > startMs)) return `the window is ${endMs - startMs} ms long; expected more than 0`
  if (startMs % binMs !== 0) return `the window starts ${startMs % binMs} ms past a bin of ${binMs} ms`
  if ((endMs - startMs) % binMs !== 0) {
    return `the window is ${endMs - startMs} ms long, which is no multiple of the bin of ${binMs} ms`
  }
  return undefined
}

/** Per bin the hottest node's average CPU (R1 to R9). Throws RangeError where the window breaks R2. */
export function hotSeries(samples: CpuSamples, window: Window): HotSeries {
  return binned(samples, window).series
}

/** One walk over the samples: the series of bins, what was counted on the way, and Max (R12). */
export function binned(samples: CpuSamples, window: Window): Binned {
  const problem = windowProblem(window)
  if (problem !== undefined) throw new RangeError(`${problem}; align both to the bin`)
  const { order, offsets } = binOrder(samples.timesMs, window)
  const bins = offsets.length - 1
  const hot = new Float64Array(bins).fill(Number.NaN)
  const average = new Float64Array(bins).fill(Number.NaN)
  const hotNodeAt = new Int32Array(bins).fill(-1)
  const nodesPresent = new Int32Array(bins)
  const counts = { nodes: 0, samples: 0, nulls: 0, over100: 0, duplicates: 0, conflicts: 0 }
  let max: Binned['max'] = null

  const bin = new BinOfNodes(samples)
  for (let b = 0; b < bins; b += 1) {
    const from = offsets[b] ?? 0
    const to = offsets[b + 1] ?? from
    if (from === to) continue
    bin.clear()
    if (!bin.take(order, from, to)) {
      bin.clear()
      bin.take(byTime(samples.timesMs, order, from, to), 0, to - from)
    }
    bin.close()
    hot[b] = bin.hot
    average[b] = bin.average
    hotNodeAt[b] = bin.hotNodeAt
    nodesPresent[b] = bin.present
    counts.samples += bin.samples
    counts.nulls += bin.nulls
    counts.over100 += bin.over100
    counts.duplicates += bin.duplicates
    counts.conflicts += bin.conflicts
    // Bins go up in time, so an earlier equal value keeps its place.
    if (bin.peakRank >= 0 && (max === null || bin.peakValue > max.value)) {
      max = { value: bin.peakValue, node: samples.nodes[bin.nodeAtPeak()] ?? '', atMs: bin.peakAtMs }
    }
  }
  counts.nodes = bin.nodesSeen()
  return { series: { window, hot, average, hotNodeAt, nodesPresent }, counts, max }
}

/**
 * Where each bin's samples stand: bin b has `order[offsets[b]..offsets[b + 1])`, in input order.
 * No order is needed (null) where the samples' bins already follow each other in the input.
 */
function binOrder(
  timesMs: Float64Array,
  { startMs, endMs, binMs }: Window,
): { order: Uint32Array | null; offsets: Uint32Array } {
  const bins = (endMs - startMs) / binMs
  const offsets = new Uint32Array(bins + 1)
  let first = -1
  let last = -1
  let follows = true
  let b = -1
  // Rows of one bin mostly follow each other, so most of them need no division.
  let fromMs = Number.POSITIVE_INFINITY
  let toMs = Number.NEGATIVE_INFINITY
  let inBin = 0
  for (let i = 0; i < timesMs.length; i += 1) {
    const atMs = timesMs[i] ?? Number.NaN
    if (!(atMs >= fromMs && atMs < toMs)) {
      if (!(atMs >= startMs && atMs < endMs)) continue
      if (b >= 0) offsets[b + 1] = (offsets[b + 1] ?? 0) + inBin
      const before = b
      b = Math.floor((atMs - startMs) / binMs)
      fromMs = startMs + b * binMs
      toMs = fromMs + binMs
      inBin = 0
      if (first < 0) first = i
      else if (b < before) follows = false
    }
    if (last >= 0 && i !== last + 1) follows = false
    inBin += 1
    last = i
  }
  if (b >= 0) offsets[b + 1] = (offsets[b + 1] ?? 0) + inBin
  if (follows) {
    offsets[0] = Math.max(first, 0)
    for (let b = 0; b < bins; b += 1) offsets[b + 1] = (offsets[b + 1] ?? 0) + (offsets[b] ?? 0)
    return { order: null, offsets }
  }

  for (let b = 0; b < bins; b += 1) offsets[b + 1] = (offsets[b + 1] ?? 0) + (offsets[b] ?? 0)
  const order = new Uint32Array(offsets[bins] ?? 0)
  const next = offsets.slice()
  for (let i = 0; i < timesMs.length; i += 1) {
    const atMs = timesMs[i] ?? Number.NaN
    if (!(atMs >= startMs && atMs < endMs)) continue
    const b = Math.floor((atMs - startMs) / binMs)
    order[next[b] ?? 0] = i
    next[b] = (next[b] ?? 0) + 1
  }
  return { order, offsets }
}

/** One bin's samples in order of time; input order is kept among equal instants, so that the last wins (R6). */
function byTime(timesMs: Float64Array, order: Uint32Array | null, from: number, to: number): Uint32Array {
  const indices =
    order === null ? Uint32Array.from({ length: to - from }, (_, k) => from + k) : order.slice(from, to)
  return indices.sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b)
}
