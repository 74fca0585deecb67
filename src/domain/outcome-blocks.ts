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
  const first = Math.round((startMs - load.startMs) / load.binMs)
  const end = Math.round((endMs - load.startMs) / load.binMs)
  const blockOf = Int32Array.from({ length: end - first }, (_, at) => {
    const atMs = startMs + at * load.binMs
    return isVoid(atMs, voids) ? -1 : Math.floor((atMs - startMs) / blockMs)
  })
  const count = new Float64Array((endMs - startMs) / blockMs).fill(Number.NaN)
  const of = new Float64Array(count.length).fill(Number.NaN)
  let isMeasured = false
  for (const { registry, requests, [MEASURES[measure].column]: counted } of load.series) {
    if (!registries.has(registry) || !counted || !requests) continue
    isMeasured = true
    for (let bin = first; bin < end; bin += 1) {
      const both = (counted[bin] ?? Number.NaN) + (requests[bin] ?? Number.NaN)
      const block = blockOf[bin - first] ?? -1
      if (Number.isNaN(both) || block < 0) continue
      count[block] = (count[block] || 0) + (counted[bin] ?? 0)
      of[block] = (of[block] || 0) + (requests[bin] ?? 0)
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
    let isReported = false
    for (const column of columns) {
      const value = column[bin] ?? Number.NaN
      if (Number.isNaN(value)) continue
      requests = (requests ?? 0) + value
      isReported = true
    }
    if (!isReported) continue
    const atMs = load.startMs + bin * load.binMs
    lastMs = atMs + load.binMs
    if (!isVoid(atMs, voids)) bins += 1
  }
  return { requests, minutes: (bins * load.binMs) / 60_000, lastMs }
}
