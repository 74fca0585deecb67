import type { Move, PhaseName } from './plan.ts'
import type { Policy } from './policy.ts'
import { byId } from './region-data.ts'

/** Sums of loads this close in relative terms are equal: 0.9 of a sum may be off by rounding. */
const EQUAL_WITHIN = 1e-9

export interface PhasedMove {
  readonly registry: string
  readonly phase: PhaseName
  /** Counts from 1 within the phase. */
  readonly batch: number
}

/**
 * Puts moves in phases, smallest first. Top talkers are the fewest replicas with at least `topPercent` of the moved
 * load, one a batch; the tail is those lightest that have at most `tailPercent` together, one batch; the rest is medium.
 */
export function inPhases(
  moves: readonly { readonly registry: string; readonly load: number }[],
  policy: Pick<Policy, 'topPercent' | 'tailPercent' | 'mediumBatchMax'>,
): PhasedMove[] {
  const lightestFirst = moves.toSorted((a, b) => a.load - b.load || byId(a.registry, b.registry))
  const all = moves.reduce((sum, { load }) => sum + load, 0)
  const slack = all * EQUAL_WITHIN

  let tail = 0
  for (let sum = 0; tail < lightestFirst.length; tail += 1) {
    sum += lightestFirst[tail]?.load ?? 0
    if (sum > (all * policy.tailPercent) / 100 + slack) break
  }
  let top = lightestFirst.length
  for (let sum = 0; top > tail && sum < (all * policy.topPercent) / 100 - slack; top -= 1) {
    sum += lightestFirst[top - 1]?.load ?? 0
  }
  return lightestFirst.map(({ registry }, at) => {
    if (at < tail) return { registry, phase: 'tail', batch: 1 }
    if (at >= top) return { registry, phase: 'top', batch: at - top + 1 }
    return { registry, phase: 'medium', batch: Math.floor((at - tail) / policy.mediumBatchMax) + 1 }
  })
}

/** The phases that have moves, in the order in which they run, with how long each is observed. */
export function phasesOf(moves: readonly Pick<Move, 'phase'>[], policy: Policy) {
  const phases = [
    { name: 'tail', observation: policy.observeTail },
    { name: 'medium', observation: policy.observeMedium },
    { name: 'top', observation: policy.observeTop },
  ] as const
  return phases.filter(({ name }) => moves.some(({ phase }) => phase === name)).map((phase) => ({ ...phase }))
}
