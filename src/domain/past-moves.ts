import { byId } from './region-data.ts'

/** A move that was made, or is under way: then `landedAtMs` (epoch ms) is null and the planner takes it as landed. */
export interface PastMove {
  readonly registry: string
  readonly region: string
  readonly from: string
  readonly to: string
  readonly landedAtMs: number | null
}

const DAY_MS = 86_400_000

/** Where each registry's load of the last 24 h was served before its latest move, and until when; null is until now. */
export function landingsIn(
  moves: readonly PastMove[],
  { region, nowMs }: { readonly region: string; readonly nowMs: number },
): Map<string, PastMove> {
  const recent = moves
    .filter(
      (move) => move.region === region && (move.landedAtMs === null || move.landedAtMs > nowMs - DAY_MS),
    )
    .toSorted((a, b) => (a.landedAtMs ?? nowMs) - (b.landedAtMs ?? nowMs) || byId(a.to, b.to))
  return new Map(recent.map((move) => [move.registry, move]))
}
