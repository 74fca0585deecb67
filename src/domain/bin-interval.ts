import type { CpuSamples } from './series.ts'

const MINUTE_MS = 60_000
/** Gaps are told apart by the second up to a day; longer ones count as a day. */
const GAP_SECONDS_MAX = 86_400
/** How much longer than whole minutes a collector's interval may drift and still be meant as these. */
const DRIFT_SECONDS = 3
/** Load files leave idle minutes out, so that only the shorter gaps tell the interval. */
const SPARSE_SHARE = 0.05

/**
 * The bin that data of this interval is judged in, ms: the median gap between one node's instants, as whole
 * minutes, at least one. Data without two instants of a node is judged by the minute.
 */
export function binMsOf({ timesMs, nodeAt, nodes }: CpuSamples): number {
  return binMsAt(gapsOf(timesMs, nodeAt, nodes.length), 0.5)
}

/** The same for series that leave intervals out: sample i belongs to the series `ownerAt[i]`. */
export function binMsOfSparse(timesMs: Float64Array, ownerAt: Uint32Array, owners: number): number {
  return binMsAt(gapsOf(timesMs, ownerAt, owners), SPARSE_SHARE)
}

/** How many gaps there are of each length, by the second, and in all. */
interface Gaps {
  readonly counts: Uint32Array
  readonly total: number
}

/** The bin for the gap that a share of all gaps doesn't exceed. */
function binMsAt({ counts, total }: Gaps, share: number): number {
  if (total === 0) return MINUTE_MS
  let seconds = 0
  for (let within = 0; within < total * share && seconds < GAP_SECONDS_MAX; within += counts[seconds] ?? 0) {
    seconds += 1
  }
  return Math.max(1, Math.ceil(((seconds - DRIFT_SECONDS) * 1000) / MINUTE_MS)) * MINUTE_MS
}

function gapsOf(timesMs: Float64Array, ownerAt: Uint32Array, owners: number): Gaps {
  const gaps = gapsInOrder(timesMs, ownerAt, owners)
  if (gaps !== null) return gaps
  const order = Uint32Array.from(timesMs, (_, i) => i).sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0))
  const sorted = Float64Array.from(order, (i) => timesMs[i] ?? 0)
  const ownerAtSorted = Uint32Array.from(order, (i) => ownerAt[i] ?? 0)
  return gapsInOrder(sorted, ownerAtSorted, owners) ?? { counts: new Uint32Array(0), total: 0 }
}

/** Counts each owner's gaps by the second; null where its instants are out of order. Repeats are no gaps. */
function gapsInOrder(timesMs: Float64Array, ownerAt: Uint32Array, owners: number): Gaps | null {
  const counts = new Uint32Array(GAP_SECONDS_MAX + 1)
  let total = 0
  const last = new Float64Array(owners).fill(Number.NaN)
  for (let i = 0; i < timesMs.length; i += 1) {
    const owner = ownerAt[i] ?? 0
    const atMs = timesMs[i] ?? 0
    const gap = Math.round((atMs - (last[owner] ?? Number.NaN)) / 1000)
    if (gap < 0) return null
    const at = Math.min(gap, GAP_SECONDS_MAX)
    if (at > 0) {
      counts[at] = (counts[at] ?? 0) + 1
      total += 1
    }
    last[owner] = atMs
  }
  return { counts, total }
}
