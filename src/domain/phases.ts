import type { Move, MovePhase } from './plan.ts'
import type { Policy } from './policy.ts'
import { byId } from './region-data.ts'

/** Sums of loads this close in relative terms are equal: 0.9 of a sum may be off by rounding. */
const EQUAL_WITHIN = 1e-9
/** Where the load of the next one is at least so many times as great, the data have a break of their own. */
const BREAK_TIMES = 2

export interface PhasedMove {
  readonly registry: string
  readonly phase: MovePhase
  /** Counts from 1 within the phase. */
  readonly batch: number
}

/**
 * Puts moves in phases, smallest first. By the policy's limits top talkers are the fewest replicas with at least `topPercent`
 * of the moved load, one a batch; the tail is those lightest that have at most `tailPercent` together, one batch; the rest is
 * medium. Where a limit would part replicas of about the same load, the border goes to the break of the data below them. Who
 * alone carries no more than the whole tail may is no top talker, where a break sets these apart.
 */
export function inPhases(
  moves: readonly { readonly registry: string; readonly load: number }[],
  policy: Pick<Policy, 'topPercent' | 'tailPercent' | 'mediumBatchMax' | 'breakTimes'>,
): PhasedMove[] {
  const lightestFirst = moves.toSorted((a, b) => a.load - b.load || byId(a.registry, b.registry))
  const { tail, top } = bordersOf(
    lightestFirst.map(({ load }) => load),
    policy,
  )
  return lightestFirst.map(({ registry }, at) => {
    if (at < tail) return { registry, phase: 'tail', batch: 1 }
    if (at >= top) return { registry, phase: 'top', batch: at - top + 1 }
    return { registry, phase: 'medium', batch: Math.floor((at - tail) / policy.mediumBatchMax) + 1 }
  })
}

/** How many of the loads, lightest first, are the tail, and from which on they are top talkers. */
function bordersOf(
  loads: readonly number[],
  policy: Pick<Policy, 'topPercent' | 'tailPercent' | 'breakTimes'>,
): { readonly tail: number; readonly top: number } {
  const all = loads.reduce((sum, load) => sum + load, 0)
  const slack = all * EQUAL_WITHIN
  const tailMost = (all * policy.tailPercent) / 100 + slack
  const times = policy.breakTimes ?? BREAK_TIMES
  let tail = 0
  for (let sum = 0; tail < loads.length; tail += 1) {
    sum += loads[tail] ?? 0
    if (sum > tailMost) break
  }
  tail = alikeAround(loads, tail, times)?.from ?? tail
  let top = loads.length
  for (let sum = 0; top > tail && sum < (all * policy.topPercent) / 100 - slack; top -= 1) {
    sum += loads[top - 1] ?? 0
  }
  top = Math.max(tail, alikeAround(loads, top, times)?.from ?? top)
  const light = loads.filter((load) => load <= tailMost).length
  if (times === 1 || light <= top) return { tail, top }
  const isBreak = (loads[light] ?? Number.POSITIVE_INFINITY) >= (loads[light - 1] ?? 0) * times
  return { tail, top: isBreak ? light : (alikeAround(loads, light, times)?.to ?? top) }
}

/**
 * The run of replicas of about the same load, set apart by breaks of the data, that a border goes through; undefined where it
 * stands at a break, or on a slope that has none near.
 */
function alikeAround(
  loads: readonly number[],
  border: number,
  times: number,
): { readonly from: number; readonly to: number } | undefined {
  const isBreak = (at: number) =>
    at === 0 || at === loads.length || (loads[at] ?? 0) >= (loads[at - 1] ?? 0) * times
  if (isBreak(border)) return undefined
  let [from, to] = [border, border]
  while (!isBreak(from)) from -= 1
  while (!isBreak(to)) to += 1
  return (loads[to - 1] ?? 0) < (loads[from] ?? 0) * times ? { from, to } : undefined
}

/** The order in which phases run. */
export const PHASE_ORDER: readonly MovePhase[] = ['tail', 'medium', 'top']

/**
 * Lets moves to a stamp that also gives replicas away wait for the batch in which the last of these leaves: until then there
 * may be no room. Moves that need each other's room end up in one batch. Batches count on without gaps.
 */
export function afterRoomIsMade(
  phased: readonly PhasedMove[],
  moves: readonly { readonly registry: string; readonly from: string; readonly to: string }[],
): PhasedMove[] {
  const placeOf = new Map(phased.map((move) => [move.registry, { phase: move.phase, batch: move.batch }]))
  const isLater = (a: Place, b: Place) =>
    PHASE_ORDER.indexOf(a.phase) - PHASE_ORDER.indexOf(b.phase) || a.batch - b.batch
  // Each round sends at least one move to a later place that is already taken, or is the last.
  for (let round = 0; round < moves.length; round += 1) {
    let waits = false
    for (const { registry, to } of moves) {
      const own = placeOf.get(registry)
      const leaving = moves
        .filter(({ from }) => from === to)
        .flatMap((move) => placeOf.get(move.registry) ?? [])
      const last = leaving.toSorted(isLater).at(-1)
      if (!own || !last || isLater(own, last) >= 0) continue
      placeOf.set(registry, last)
      waits = true
    }
    if (!waits) break
  }
  const taken = [...placeOf.values()].toSorted(isLater)
  return phased.map(({ registry, ...first }) => {
    const { phase, batch } = placeOf.get(registry) ?? first
    const before = new Set(
      taken.filter((place) => place.phase === phase && place.batch < batch).map((one) => one.batch),
    )
    return { registry, phase, batch: before.size + 1 }
  })
}

type Place = Pick<PhasedMove, 'phase' | 'batch'>

/** The phases that have moves, in the order in which they run, with how long each is observed. */
export function phasesOf(moves: readonly Pick<Move, 'phase'>[], policy: Policy) {
  const phases = [
    { name: 'tail', observation: policy.observeTail },
    { name: 'medium', observation: policy.observeMedium },
    { name: 'top', observation: policy.observeTop },
  ] as const
  return phases.filter(({ name }) => moves.some(({ phase }) => phase === name)).map((phase) => ({ ...phase }))
}
