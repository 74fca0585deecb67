import { byGoals, type Choice, scoreOf } from './goals.ts'
import { place } from './placement.ts'
import { type Relief, type Reliefs, reliefsOf } from './relief.ts'
import type { SearchSpace } from './search-space.ts'

/** Combinations of the stamps' reliefs that are tried to be placed together, lightest first. */
const COMBINATIONS_MAX = 120

/**
 * Relieves each stamp that is over the target by its smallest and lightest sets, places them together, and leaves out
 * the hardest stamps where not all can be relieved. Null where nobody can be.
 */
export function bestOfMany(space: SearchSpace): readonly Choice[] | null {
  const reliefs = space.stamps
    .filter((stamp) => space.forecastOf(stamp, []).over > 0)
    .map((stamp) => reliefsOf(space, stamp))
    .filter((own) => own !== null)
    .toSorted((a, b) => sizeOf(a) - sizeOf(b))
  const together = placedTogether(
    space,
    reliefs.map(({ smallest }) => smallest),
  )
  if (together !== null) return together
  let best: readonly Choice[] | null = null
  let chosen: (readonly Relief[])[] = []
  for (const { smallest, larger } of reliefs) {
    const own = [...smallest, ...larger()]
    const placed = placedTogether(space, [...chosen, own])
    if (placed === null) continue
    best = placed
    chosen = [...chosen, own]
  }
  return best
}

function sizeOf({ smallest }: Reliefs): number {
  return smallest[0]?.replicas.length ?? 0
}

/** One relief for each stamp, in order of moves and load, until one combination can be placed; the best of equal sizes. */
function placedTogether(
  space: SearchSpace,
  reliefs: readonly (readonly Relief[])[],
): readonly Choice[] | null {
  for (const relief of inOrder(reliefs)) {
    const replicas = relief.flatMap((one) => one.replicas)
    if (replicas.length > space.movesMax) continue
    const placed = place(space, replicas)
    if (placed !== null && scoreOf(space, placed) !== null) return placed
  }
  return null
}

/** Combinations of one from each list, fewest moves and then least load first, as far as they are tried. */
function inOrder(reliefs: readonly (readonly Relief[])[]): (readonly Relief[])[] {
  let combined: (readonly Relief[])[] = [[]]
  for (const own of reliefs) {
    combined = combined
      .flatMap((one) => own.map((next) => [...one, next]))
      .toSorted((a, b) => byGoals(goalsOf(a), goalsOf(b)))
      .slice(0, COMBINATIONS_MAX)
  }
  return combined
}

function goalsOf(reliefs: readonly Relief[]) {
  return {
    over: 0,
    moves: reliefs.reduce((sum, { replicas }) => sum + replicas.length, 0),
    load: reliefs.reduce((sum, { load }) => sum + load, 0),
    unevenness: 0,
  }
}
