import { type Choice, movesOf } from './goals.ts'
import { byId } from './region-data.ts'
import type { Candidate, SearchSpace } from './search-space.ts'

/** Partial placings that are looked at before a set of replicas counts as unplaceable. */
const TRIES_MAX = 400
/** Stamps on which one more replica is forecast, the coolest first. */
const STAMPS_MAX = 4
/** Rounds in which replicas are sent elsewhere, or two are exchanged, for a better balance. */
const ROUNDS_MAX = 3
/** More replicas than this stay where each was coolest when it was placed. */
const BALANCED_MAX = 16
/** Among so many replicas pairs are exchanged too. */
const EXCHANGED_MAX = 6

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
    const movesAt = (to: string, more: readonly Choice[]) =>
      movesOf([
        ...this.#leaving.filter((choice) => choice.candidate.homeStamp === to),
        ...choices.filter((choice) => choice.to === to),
        ...more,
      ])
    return candidate.to
      .map((to) => ({ to, worst: this.#space.forecastOf(to, movesAt(to, [])).worst }))
      .toSorted((a, b) => a.worst - b.worst || byId(a.to, b.to))
      .slice(0, STAMPS_MAX)
      .map(({ to }) => ({ to, ...this.#space.forecastOf(to, movesAt(to, [{ candidate, to }])) }))
      .filter(({ takes }) => takes)
      .toSorted((a, b) => a.worst - b.worst || byId(a.to, b.to))
      .map(({ to }) => to)
  }
}

/** Sends single replicas elsewhere, and exchanges pairs where there are few, as long as the region becomes more even. */
function balanced(space: SearchSpace, choices: readonly Choice[]): readonly Choice[] {
  let best = choices
  if (choices.length > BALANCED_MAX) return choices
  const stamps = coolest(space, choices)
  const rounds = choices.length > EXCHANGED_MAX ? 1 : ROUNDS_MAX
  for (let round = 0; round < rounds; round += 1) {
    let better = false
    for (let at = 0; at < best.length; at += 1) {
      const found = neighbours(best, at, stamps).find(
        (other) => isMoreEven(space, other, best) && space.isAllowed(movesOf(other)),
      )
      if (!found) continue
      best = found
      better = true
    }
    if (!better) break
  }
  return best
}

/** The stamps that are sent to, and the coolest of the others. */
function coolest(space: SearchSpace, choices: readonly Choice[]): ReadonlySet<string> {
  const moves = movesOf(choices)
  const used = choices.map(({ to }) => to)
  const others = space.stamps
    .map((stamp) => ({ stamp, worst: space.forecastOf(stamp, moves).worst }))
    .toSorted((a, b) => a.worst - b.worst || byId(a.stamp, b.stamp))
    .slice(0, STAMPS_MAX)
  return new Set([...used, ...others.map(({ stamp }) => stamp)])
}

/** One replica elsewhere, or exchanged with a later one. */
function neighbours(choices: readonly Choice[], at: number, stamps: ReadonlySet<string>): Choice[][] {
  const own = choices[at]
  if (!own) return []
  const { candidate } = own
  const elsewhere = candidate.to
    .filter((to) => to !== own.to && stamps.has(to))
    .map((to) => choices.with(at, { candidate, to }))
  if (choices.length > EXCHANGED_MAX) return elsewhere
  const exchanged = choices.slice(at + 1).flatMap((other, step) => {
    if (own.to === other.to || !candidate.to.includes(other.to) || !other.candidate.to.includes(own.to))
      return []
    return [choices.with(at, { candidate, to: other.to }).with(at + 1 + step, { ...other, to: own.to })]
  })
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
