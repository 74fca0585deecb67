import { partsOf } from '../domain/ids.ts'
import type { PastMove } from '../domain/past-moves.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord } from '../ports/records.ts'

/** Moves that landed, for cooldowns and returns, and those in flight, which count as landed. */
export async function pastMoves({ records }: Pick<Ports, 'records'>): Promise<PastMove[]> {
  const moves = await everyRecord(records, 'moves')
  return moves.flatMap(({ value: { replica, from, to, outcome } }) =>
    outcome?.kind === 'failed'
      ? []
      : [{ ...partsOf(replica), from, to, landedAtMs: outcome === null ? null : outcome.atMs }],
  )
}
