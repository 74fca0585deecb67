import { numberOf, unitAt } from './seeded.ts'

export const TTL_SECONDS = 60

/** Stragglers hold on to an old address for at least this many TTLs, and at most this long. */
const STRAGGLER_TTLS_MIN = 4
const STRAGGLER_END_MAX_MS = 15 * 60_000
/** The share of a replica's clients that outlive the TTL. */
const STRAGGLER_SHARE_MIN = 0.01
const STRAGGLER_SHARE_MAX = 0.05
const SLOW_STRAGGLER_SHARE = 0.3
const SLOW_STRAGGLER_END_MS = 3 * 3_600_000

/** How long a replica's clients keep what they resolved: most to the TTL, a share of stragglers for longer. */
export interface Caching {
  readonly stragglerShare: number
  readonly stragglerEndMs: number
}

export function cachingOf(replica: string, seed: number, speed: 'normal' | 'slow'): Caching {
  if (speed === 'slow') {
    return { stragglerShare: SLOW_STRAGGLER_SHARE, stragglerEndMs: SLOW_STRAGGLER_END_MS }
  }
  const name = numberOf(replica)
  const endMinMs = STRAGGLER_TTLS_MIN * TTL_SECONDS * 1000
  return {
    stragglerShare: STRAGGLER_SHARE_MIN + (STRAGGLER_SHARE_MAX - STRAGGLER_SHARE_MIN) * unitAt(seed, name, 1),
    stragglerEndMs: endMinMs + (STRAGGLER_END_MAX_MS - endMinMs) * unitAt(seed, name, 2),
  }
}

interface RouteChange {
  readonly atMs: number
  readonly to: string
  /** The epoch of the binding that the route follows. */
  readonly epoch: number
  /** How clients cached what was there before the change. */
  readonly caching: Caching
}

/** One replica's routing: where its files have it, and each change since. */
export interface Routing {
  readonly home: string
  readonly changes: readonly RouteChange[]
  /** For changes to come. */
  readonly caching: Caching
}

/** Where the endpoints lead at an instant. */
export function routedTo(routing: Routing, atMs: number): string {
  return routing.changes.findLast((change) => change.atMs <= atMs)?.to ?? routing.home
}

/** The share of the replica's traffic, 0..1, that arrives at a stamp at an instant. */
export function shareAt(routing: Routing, stamp: string, atMs: number): number {
  const { changes } = routing
  const last = changes.at(-1)
  if (!last || atMs <= (changes[0]?.atMs ?? 0)) return routing.home === stamp ? 1 : 0
  if (changes.every((change) => atMs >= settledMs(change))) return last.to === stamp ? 1 : 0

  // A client is where the route led when it last resolved: between two changes lie the clients of that age.
  let share = 0
  let younger = 0
  for (let at = changes.length - 1; at >= 0; at--) {
    const change = changes[at]
    if (!change || change.atMs > atMs) continue
    const youngerThanChange = Math.max(younger, 1 - olderThan(change.caching, atMs - change.atMs))
    if (change.to === stamp) share += youngerThanChange - younger
    younger = youngerThanChange
  }
  if (routing.home === stamp) share += 1 - younger
  return share < 1e-9 ? 0 : share
}

/** The last instant, exclusive, at which a stamp may have had traffic of the replica; undefined for never. */
export function servedUntilMs(routing: Routing, stamp: string): number | undefined {
  const stations = [routing.home, ...routing.changes.map((change) => change.to)]
  const last = stations.lastIndexOf(stamp)
  if (last === -1) return undefined
  if (last === stations.length - 1) return Number.POSITIVE_INFINITY
  return Math.max(...routing.changes.slice(0, last + 1).map(settledMs))
}

function settledMs(change: RouteChange): number {
  return change.atMs + change.caching.stragglerEndMs
}

/** The share of clients whose last look-up is longer ago. */
function olderThan(caching: Caching, ageMs: number): number {
  const prompt = Math.max(0, 1 - ageMs / (TTL_SECONDS * 1000))
  const late = Math.max(0, 1 - ageMs / caching.stragglerEndMs)
  return (1 - caching.stragglerShare) * prompt + caching.stragglerShare * late * late
}
