import { movesOf } from './goals.ts'
import { byId } from './region-data.ts'
import type { Candidate, SearchSpace } from './search-space.ts'

/** Sets of up to so many replicas are listed; larger ones grow heaviest first and are then lightened. */
const LISTED_SIZE_MAX = 4
/** The heaviest replicas of which sets are listed, by size: some hundred thousand sets at most. */
const LISTED_AMONG = [0, 64, 64, 48, 32]
/** The heaviest whose effect alone is forecast. */
const FORECAST_MAX = 64
/** Sets tried for each size, and of those that are enough the lightest so many are kept. */
const TRIED_MAX = 48
const KEPT_MAX = 8
/** Hot minutes weigh unequally, so a set may be enough with so little of what the linear estimate asks for. */
const ENOUGH_FROM = 0.7
/** Rounds of trading a replica of a large set for a lighter one. */
const TRADES_MAX = 24

/** Replicas of one stamp whose departure is enough. */
export interface Relief {
  readonly stamp: string
  readonly replicas: readonly Candidate[]
  readonly load: number
}

interface Effect {
  readonly replica: Candidate
  /** Of what has to go, the part that goes with it alone. */
  readonly part: number
}

/** Ways to relieve a stamp: the smallest sets that are enough, lightest first, and those with one replica more. */
export interface Reliefs {
  readonly smallest: readonly Relief[]
  readonly larger: () => readonly Relief[]
}

/** Sets of a stamp's replicas whose departure leaves as few of its pools over target as there can be; null where none does. */
export function reliefsOf(space: SearchSpace, stamp: string): Reliefs | null {
  const own = space.candidates.filter(({ homeStamp }) => homeStamp === stamp)
  const overAfter = (gone: readonly Candidate[]) =>
    space.forecastOf(stamp, movesOf(gone.map((candidate) => ({ candidate, to: 'elsewhere' })))).over
  const least = overAfter(own)
  if (least >= overAfter([])) return null
  const isEnough = (gone: readonly Candidate[]) => overAfter(gone) <= least
  const effects = effectsOf(space, stamp, own.slice(0, FORECAST_MAX))
  const asReliefs = (sets: readonly (readonly Candidate[])[]) =>
    sets.map((replicas) => ({ stamp, replicas, load: loadOf(replicas) }))
  for (let size = 1; size <= Math.min(LISTED_SIZE_MAX, own.length, space.movesMax); size += 1) {
    const found = lightestEnough(listed(effects, size), isEnough)
    if (found.length === 0) continue
    const larger = () =>
      asReliefs(size < LISTED_SIZE_MAX ? lightestEnough(listed(effects, size + 1), isEnough) : [])
    return { smallest: asReliefs(found), larger }
  }
  const found = asReliefs(grown(own, { isEnough, movesMax: space.movesMax }))
  return found.length > 0 ? { smallest: found, larger: () => [] } : null
}

/** Each replica alone, by how far it takes the stamp's worst pool from now to the target; greatest first. */
function effectsOf(space: SearchSpace, stamp: string, own: readonly Candidate[]): Effect[] {
  const worst = space.forecastOf(stamp, []).worst
  return own
    .map((replica) => {
      const without = space.forecastOf(stamp, movesOf([{ candidate: replica, to: 'elsewhere' }])).worst
      return { replica, part: (worst - without) / Math.max(1e-9, worst - space.targetPercent) }
    })
    .toSorted((a, b) => b.part - a.part || byId(a.replica.registry, b.replica.registry))
}

/** Sets of a size that are about enough by the sum of what each does alone, nearest to just enough first. */
function listed(effects: readonly Effect[], size: number): Candidate[][] {
  const among = effects.slice(0, LISTED_AMONG[size] ?? 0)
  const sets: { readonly part: number; readonly members: readonly number[] }[] = []
  const most = (left: number, from: number) =>
    among.slice(from, from + left).reduce((sum, { part }) => sum + Math.max(0, part), 0)
  const pick = (from: number, members: readonly number[], part: number) => {
    if (members.length === size) {
      if (part >= ENOUGH_FROM) sets.push({ part, members })
      return
    }
    const left = size - members.length
    for (let at = from; at + left <= among.length; at += 1) {
      if (part + most(left, at) < ENOUGH_FROM) return
      pick(at + 1, [...members, at], part + (among[at]?.part ?? 0))
    }
  }
  pick(0, [], 0)
  return sets
    .toSorted((a, b) => a.part - b.part || byId(a.members.join(), b.members.join()))
    .map(({ members }) => members.flatMap((at) => among[at]?.replica ?? []))
}

/** Of sets in order of their effect: where they begin to be enough is halved for, and around it the lightest are kept. */
function lightestEnough(
  sets: readonly (readonly Candidate[])[],
  isEnough: (set: readonly Candidate[]) => boolean,
): Candidate[][] {
  let [low, high] = [0, sets.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isEnough(sets[middle] ?? [])) high = middle
    else low = middle + 1
  }
  const first = Math.max(0, low - TRIED_MAX / 2)
  return sets
    .slice(first, first + TRIED_MAX)
    .map((set) => ({ set: [...set], load: loadOf(set) }))
    .toSorted((a, b) => a.load - b.load || byId(names(a.set), names(b.set)))
    .filter(({ set }) => isEnough(set))
    .slice(0, KEPT_MAX)
    .map(({ set }) => set)
}

/** Heaviest first until it is enough; then each member is traded for the lightest other with which it still is. */
function grown(
  replicas: readonly Candidate[],
  {
    isEnough,
    movesMax,
  }: { readonly isEnough: (set: readonly Candidate[]) => boolean; readonly movesMax: number },
): Candidate[][] {
  let size = LISTED_SIZE_MAX + 1
  while (size <= Math.min(movesMax, replicas.length) && !isEnough(replicas.slice(0, size))) size += 1
  if (size > Math.min(movesMax, replicas.length)) return []
  const heaviest = replicas.slice(0, size)
  let set = heaviest
  for (let trade = 0; trade < TRADES_MAX; trade += 1) {
    const lighter = traded(set, replicas, isEnough)
    if (lighter === null) break
    set = lighter
  }
  return set === heaviest ? [heaviest] : [set, heaviest]
}

function traded(
  set: readonly Candidate[],
  replicas: readonly Candidate[],
  isEnough: (set: readonly Candidate[]) => boolean,
): Candidate[] | null {
  const outside = replicas
    .filter((one) => !set.includes(one))
    .toSorted((a, b) => a.load - b.load || byId(a.registry, b.registry))
  for (const out of set.toSorted((a, b) => b.load - a.load || byId(a.registry, b.registry))) {
    const rest = set.filter((one) => one !== out)
    const lighter = outside.filter(({ load }) => load < out.load)
    // The lightest that is still enough, by halving: a lighter one takes less away, nearly always.
    let [low, high] = [0, lighter.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const one = lighter[middle]
      if (one && isEnough([...rest, one])) high = middle
      else low = middle + 1
    }
    const one = lighter[low]
    if (one) return [...rest, one]
  }
  return null
}

function loadOf(replicas: readonly Candidate[]): number {
  return replicas.reduce((sum, { load }) => sum + load, 0)
}

function names(replicas: readonly Candidate[]): string {
  return replicas.map(({ registry }) => registry).join()
}
