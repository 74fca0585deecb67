import type { StampForecast } from './forecasts.ts'
import { byGoals, type Choice, movesOf, type Score } from './goals.ts'
import type { Candidate, SearchSpace } from './search-space.ts'

/** With more ways than this to leave each replica or send it somewhere, not all of them are looked at. */
const WAYS_MAX = 5_000_000
/** Each stamp is forecast for every set of replicas that could come or go: their number doubles with each. */
const REPLICAS_MAX = 12
/** Sums of loads in another order differ by rounding. */
const LOAD_SLACK = 1e-12

/** Whether a region is small enough for every way to be looked at. */
export function isSmall({ candidates }: SearchSpace): boolean {
  const ways = candidates.reduce((product, { to }) => product * (to.length + 1), 1)
  return candidates.length <= REPLICAS_MAX && ways <= WAYS_MAX
}

/** The best of all ways by the order of the goals; null where nothing is better than to move nobody. */
export function bestOfEveryWay(space: SearchSpace): readonly Choice[] | null {
  return new EveryWay(space).best()
}

/** Sets of replicas are bits of a number, so that a stamp is forecast once for each set that changes place there. */
class EveryWay {
  readonly #space: SearchSpace
  /** Lightest first, so that too heavy a set is left early. */
  readonly #candidates: readonly Candidate[]
  readonly #home: readonly number[]
  readonly #to: readonly (readonly number[])[]
  readonly #known: readonly Map<number, StampForecast>[]
  /** By stamp, the replicas that come or go. */
  readonly #changed: Int32Array
  readonly #come: Int32Array
  readonly #picked: { readonly at: number; readonly to: number }[] = []
  #best: { readonly score: Score; readonly choices: readonly Choice[] } | null = null
  #fewestOver: number
  /** No way leaves fewer. */
  readonly #leastOver: number

  constructor(space: SearchSpace) {
    this.#space = space
    this.#candidates = space.candidates.toSorted(
      (a, b) => a.load - b.load || (a.registry < b.registry ? -1 : 1),
    )
    this.#home = this.#candidates.map(({ homeStamp }) => space.stamps.indexOf(homeStamp))
    this.#to = this.#candidates.map(({ to }) => to.map((stamp) => space.stamps.indexOf(stamp)))
    this.#known = space.stamps.map(() => new Map())
    this.#changed = new Int32Array(space.stamps.length)
    this.#come = new Int32Array(space.stamps.length)
    this.#fewestOver = this.#over()
    this.#leastOver = this.#overWithAllGone()
  }

  best(): readonly Choice[] | null {
    const movesMax = Math.min(this.#candidates.length, this.#space.movesMax)
    for (let moves = 1; moves <= movesMax && this.#fewestOver > this.#leastOver; moves += 1)
      this.#pick(0, moves, 0)
    return this.#best?.choices ?? null
  }

  /** Pools over target in the whole region; infinite where a stamp would receive what it can't take. */
  #over(): number {
    let over = 0
    for (let stamp = 0; stamp < this.#changed.length; stamp += 1) {
      const forecast = this.#forecastOf(stamp)
      if (!forecast.takes && this.#come[stamp] !== 0) return Number.POSITIVE_INFINITY
      over += forecast.over
    }
    return over
  }

  #overWithAllGone(): number {
    let over = 0
    for (let stamp = 0; stamp < this.#changed.length; stamp += 1) {
      this.#changed[stamp] = this.#home.reduce((set, home, at) => (home === stamp ? set | (1 << at) : set), 0)
      over += this.#forecastOf(stamp).over
      this.#changed[stamp] = 0
    }
    return over
  }

  #pick(from: number, moves: number, load: number): void {
    if (moves === 0) {
      this.#weigh(load)
      return
    }
    for (let at = from; at + moves <= this.#candidates.length; at += 1) {
      const next = load + (this.#candidates[at]?.load ?? 0)
      if (this.#isTooHeavy(moves, next)) return
      for (const to of this.#to[at] ?? []) {
        this.#turn(at, to)
        this.#picked.push({ at, to })
        this.#pick(at + 1, moves - 1, next)
        this.#picked.pop()
        this.#turn(at, to)
      }
    }
  }

  /** With as few pools over as can be there is only load left to gain by. */
  #isTooHeavy(left: number, load: number): boolean {
    const best = this.#best?.score
    if (best === undefined || this.#fewestOver > this.#leastOver) return false
    return best.moves === this.#picked.length + left && load > best.load * (1 + LOAD_SLACK)
  }

  /** Takes a replica to a stamp, or back. */
  #turn(at: number, to: number): void {
    const bit = 1 << at
    const home = this.#home[at] ?? 0
    this.#changed[home] = (this.#changed[home] ?? 0) ^ bit
    this.#changed[to] = (this.#changed[to] ?? 0) ^ bit
    this.#come[to] = (this.#come[to] ?? 0) ^ bit
  }

  #weigh(load: number): void {
    const over = this.#over()
    if (over > this.#fewestOver) return
    const moves = this.#picked.length
    const best = this.#best?.score
    if (over === this.#fewestOver && (best === undefined || best.moves < moves)) return
    const score = { over, moves, load, unevenness: this.#unevenness() }
    if (best !== undefined && over === this.#fewestOver && byGoals(score, best) >= 0) return
    const choices = this.#picked.flatMap(({ at, to }) => this.#choiceOf(at, to))
    if (!this.#space.isAllowed(movesOf(choices))) return
    this.#best = { score, choices }
    this.#fewestOver = over
  }

  #unevenness(): number {
    return this.#space.stamps.reduce((sum, _, stamp) => sum + this.#forecastOf(stamp).unevenness, 0)
  }

  #forecastOf(stamp: number): StampForecast {
    const set = this.#changed[stamp] ?? 0
    const known = this.#known[stamp]?.get(set)
    if (known !== undefined) return known
    const choices = this.#candidates.flatMap((candidate, at) =>
      (set & (1 << at)) === 0
        ? []
        : [{ candidate, to: this.#home[at] === stamp ? 'elsewhere' : (this.#space.stamps[stamp] ?? '') }],
    )
    const forecast = this.#space.forecastOf(this.#space.stamps[stamp] ?? '', movesOf(choices))
    this.#known[stamp]?.set(set, forecast)
    return forecast
  }

  #choiceOf(at: number, to: number): Choice[] {
    const candidate = this.#candidates[at]
    return candidate ? [{ candidate, to: this.#space.stamps[to] ?? '' }] : []
  }
}
