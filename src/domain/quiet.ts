const QUIET_MS_MIN = 30_000
const GAP_PERCENTILE = 0.99

/**
 * The gap between two requests that 99 of 100 gaps do not exceed, ms; null where fewer than two requests are known. Requests
 * of one bin count as evenly spread. What lies next to a missing bin (NaN) is no gap: nobody knows what came in it.
 */
export function gapP99Ms(requests: Float64Array, binMs: number): number | null {
  const gaps: { readonly ms: number; readonly count: number }[] = []
  let emptyMs: number | null = null
  for (const count of requests) {
    if (Number.isNaN(count)) {
      emptyMs = null
    } else if (count < 1) {
      emptyMs = emptyMs === null ? null : emptyMs + binMs
    } else {
      const each = binMs / count
      if (emptyMs !== null) gaps.push({ ms: emptyMs + each, count: 1 })
      if (count > 1) gaps.push({ ms: each, count: count - 1 })
      emptyMs = 0
    }
  }
  const total = gaps.reduce((sum, { count }) => sum + count, 0)
  let rank = Math.ceil(GAP_PERCENTILE * total)
  for (const { ms, count } of gaps.toSorted((a, b) => a.ms - b.ms)) {
    rank -= count
    if (rank <= 0) return ms
  }
  return null
}

/** How long an old home has to be without a request until it has none left: 30 s, 2 x TTL or the replica's own gap up to `gapMaxMs`. */
export function quietForMs(of: {
  /** As it was before the move: clients resolved under it. */
  readonly ttlSeconds: number
  /** Null where it isn't known: then the longest counts. */
  readonly gapP99Ms: number | null
  readonly gapMaxMs: number
}): number {
  const gapMs = Math.min(of.gapMaxMs, of.gapP99Ms ?? of.gapMaxMs)
  return Math.ceil(Math.max(QUIET_MS_MIN, 2_000 * of.ttlSeconds, gapMs))
}
