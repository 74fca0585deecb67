import { bestOfEveryWay } from './every-way.ts'
import { byGoals, type Choice, movesOf, scoreOf } from './goals.ts'
import { byId } from './region-data.ts'
import type { Candidate, SearchSpace } from './search-space.ts'

/** Of the stamp that is over and of another, so many of the heaviest are looked at in every way, */
const OVER_MAX = 6
const OTHER_MAX = 4
/** for up to so many moves of theirs, */
const MOVES_MAX = 4
/** each to one of the two or of so many of the coolest. */
const COOLEST_MAX = 2

/**
 * Where stamps stay over the target, looks with each of the others at every way for a few of their replicas, what else
 * was chosen being as it is: this finds room that only opens when somebody leaves.
 */
export function withNeighbours(space: SearchSpace, choices: readonly Choice[]): readonly Choice[] {
  let best = choices
  for (const stamp of space.stamps) {
    for (const other of space.stamps) {
      if (other === stamp || space.forecastOf(stamp, movesOf(best)).over === 0) continue
      const found = searched(space, best, [stamp, other])
      const [before, after] = [scoreOf(space, best), scoreOf(space, found)]
      if (before !== null && after !== null && byGoals(after, before) < 0) best = found
    }
  }
  return best
}

function searched(space: SearchSpace, choices: readonly Choice[], pair: readonly [string, string]): Choice[] {
  const coolest = space.stamps
    .map((stamp) => ({ stamp, worst: space.forecastOf(stamp, movesOf(choices)).worst }))
    .toSorted((a, b) => a.worst - b.worst || byId(a.stamp, b.stamp))
    .slice(0, COOLEST_MAX)
    .map(({ stamp }) => stamp)
  const open = new Set([...pair, ...coolest])
  const heaviest = (stamp: string, count: number): Candidate[] =>
    space.candidates.filter(({ homeStamp }) => homeStamp === stamp).slice(0, count)
  const focus = [...heaviest(pair[0], OVER_MAX), ...heaviest(pair[1], OTHER_MAX)]
  const names = new Set(focus.map(({ registry }) => registry))
  const fixed = choices.filter(({ candidate }) => !names.has(candidate.registry))
  const kept = movesOf(fixed)
  const part: SearchSpace = {
    ...space,
    candidates: focus.map((candidate) => ({ ...candidate, to: candidate.to.filter((to) => open.has(to)) })),
    movesMax: Math.min(MOVES_MAX, space.movesMax - fixed.length),
    forecastOf: (stamp, moves) => space.forecastOf(stamp, [...kept, ...moves]),
    isAllowed: (moves) => space.isAllowed([...kept, ...moves]),
  }
  return [...fixed, ...(bestOfEveryWay(part) ?? [])]
}
