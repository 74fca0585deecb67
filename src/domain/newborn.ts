import type { CpuSamples } from './series.ts'

const HOUR_MS = 3_600_000

/**
 * The samples of a pool that was not there before its first one, with what it shows without any load put before them: nothing
 * served there, so that this is no gap that is filled. Its first hour, in which nobody had come yet, tells what idle is.
 */
export function withIdleBefore(samples: CpuSamples, fromMs: number, binMs: number): CpuSamples {
  const bornMs = samples.timesMs.reduce((least, atMs) => Math.min(least, atMs), Number.POSITIVE_INFINITY)
  if (!Number.isFinite(bornMs) || bornMs <= fromMs) return samples
  const first = samples.timesMs.indexOf(bornMs)
  const idle = samples.cpuPercent.filter(
    (value, at) => (samples.timesMs[at] ?? 0) < bornMs + HOUR_MS && !Number.isNaN(value),
  )
  if (first < 0 || idle.length === 0) return samples
  const percent = idle.reduce((sum, value) => sum + value, 0) / idle.length
  const nodes = new Set(samples.nodeAt.filter((_, at) => samples.timesMs[at] === bornMs))
  const bins = Math.floor((bornMs - fromMs) / binMs)
  const rows = Array.from({ length: bins }, (_, bin) => bornMs - (bins - bin) * binMs).flatMap((atMs) =>
    [...nodes].map((node) => ({ atMs, node })),
  )
  return {
    nodes: samples.nodes,
    timesMs: Float64Array.from([...rows.map(({ atMs }) => atMs), ...samples.timesMs]),
    nodeAt: Uint32Array.from([...rows.map(({ node }) => node), ...samples.nodeAt]),
    cpuPercent: Float64Array.from([...rows.map(() => percent), ...samples.cpuPercent]),
    cpuPercentMax: null,
  }
}
