import { compareCodePoints } from './code-point-order.ts'
import type { CpuSamples } from './series.ts'

/** The time of a sample that isn't there yet. */
const NEVER = Number.NEGATIVE_INFINITY

/**
 * The samples of one bin, gathered node by node (R4 to R8, R12). One is reused for all bins of a window,
 * so that nothing is allocated for a sample.
 */
export class BinOfNodes {
  readonly #samples: CpuSamples
  readonly #nodeAtRank: Uint32Array
  readonly #rankOf: Uint32Array
  readonly #sum: Float64Array
  readonly #carry: Float64Array
  readonly #settled: Uint32Array
  readonly #pendingAt: Float64Array
  readonly #pending: Float64Array
  readonly #pendingPeak: Float64Array
  readonly #seen: Uint8Array
  readonly #hasPeaks: boolean
  nulls = 0
  duplicates = 0
  conflicts = 0
  samples = 0
  over100 = 0
  present = 0
  hot = Number.NaN
  hotNodeAt = -1
  average = Number.NaN
  peakValue = Number.NEGATIVE_INFINITY
  peakRank = -1
  peakAtMs = 0

  constructor(samples: CpuSamples) {
    const count = samples.nodes.length
    this.#samples = samples
    this.#hasPeaks = samples.cpuPercentMax !== null
    this.#nodeAtRank = Uint32Array.from(
      samples.nodes.map((_, at) => at).sort((a, b) => compareCodePoints(name(samples, a), name(samples, b))),
    )
    this.#rankOf = new Uint32Array(count)
    for (const [rank, at] of this.#nodeAtRank.entries()) this.#rankOf[at] = rank
    this.#sum = new Float64Array(count)
    this.#carry = new Float64Array(count)
    this.#settled = new Uint32Array(count)
    this.#pendingAt = new Float64Array(count).fill(NEVER)
    this.#pending = new Float64Array(count)
    this.#pendingPeak = new Float64Array(count).fill(Number.NaN)
    this.#seen = new Uint8Array(count)
  }

  /** How many nodes had a sample in any bin so far. */
  nodesSeen(): number {
    return this.#seen.reduce((sum, seen) => sum + seen, 0)
  }

  nodeAtPeak(): number {
    return this.#nodeAtRank[this.peakRank] ?? -1
  }

  /**
   * Takes the samples at `order[from..to)`, or at `from..to` themselves where there is no order.
   * False when one node's samples are not in order of time: then nothing of the bin may be used.
   */
  take(order: Uint32Array | null, from: number, to: number): boolean {
    const { timesMs, nodeAt, cpuPercent, cpuPercentMax } = this.#samples
    const rankOf = this.#rankOf
    const pendingAt = this.#pendingAt
    const pending = this.#pending
    for (let k = from; k < to; k += 1) {
      const i = order === null ? k : (order[k] ?? 0)
      const value = cpuPercent[i] ?? Number.NaN
      const rank = rankOf[nodeAt[i] ?? 0] ?? 0
      const atMs = timesMs[i] ?? 0
      const peak = cpuPercentMax === null ? Number.NaN : (cpuPercentMax[i] ?? Number.NaN)
      if (!isSample(value)) {
        this.nulls += 1
        if (isSample(peak)) this.#raise(peak, rank, atMs)
        continue
      }
      // R6: one instant counts once and the last row wins, so a value is summed only when a later instant follows.
      const before = pendingAt[rank] ?? NEVER
      if (atMs < before) return false
      if (atMs === before) {
        this.#replace(rank, value, peak)
        continue
      }
      if (before !== NEVER) this.#settle(rank)
      pendingAt[rank] = atMs
      pending[rank] = value
      if (cpuPercentMax !== null) this.#pendingPeak[rank] = peak
    }
    return true
  }

