import { DAY_MS, type Grid } from './pool-series.ts'
import type { CpuSamples } from './series.ts'

/** A pool's day bin by bin, in bins of `binMs` over the grid's span; NaN is missing. Percent. */
export interface PoolDay {
  readonly binMs: number
  readonly hot: Float64Array
  readonly average: Float64Array
  readonly nodes: Float64Array
}

/**
 * Samples of nodes that show just what a pool's day is: one as hot as the hottest, all others alike, so that the mean is
 * kept. The day before is the same, since a pool is judged by two evaluations.
 */
export function likeTheLastDay(
  place: { readonly stamp: string; readonly role: string },
  day: PoolDay,
  grid: Grid,
): CpuSamples {
  const most = day.nodes.reduce((greatest, nodes) => Math.max(greatest, nodes), 1)
  const timesMs: number[] = []
  const nodeAt: number[] = []
  const cpuPercent: number[] = []
  for (const shiftMs of [-DAY_MS, 0]) {
    for (let bin = 0; bin < day.hot.length; bin += 1) {
      const hot = day.hot[bin] ?? Number.NaN
      const average = day.average[bin] ?? Number.NaN
      const nodes = day.nodes[bin] ?? 1
      if (Number.isNaN(hot) || Number.isNaN(average)) continue
      const others = nodes > 1 ? Math.max(0, (average * nodes - hot) / (nodes - 1)) : hot
      for (let node = 0; node < nodes; node += 1) {
        timesMs.push(grid.startMs + bin * day.binMs + shiftMs)
        nodeAt.push(node)
        cpuPercent.push(node === 0 ? hot : Math.min(hot, others))
      }
    }
  }
  return {
    nodes: Array.from(
      { length: most },
      (_, node) => `${place.stamp}-${place.role}-${String(node).padStart(4, '0')}`,
    ),
    timesMs: Float64Array.from(timesMs),
    nodeAt: Uint32Array.from(nodeAt),
    cpuPercent: Float64Array.from(cpuPercent),
    cpuPercentMax: null,
  }
}
