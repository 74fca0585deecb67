import type { StampForecast } from './forecasts.ts'
import type { Candidate, SearchSpace } from './search-space.ts'
import type { DraftMove } from './situation.ts'

/** Which replica goes where. */
export interface Choice {
  readonly candidate: Candidate
  readonly to: string
}

/** How well a set of moves does, in the order of the goals: the lesser the better, the first difference decides. */
export interface Score {
  readonly over: number
  readonly moves: number
  /** Core-minutes over the day. */
  readonly load: number
  readonly unevenness: number
}

/** Loads this close in relative terms are equal: sums in another order differ by rounding. */
const EQUAL_WITHIN = 1e-12

/** Negative where `a` serves the goals better. */
export function byGoals(a: Score, b: Score): number {
  const load = a.load - b.load
  const equal = Math.abs(load) <= EQUAL_WITHIN * Math.max(a.load, b.load)
  return a.over - b.over || a.moves - b.moves || (equal ? a.unevenness - b.unevenness : load)
}

export function movesOf(choices: readonly Choice[]): DraftMove[] {
  return choices.map(({ candidate, to }) => ({
    registry: candidate.registry,
    from: candidate.homeStamp,
    to,
  }))
}

/** The score of choices, or null where they break a hard limit: counts, fault domains, or the capacity of who receives. */
export function scoreOf(space: SearchSpace, choices: readonly Choice[]): Score | null {
  const moves = movesOf(choices)
  if (moves.length > space.movesMax || !space.isAllowed(moves)) return null
  const forecasts: StampForecast[] = []
  for (const stamp of space.stamps) {
    const forecast = space.forecastOf(stamp, moves)
    if (!forecast.takes && moves.some(({ to }) => to === stamp)) return null
    forecasts.push(forecast)
  }
  return {
    over: forecasts.reduce((sum, { over }) => sum + over, 0),
    moves: moves.length,
    load: choices.reduce((sum, { candidate }) => sum + candidate.load, 0),
    unevenness: forecasts.reduce((sum, { unevenness }) => sum + unevenness, 0),
  }
}
