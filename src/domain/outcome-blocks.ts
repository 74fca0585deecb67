import type { BlockSeries } from './baseline.ts'
import type { RegionLoad, ReplicaLoad } from './series.ts'

/** Blocks of the outcome guard: long enough to hold some events, short enough to find trouble within half an hour. */
export const BLOCK_MS = 300_000

/** A half-open span of time, epoch ms. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/**
 * What is counted, per request. Mean requests in flight per request are latency, by Little's law (Operations Research 9, 1961).
 * A share below `floor` is too small for its multiples to matter.
 */
export const MEASURES = {
  errors: { column: 'errors', floor: 0.001 },
  throttles: { column: 'throttled', floor: 0.001 },
  latency: { column: 'inFlight', floor: 0.0001 },
} as const
export type Measure = keyof typeof MEASURES

/** The whole blocks that lie within a span. */
export function wholeBlocks({ startMs, endMs }: Span, blockMs: number): Span {
  const first = Math.ceil(startMs / blockMs) * blockMs
  return { startMs: first, endMs: Math.max(first, Math.floor(endMs / blockMs) * blockMs) }
}

/** Sums a measure of some replicas over blocks; null where the telemetry does not have it. Void minutes count as missing. */
export function blocksOf(
  load: RegionLoad,
  registries: ReadonlySet<string>,
  measure: Measure,
  voids: readonly Span[],
): BlockSeries | null {
  const blockMs = Math.max(BLOCK_MS, load.binMs)
  const { startMs, endMs } = wholeBlocks(
    { startMs: load.startMs, endMs: load.startMs + load.bins * load.binMs },
    blockMs,
  )
  const blocks = (endMs - startMs) / blockMs
  const count = new Float64Array(blocks).fill(Number.NaN)
  const of = new Float64Array(blocks).fill(Number.NaN)
  let isMeasured = false
  for (const series of load.series) {
    const counted = series[MEASURES[measure].column]
    if (!registries.has(series.registry) || !counted || !series.requests) continue
    isMeasured = true
    for (let bin = 0; bin < load.bins; bin += 1) {
      const atMs = load.startMs + bin * load.binMs
      const value = counted[bin] ?? Number.NaN
      const requests = series.requests[bin] ?? Number.NaN
      if (Number.isNaN(value) || Number.isNaN(requests) || atMs < startMs || atMs >= endMs) continue
      if (isVoid(atMs, voids)) continue
      const block = Math.floor((atMs - startMs) / blockMs)
      count[block] = (count[block] || 0) + value
      of[block] = (of[block] || 0) + requests
    }
  }
  return isMeasured ? { startMs, blockMs, count, of } : null
}

export function isVoid(atMs: number, voids: readonly Span[]): boolean {
  return voids.some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs)
}

/** The traffic of one replica over a load's span: how much, and how much of it was reported. */
export interface Reported {
  /** Null where nothing at all was reported. */
  readonly requests: number | null
  /** Minutes with a report that are not void, and the end of the last one, void or not; null for none. */
  readonly minutes: number
  readonly lastMs: number | null
}

/** What was reported of a replica's requests, over all its roles; a minute counts when any role reported it. */
export function reportedOf(load: RegionLoad, registry: string, voids: readonly Span[]): Reported {
  const columns = load.series.flatMap((series: ReplicaLoad) =>
    series.registry === registry && series.requests ? [series.requests] : [],
  )
  let requests: number | null = null
  let bins = 0
  let lastMs: number | null = null
  for (let bin = 0; bin < load.bins; bin += 1) {
    const values = columns.flatMap((column) => column[bin] ?? []).filter((value) => !Number.isNaN(value))
    if (values.length === 0) continue
    const atMs = load.startMs + bin * load.binMs
    requests = values.reduce((sum, value) => sum + value, requests ?? 0)
    lastMs = atMs + load.binMs
    if (!isVoid(atMs, voids)) bins += 1
  }
  return { requests, minutes: (bins * load.binMs) / 60_000, lastMs }
}
