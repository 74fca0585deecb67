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
  const count = new Float64Array((endMs - startMs) / blockMs).fill(Number.NaN)
  const of = new Float64Array(count.length).fill(Number.NaN)
  let isMeasured = false
  for (const { registry, requests, [MEASURES[measure].column]: counted } of load.series) {
    if (!registries.has(registry) || !counted || !requests) continue
    isMeasured = true
    addBlocks({ startMs, blockMs, count, of }, { counted, requests, first, binMs: load.binMs, voids })
  }
  return isMeasured ? { startMs, blockMs, count, of } : null
}

interface Bins {
  readonly counted: Float64Array
  readonly requests: Float64Array
  /** The bin at which the blocks start. */
  readonly first: number
  readonly binMs: number
  readonly voids: readonly Span[]
}

/** Adds one replica's bins to the blocks that they lie in; a bin that lacks either figure is missing. */
function addBlocks(
  { startMs, blockMs, count, of }: BlockSeries,
  { counted, requests, first, binMs, voids }: Bins,
): void {
  const isVoidAt = (bin: number) => voids.length > 0 && isVoid(startMs + (bin - first) * binMs, voids)
  for (let block = 0; block < count.length; block += 1) {
    let events = 0
    let trials = 0
    let isKnown = false
    const end = first + Math.ceil(((block + 1) * blockMs) / binMs)
    for (let bin = first + Math.ceil((block * blockMs) / binMs); bin < end; bin += 1) {
      const event = counted[bin] ?? Number.NaN
      const trial = requests[bin] ?? Number.NaN
      if (Number.isNaN(event + trial) || isVoidAt(bin)) continue
      isKnown = true
      events += event
      trials += trial
    }
    if (!isKnown) continue
    count[block] = (count[block] || 0) + events
    of[block] = (of[block] || 0) + trials
  }
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
