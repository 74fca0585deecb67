import { partsOf } from '../domain/ids.ts'
import type { PastMove } from '../domain/past-moves.ts'
import type { Ports } from '../ports/ports.ts'

const MOVES_MAX = 10_000

/** Moves that landed, for cooldowns and returns, and those in flight, which count as landed. */
export async function pastMoves({ records }: Pick<Ports, 'records'>): Promise<PastMove[]> {
  const moves = await records.list('moves', { limit: MOVES_MAX })
  return moves.flatMap(({ value: { replica, from, to, outcome } }) =>
    outcome?.kind === 'failed'
      ? []
      : [{ ...partsOf(replica), from, to, landedAtMs: outcome === null ? null : outcome.atMs }],
  )
}