  /** Works out the bin's figures from all that was taken. */
  close(): void {
    // Private fields are read once: this loop runs for each node of each bin.
    const pendingAt = this.#pendingAt
    const pending = this.#pending
    const settled = this.#settled
    const seen = this.#seen
    let sumOfMeans = 0
    let hot = NEVER
    let hotRank = -1
    let present = 0
    for (let rank = 0; rank < pendingAt.length; rank += 1) {
      if (pendingAt[rank] === NEVER) continue
      let mean = pending[rank] ?? 0
      if (settled[rank] !== 0) mean = this.#meanOf(rank)
      sumOfMeans += mean
      present += 1
      seen[rank] = 1
      // Ranks go up with the names, so the first of equal averages stays (R8).
      if (mean > hot) {
        hot = mean
        hotRank = rank
      }
    }
    if (present === 0) return
    this.#countLatest()
    this.present = present
    this.hot = hot
    this.hotNodeAt = this.#nodeAtRank[hotRank] ?? -1
    this.average = sumOfMeans / present
  }

  /** Forgets the bin, but for which nodes were seen. */
  clear(): void {
    this.#pendingAt.fill(NEVER)
    if (this.samples > this.present) this.#settled.fill(0)
    this.nulls = this.duplicates = this.conflicts = this.samples = this.over100 = this.present = 0
    this.hot = this.average = Number.NaN
    this.hotNodeAt = this.peakRank = -1
    this.peakValue = Number.NEGATIVE_INFINITY
  }

  #replace(rank: number, value: number, peak: number): void {
    this.duplicates += 1
    if (this.#pending[rank] !== value) this.conflicts += 1
    this.#pending[rank] = value
    if (isSample(peak)) this.#pendingPeak[rank] = peak
  }

  /** Counts what each node has pending at the end, and sees whether Max is among it. */
  #countLatest(): void {
    const pendingAt = this.#pendingAt
    const pending = this.#pending
    const peaks = this.#hasPeaks ? this.#pendingPeak : null
    let samples = 0
    let over100 = 0
    for (let rank = 0; rank < pendingAt.length; rank += 1) {
      const atMs = pendingAt[rank] ?? NEVER
      if (atMs === NEVER) continue
      const value = pending[rank] ?? 0
      samples += 1
      if (value > 100) over100 += 1
      const peak = peaks === null ? Number.NaN : (peaks[rank] ?? Number.NaN)
      const greatest = isSample(peak) ? peak : value
      if (greatest >= this.peakValue) this.#raise(greatest, rank, atMs)
    }
    this.samples += samples
    this.over100 += over100
  }

  /** Adds and counts a node's pending instant: a later one follows, so that nothing can replace it any more. */
  #settle(rank: number): void {
    const value = this.#pending[rank] ?? 0
    const peak = this.#hasPeaks ? (this.#pendingPeak[rank] ?? Number.NaN) : Number.NaN
    this.samples += 1
    if (value > 100) this.over100 += 1
    this.#raise(isSample(peak) ? peak : value, rank, this.#pendingAt[rank] ?? 0)
    this.#add(rank, value)
  }

  // Neumaier's sum: equal sets of samples give equal averages in whatever order they came (R8).
  #add(rank: number, value: number): void {
    const settled = this.#settled[rank] ?? 0
    const sum = settled === 0 ? 0 : (this.#sum[rank] ?? 0)
    const carry = settled === 0 ? 0 : (this.#carry[rank] ?? 0)
    const next = sum + value
    this.#carry[rank] = carry + (sum >= value ? sum - next + value : value - next + sum)
    this.#sum[rank] = next
    this.#settled[rank] = settled + 1
  }

  /** The average of all that a node has, its latest instant included. */
  #meanOf(rank: number): number {
    this.#add(rank, this.#pending[rank] ?? 0)
    return ((this.#sum[rank] ?? 0) + (this.#carry[rank] ?? 0)) / (this.#settled[rank] ?? 1)
  }

  // R12: the earliest instant, then the first name, holds the place among equal values.
  #raise(value: number, rank: number, atMs: number): void {
    if (value < this.peakValue) return
    const earlier = atMs < this.peakAtMs || (atMs === this.peakAtMs && rank < this.peakRank)
    if (value === this.peakValue && !earlier) return
    this.peakValue = value
    this.peakRank = rank
    this.peakAtMs = atMs
  }
}

/** R4: only a finite number from 0 up is a sample. */
function isSample(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY
}

function name(samples: CpuSamples, at: number): string {
  return samples.nodes[at] ?? ''
}
