import type { StampId } from './ids.ts'
import type { Move, PlanBody } from './plan.ts'

/** So many of the lightest go to a new stamp first, and are observed alone. */
const CANARIES = 3

/**
 * Gives the stamp that a plan has to make its name, so that its moves, its reverses and its gates are whole before anybody
 * approves them: first the stamp is made, then canaries go there, then the phases. A plan without a new stamp stays as it is.
 */
export function withNamedStamp(body: PlanBody, stamp: StampId): PlanBody {
  if (!body.moves.some(({ to }) => to === 'new') || !body.isolation) return body
  const named = <T extends { readonly to?: string; readonly from?: string; readonly stamp?: string }>(
    of: T,
  ) => ({
    ...of,
    ...(of.to === 'new' ? { to: stamp } : {}),
    ...(of.from === 'new' ? { from: stamp } : {}),
    ...(of.stamp === 'new' ? { stamp } : {}),
  })
  const moves = canariesFirst(body.moves).map((move) => ({
    ...named(move),
    why: move.why.replace(' new is predicted', ` ${stamp} is predicted`),
  }))
  return {
    ...body,
    moves,
    reverses: body.reverses.map(named),
    pools: body.pools.map(named),
    phases: [{ name: 'provision', observation: 'PT0S' }, ...body.phases],
    isolation: { ...body.isolation, stamp },
  }
}

/** The lightest of the tail are a batch of their own; the rest of it follows. Moves are in order of load. */
function canariesFirst(moves: readonly Move[]): Move[] {
  const tail = moves.filter(({ phase }) => phase === 'tail')
  if (tail.length <= CANARIES) return [...moves]
  const canaries = new Set(tail.slice(0, CANARIES).map(({ registry }) => registry))
  return moves.map((move) =>
    move.phase === 'tail' && !canaries.has(move.registry) ? { ...move, batch: move.batch + 1 } : move,
  )
}
