import type { BlockSeries } from './baseline.ts'

/**
 * Measures a moved replica's first minutes at its new home by a threshold of their own: a cache that fills makes pulls slower
 * for a while. What is up to `times` as slow as expected until `untilMs` counts as usual; what is slower counts as before.
 */
export function whileWarmingUp(
  series: BlockSeries,
  { untilMs, times }: { readonly untilMs: number; readonly times: number },
): BlockSeries {
  const count = series.count.map((value, block) =>
    series.startMs + block * series.blockMs < untilMs ? value / times : value,
  )
  return { ...series, count }
}
