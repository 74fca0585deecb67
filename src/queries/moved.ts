import { partsOf } from '../domain/ids.ts'
import type { Ports } from '../ports/ports.ts'

const MOVES_MAX = 10_000

/** When each registry last moved, for its cooldown. */
export async function movedAtMs({ records }: Pick<Ports, 'records'>): Promise<ReadonlyMap<string, number>> {
  const moves = await records.list('moves', { limit: MOVES_MAX })
  return new Map(
    moves.flatMap(({ value }) =>
      value.outcome?.kind === 'done' ? [[partsOf(value.replica).registry, value.outcome.atMs] as const] : [],
    ),
  )
}
