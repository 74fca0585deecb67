import type { CpuSamples } from '../../src/domain/series.ts'
import type { Row } from './naive-signals.ts'

export const HOUR_MS = 3_600_000
export const MINUTE_MS = 60_000
/** 2024-01-15T08:00:00Z */
export const EIGHT = Date.UTC(2024, 0, 15, 8)

/** Rows as columns, in the order given. */
export function asSamples(rows: readonly Row[]): CpuSamples {
  const nodes = [...new Set(rows.map((row) => row.node))]
  return {
    nodes,
    timesMs: Float64Array.from(rows, (row) => row.atMs),
    nodeAt: Uint32Array.from(rows, (row) => nodes.indexOf(row.node)),
    cpuPercent: Float64Array.from(rows, (row) => row.cpu ?? Number.NaN),
    cpuPercentMax: rows.some((row) => row.peak !== undefined)
      ? Float64Array.from(rows, (row) => row.peak ?? Number.NaN)
      : null,
  }
}

/** One node's rows, a minute apart from `fromMs` on. */
export function minutely(node: string, values: readonly (number | null)[], fromMs = EIGHT): Row[] {
  return values.map((cpu, minute) => ({ node, cpu, atMs: fromMs + minute * MINUTE_MS }))
}

/** A window of so many minutes from eight o'clock. */
export function minutes(count: number, binMs = MINUTE_MS) {
  return { startMs: EIGHT, endMs: EIGHT + count * MINUTE_MS, binMs }
}
