import { partsOf, type RegionName } from './ids.ts'
import type { MoveRecord } from './run.ts'

/** A stamp that serves a replica from a time on (epoch ms), until the next stay begins. */
export interface Stay {
  readonly stamp: string
  readonly fromMs: number
}

/** Where a replica was served, oldest first; the first stay is taken to have begun before anything that is asked about. */
export type Stays = readonly Stay[]

/** A re-bind that took effect. */
export interface Rebound {
  readonly registry: string
  readonly from: string
  readonly to: string
  readonly atMs: number
}

export function alwaysAt(stamp: string): Stays {
  return [{ stamp, fromMs: Number.NEGATIVE_INFINITY }]
}

/**
 * Where a replica that is at home at `home` now was served before, by its own re-binds. From the first on, going back, that
 * doesn't lead to where the replica was next, somebody else has re-bound it: what was before is not known, and not told.
 */
export function staysOf(home: string, rebinds: readonly Rebound[]): Stays {
  const stays: Stay[] = []
  let stamp = home
  for (const { from, to, atMs } of rebinds.toSorted((a, b) => b.atMs - a.atMs)) {
    if (to !== stamp) break
    stays.unshift({ stamp, fromMs: atMs })
    stamp = from
  }
  return [...alwaysAt(stamp), ...stays]
}

export function stampAt(stays: Stays, atMs: number): string | undefined {
  return (stays.findLast(({ fromMs }) => fromMs <= atMs) ?? stays[0])?.stamp
}

/** The re-binds of a region's moves on record. */
export function reboundsIn(moves: readonly MoveRecord[], region: RegionName): Rebound[] {
  return moves.flatMap(({ replica, from, to, steps }) => {
    const bound = steps.find(({ step, kind }) => step === 'rebind' && kind === 'done')
    const place = partsOf(replica)
    return bound && place.region === region ? [{ registry: place.registry, from, to, atMs: bound.atMs }] : []
  })
}
