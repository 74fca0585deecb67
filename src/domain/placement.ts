import { type Choice, movesOf } from './goals.ts'
import { byId } from './region-data.ts'
import type { Candidate, SearchSpace } from './search-space.ts'

/** Partial placings that are looked at before a set of replicas counts as unplaceable. */
const TRIES_MAX = 400
/** Rounds in which replicas are sent elsewhere, or two are exchanged, for a better balance. */
const ROUNDS_MAX = 20

/**
 * Sends replicas, heaviest first, each where the stamp stays coolest, and takes back what leads nowhere; then balances.
 * Null where none of the ways tried keeps every limit.
 */
export function place(space: SearchSpace, replicas: readonly Candidate[]): readonly Choice[] | null {
  const heaviestFirst = replicas.toSorted((a, b) => b.load - a.load || byId(a.registry, b.registry))
  const placed = new Placing(space, heaviestFirst).first()
  return placed === null ? null : balanced(space, placed)
}

class Placing {
  readonly #space: SearchSpace
  readonly #replicas: readonly Candidate[]
  readonly #leaving: readonly Choice[]
  #tries = 0

  constructor(space: SearchSpace, replicas: readonly Candidate[]) {
    this.#space = space
    this.#replicas = replicas
    this.#leaving = replicas.map((candidate) => ({ candidate, to: 'elsewhere' }))
  }

  first(): readonly Choice[] | null {
    return this.#from(0, [])
  }

  #from(at: number, choices: readonly Choice[]): readonly Choice[] | null {
    const candidate = this.#replicas[at]
    if (!candidate) return this.#space.isAllowed(movesOf(choices)) ? choices : null
    for (const to of this.#coolestFirst(candidate, choices)) {
      if (this.#tries >= TRIES_MAX) return null
      this.#tries += 1
      const found = this.#from(at + 1, [...choices, { candidate, to }])
      if (found) return found
    }
    return null
  }

  /** The stamps that can take one more beside those placed there, all others that leave counted as gone. */
  #coolestFirst(candidate: Candidate, choices: readonly Choice[]): string[] {
    return candidate.to
      .map((to) => {
        const here = [...choices.filter((choice) => choice.to === to), { candidate, to }]
        const gone = this.#leaving.filter((choice) => choice.candidate.homeStamp === to)
        return { to, ...this.#space.forecastOf(to, movesOf([...gone, ...here])) }
      })
      .filter(({ takes }) => takes)
      .toSorted((a, b) => a.worst - b.worst || byId(a.to, b.to))
      .map(({ to }) => to)
  }
}

/** Sends single replicas elsewhere and exchanges pairs as long as the region becomes more even. */
function balanced(space: SearchSpace, choices: readonly Choice[]): readonly Choice[] {
  let best = choices
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const better = neighbours(best).find(
      (other) => isMoreEven(space, other, best) && space.isAllowed(movesOf(other)),
    )
    if (!better) break
    best = better
  }
  return best
}

function neighbours(choices: readonly Choice[]): Choice[][] {
  const elsewhere = choices.flatMap(({ candidate }, at) =>
    candidate.to.map((to) => choices.map((choice, other) => (other === at ? { candidate, to } : choice))),
  )
  const exchanged = choices.flatMap((a, i) =>
    choices.slice(i + 1).flatMap((b, step) => {
      if (a.to === b.to || !a.candidate.to.includes(b.to) || !b.candidate.to.includes(a.to)) return []
      const j = i + 1 + step
      return [
        choices.map((choice, at) => {
          if (at === i) return { ...choice, to: b.to }
          return at === j ? { ...choice, to: a.to } : choice
        }),
      ]
    }),
  )
  return [...elsewhere, ...exchanged]
}

/** Compares only the stamps where the two differ. */
function isMoreEven(space: SearchSpace, a: readonly Choice[], b: readonly Choice[]): boolean {
  const differing = a.flatMap((choice, at) => (choice.to === b[at]?.to ? [] : [choice.to, b[at]?.to ?? '']))
  const stamps = [...new Set(differing)]
  if (stamps.length === 0) return false
  let difference = 0
  for (const stamp of stamps) {
    const after = space.forecastOf(stamp, movesOf(a))
    if (!after.takes && a.some(({ to }) => to === stamp)) return false
    difference += after.unevenness - space.forecastOf(stamp, movesOf(b)).unevenness
  }
  return difference < -1e-9
}
