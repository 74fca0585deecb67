import type { CpuSamples } from './series.ts'

const MINUTE_MS = 60_000
/** Gaps are told apart by the second up to a day; longer ones count as a day. */
const GAP_SECONDS_MAX = 86_400
/** How much longer than whole minutes a collector's interval may drift and still be meant as these. */
const DRIFT_SECONDS = 3

/**
 * The bin that data of this interval is judged in, ms: the median gap between one node's instants, as whole
 * minutes, at least one. Data without two instants of a node is judged by the minute.
 */
export function binMsOf(samples: CpuSamples): number {
  const { timesMs, nodeAt } = samples
  const gaps = gapCounts(timesMs, nodeAt, samples.nodes.length)
  return binMsOfGaps(
    gaps ?? gapCounts(...inTimeOrder(timesMs, nodeAt), samples.nodes.length) ?? new Uint32Array(0),
  )
}

/** The bin for a histogram of gaps, where `gaps[s]` counts gaps of s seconds. */
export function binMsOfGaps(gaps: Uint32Array): number {
  const total = gaps.reduce((sum, count) => sum + count, 0)
  if (total === 0) return MINUTE_MS
  let seconds = 0
  for (let below = gaps[0] ?? 0; below * 2 < total && seconds < gaps.length; below += gaps[seconds] ?? 0)
    seconds += 1
  return Math.max(1, Math.ceil(((seconds - DRIFT_SECONDS) * 1000) / MINUTE_MS)) * MINUTE_MS
}

/** Counts each node's gaps by the second; null where a node's instants are out of order. Repeats are no gaps. */
function gapCounts(timesMs: Float64Array, nodeAt: Uint32Array, nodes: number): Uint32Array | null {
  const counts = new Uint32Array(GAP_SECONDS_MAX + 1)
  const last = new Float64Array(nodes).fill(Number.NaN)
  for (let i = 0; i < timesMs.length; i += 1) {
    const node = nodeAt[i] ?? 0
    const atMs = timesMs[i] ?? 0
    const gap = Math.round((atMs - (last[node] ?? Number.NaN)) / 1000)
    if (gap < 0) return null
    const at = Math.min(gap, GAP_SECONDS_MAX)
    if (at > 0) counts[at] = (counts[at] ?? 0) + 1
    last[node] = atMs
  }
  return counts
}

function inTimeOrder(timesMs: Float64Array, nodeAt: Uint32Array): [Float64Array, Uint32Array] {
  const order = Uint32Array.from(timesMs, (_, i) => i).sort(
    (a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b,
  )
  return [Float64Array.from(order, (i) => timesMs[i] ?? 0), Uint32Array.from(order, (i) => nodeAt[i] ?? 0)]
}
