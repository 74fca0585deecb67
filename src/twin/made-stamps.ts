import { type Fleet, type Pool, Stamp } from '../domain/fleet.ts'
import type { NewStamp, StampState } from '../ports/provisioning.ts'

/** How long a stamp takes to be made, or to be found impossible, and to be removed. */
const READY_MS = 15 * 60_000
const REMOVED_MS = 5 * 60_000

/** A stamp that was made in the simulated region, and what became of it. Epoch ms. */
export interface MadeStamp {
  readonly wanted: NewStamp
  readonly atMs: number
  readonly fails: boolean
  readonly activeMs: number | null
  readonly removedMs: number | null
}

export function stateOf(made: MadeStamp | undefined, nowMs: number): StampState {
  if (!made) return { kind: 'absent' }
  const { wanted, atMs, fails, activeMs, removedMs } = made
  const { key } = wanted
  if (removedMs !== null)
    return nowMs < removedMs + REMOVED_MS ? { kind: 'removing', key } : { kind: 'absent' }
  if (nowMs < atMs + READY_MS) return { kind: 'creating', key }
  if (fails) return { kind: 'failed', key, reason: 'the region has no capacity of this size left' }
  return { kind: activeMs === null ? 'ready' : 'active', key }
}

/** When the stamp's nodes are there: what lies before or behind has no telemetry. */
export function servesBetween({ atMs, removedMs }: MadeStamp): { fromMs: number; toMs: number } {
  return { fromMs: atMs + READY_MS, toMs: removedMs ?? Number.POSITIVE_INFINITY }
}

/** A pool of a stamp to be made, built like one of the files. */
export function madePool(fleet: Fleet, { region, pools }: NewStamp, role: string): Pool | undefined {
  const asked = pools.find((pool) => pool.role === role)
  const stamps = fleet.regions.find(({ name }) => name === region)?.stamps ?? []
  const like = stamps.find(({ id }) => id === asked?.like)?.pools.find((pool) => pool.role === role)
  if (!asked || !like) return undefined
  const { nodes } = asked
  return { ...like, nodes, minNodes: nodes, maxNodes: Math.max(like.maxNodes, nodes) }
}

/** The fleet with the stamps that were made, as far as they are there. */
export function withMadeStamps(fleet: Fleet, made: readonly MadeStamp[], nowMs: number): Fleet {
  const present = made.filter((one) => stateOf(one, nowMs).kind !== 'absent')
  if (present.length === 0) return fleet
  const stampsIn = (name: string) =>
    present
      .filter(({ wanted }) => wanted.region === name)
      .map((one) =>
        Stamp.parse({
          id: one.wanted.stamp,
          kind: 'isolated',
          state: stateOf(one, nowMs).kind === 'active' ? 'active' : 'provisioning',
          pools: one.wanted.pools.flatMap(({ role }) => madePool(fleet, one.wanted, role) ?? []),
          labels: { customer: one.wanted.customer },
        }),
      )
  return {
    ...fleet,
    regions: fleet.regions.map((region) => ({
      ...region,
      stamps: [...region.stamps, ...stampsIn(region.name)],
    })),
  }
}
