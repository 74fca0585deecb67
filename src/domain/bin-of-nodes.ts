import { compareCodePoints } from './code-point-order.ts'
import type { CpuSamples } from './series.ts'

/** A raw sample as R12 wants it; `nodeAt` is an index in the samples' `nodes`, -1 for none yet. */
export interface Peak {
  readonly value: number
  readonly nodeAt: number
  readonly atMs: number
}

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
    this.#nodeAtRank = Uint32Array.from(
      samples.nodes.map((_, at) => at).sort((a, b) => compareCodePoints(name(samples, a), name(samples, b))),
    )
    this.#rankOf = new Uint32Array(count)
    for (const [rank, at] of this.#nodeAtRank.entries()) this.#rankOf[at] = rank
    this.#sum = new Float64Array(count)
    this.#carry = new Float64Array(count)
    this.#settled = new Uint32Array(count)
    this.#pendingAt = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
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
    for (let k = from; k < to; k += 1) {
      const i = order === null ? k : (order[k] ?? 0)
      const value = cpuPercent[i] ?? Number.NaN
      const peak = cpuPercentMax === null ? Number.NaN : (cpuPercentMax[i] ?? Number.NaN)
      const rank = this.#rankOf[nodeAt[i] ?? 0] ?? 0
      const atMs = timesMs[i] ?? 0
      if (!isSample(value)) {
        this.nulls += 1
        if (isSample(peak)) this.#raise(peak, rank, atMs)
        continue
      }
      const before = this.#pendingAt[rank] ?? 0
      if (atMs < before) return false
      if (atMs === before) this.#replace(rank, value, peak)
      else this.#follow(rank, atMs, value, peak)
    }
    return true
  }

  /** Works out the bin's figures from all that was taken. */
  close(): void {
    let sumOfMeans = 0
    for (let rank = 0; rank < this.#sum.length; rank += 1) {
      if (this.#pendingAt[rank] === Number.NEGATIVE_INFINITY) continue
      this.#settle(rank)
      const mean = ((this.#sum[rank] ?? 0) + (this.#carry[rank] ?? 0)) / (this.#settled[rank] ?? 1)
      sumOfMeans += mean
      this.present += 1
      this.#seen[rank] = 1
      // Ranks go up with the names, so the first of equal averages stays (R8).
      if (this.hotNodeAt < 0 || mean > this.hot) {
        this.hot = mean
        this.hotNodeAt = this.#nodeAtRank[rank] ?? -1
      }
    }
    if (this.present > 0) this.average = sumOfMeans / this.present
  }

  clear(): void {
    this.#sum.fill(0)
    this.#carry.fill(0)
    this.#settled.fill(0)
    this.#pendingAt.fill(Number.NEGATIVE_INFINITY)
    this.#pendingPeak.fill(Number.NaN)
    this.nulls = this.duplicates = this.conflicts = this.samples = this.over100 = this.present = 0
    this.hot = this.average = Number.NaN
    this.hotNodeAt = this.peakRank = -1
    this.peakValue = Number.NEGATIVE_INFINITY
  }

  // R6: one instant counts once and the last row wins, so a value is summed only when a later instant follows.
  #follow(rank: number, atMs: number, value: number, peak: number): void {
    if (this.#pendingAt[rank] !== Number.NEGATIVE_INFINITY) this.#settle(rank)
    this.#pendingAt[rank] = atMs
    this.#pending[rank] = value
    this.#pendingPeak[rank] = peak
  }

  #replace(rank: number, value: number, peak: number): void {
    this.duplicates += 1
    if (this.#pending[rank] !== value) this.conflicts += 1
    this.#pending[rank] = value
    if (isSample(peak)) this.#pendingPeak[rank] = peak
  }

  // Neumaier's sum: equal sets of samples give equal averages in whatever order they came (R8).
  #settle(rank: number): void {
    const value = this.#pending[rank] ?? 0
    const peak = this.#pendingPeak[rank] ?? Number.NaN
    const sum = this.#sum[rank] ?? 0
    const next = sum + value
    const lost = sum >= value ? sum - next + value : value - next + sum
    this.#sum[rank] = next
    this.#carry[rank] = (this.#carry[rank] ?? 0) + lost
    this.#settled[rank] = (this.#settled[rank] ?? 0) + 1
    this.samples += 1
    if (value > 100) this.over100 += 1
    this.#raise(isSample(peak) ? peak : value, rank, this.#pendingAt[rank] ?? 0)
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
