import { type ReplicaId, replicaId } from '../domain/ids.ts'
import type { ReplicaLoad } from '../domain/series.ts'
import type { Region } from './region.ts'

/** How long it takes to fill a cache for a replica, and how long it keeps what nobody pulls. */
const WARM_MS = 120_000
const KEPT_MS = 86_400_000
/** A cold cache makes pulls so much slower at first, and fills by itself within so long. */
const COLD_TIMES = 2.5
const COLD_MS = 900_000

/** How much of what a replica's clients pull lies in a stamp's cache, 0..1: its home's is warm, others are filled on demand. */
export function warmthAt(region: Region, replica: ReplicaId, stamp: string, atMs: number): number {
  if (region.routing(replica)?.home === stamp) return 1
  const sinceMs = region.warmedMs(replica, stamp)
  return sinceMs === undefined || atMs - sinceMs > KEPT_MS ? 0 : Math.min(1, (atMs - sinceMs) / WARM_MS)
}

/** A replica's load with the slower pulls of its first minutes at a stamp whose cache was not warm. */
export function withColdCache(
  view: ReplicaLoad,
  span: { readonly startMs: number; readonly binMs: number },
  { region, name }: { readonly region: Region; readonly name: string },
): ReplicaLoad {
  const replica = replicaId(view.registry, name)
  let { inFlight } = view
  if (!inFlight) return view
  for (const { atMs, to } of region.routing(replica)?.changes ?? []) {
    const cold = 1 - warmthAt(region, replica, to, atMs)
    if (cold === 0) continue
    inFlight = inFlight.slice()
    for (const [bin, value] of inFlight.entries()) {
      const ageMs = span.startMs + bin * span.binMs - atMs
      if (ageMs >= 0 && ageMs < COLD_MS)
        inFlight[bin] = value * (1 + (COLD_TIMES - 1) * cold * (1 - ageMs / COLD_MS))
    }
  }
  return { ...view, inFlight }
}
