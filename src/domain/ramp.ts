import type { Draft } from './draft.ts'
import type { Forecasts } from './forecasts.ts'
import { immovable, isReturn } from './movable.ts'
import { percent } from './pool-judgement.ts'
import { byId, type Tenant } from './region-data.ts'
import { destinationsOf } from './search-space.ts'
import { shareLimit } from './share-limit.ts'
import { type DraftMove, dayLoadOf, type Situation, tenantsAt } from './situation.ts'

/** Light replicas that go first, so that a stamp which does not serve is found by little traffic. */
const CANARIES = 3
/** Of each stamp so many of the heaviest replicas are looked at. */
const CANDIDATES_MAX = 40
/** A move that makes the region's balance better by less than this share of it is not worth its risk. */
const GAIN_MIN = 0.01

interface Candidate extends Tenant {
  readonly load: number
}

/**
 * Fills a new stamp from the region's other shared stamps: again and again the replica whose move makes the region's balance
 * best, until no move is worth it, and some light ones as canaries before them.
 */
export function draftRamp(situation: Situation, stamp: string, forecasts: Forecasts): Draft {
  const { open, closed } = destinationsOf(situation)
  const reasonNot = closed.filter((one) => one.stamp === stamp)
  if (reasonNot.length > 0) return { kind: 'none', reason: `${stamp} can't be filled.`, blocked: reasonNot }
  const sources = open.filter((id) => id !== stamp)
  const candidates = sources.map((from) => candidatesAt(situation, from, stamp))
  const ramp = { situation, stamp, forecasts, isAllowed: shareLimit(situation) }
  const heavy = balanced(
    ramp,
    candidates.flatMap((some) => some.slice(0, CANDIDATES_MAX)),
  )
  if (heavy.length === 0)
    return {
      kind: 'none',
      reason: `No move to ${stamp} would make the balance of ${situation.data.region} better.`,
      blocked: [],
    }
  const moves = [...heavy, ...canaries(ramp, candidates.flat(), heavy)]
  const from = [...new Set(moves.map((move) => move.from))].toSorted(byId)
  const { worst } = forecasts.of(stamp, moves)
  const hottest = Math.max(...from.map((id) => forecasts.of(id, moves).worst))
  return {
    ...{ kind: 'moves', verdict: 'ramp', customer: null, blocked: [], nodes: new Map(), newPools: [] },
    reason: `${stamp} is to be filled: ${moves.length} replicas of ${from.join(', ')} bring it to ${percent(worst)} and these to ${percent(hottest)} or below, the lightest of them first.`,
    moves: moves.toSorted((a, b) => byId(a.registry, b.registry)),
    whyNot: new Map(),
  }
}

/** Who may go from one stamp to the new one, heaviest first. */
function candidatesAt(situation: Situation, from: string, to: string): Candidate[] {
  return tenantsAt(situation, from)
    .filter((tenant) => immovable(tenant, situation) === null && !isReturn(tenant.registry, to, situation))
    .map((tenant) => ({ ...tenant, load: dayLoadOf(situation, tenant.registry, from) }))
    .toSorted((a, b) => b.load - a.load || byId(a.registry, b.registry))
}

interface Ramp {
  readonly situation: Situation
  readonly stamp: string
  readonly forecasts: Forecasts
  readonly isAllowed: (moves: readonly DraftMove[]) => boolean
}

function balanced(ramp: Ramp, candidates: readonly Candidate[]): DraftMove[] {
  const { situation, stamp, forecasts, isAllowed } = ramp
  const uneven = (at: string, moves: readonly DraftMove[]) => forecasts.of(at, moves).unevenness
  const whole = [stamp, ...new Set(candidates.map(({ homeStamp }) => homeStamp))].reduce(
    (sum, id) => sum + uneven(id, []),
    0,
  )
  const moves: DraftMove[] = []
  while (moves.length < situation.policy.movesMax - CANARIES) {
    const here = uneven(stamp, moves)
    const gains = candidates
      .filter(({ registry, load }) => load > 0 && !moves.some((move) => move.registry === registry))
      .map(({ registry, homeStamp: from }) => {
        const move = { registry, from, to: stamp }
        const after = [...moves, move]
        const gain = uneven(from, moves) + here - uneven(from, after) - uneven(stamp, after)
        return { move, gain: forecasts.of(stamp, after).takes && isAllowed(after) ? gain : 0 }
      })
      .toSorted((a, b) => b.gain - a.gain || byId(a.move.registry, b.move.registry))
    const [best] = gains
    if (!best || !(best.gain > GAIN_MIN * whole)) break
    moves.push(best.move)
  }
  return moves
}

/** The lightest of those that stay, as far as the stamp takes them as well. */
function canaries(
  { stamp, forecasts, isAllowed }: Ramp,
  candidates: readonly Candidate[],
  heavy: readonly DraftMove[],
): DraftMove[] {
  const light: DraftMove[] = []
  for (const { registry, homeStamp: from } of candidates.toSorted(
    (a, b) => a.load - b.load || byId(a.registry, b.registry),
  )) {
    if (light.length === CANARIES) break
    if (heavy.some((move) => move.registry === registry)) continue
    const after = [...heavy, ...light, { registry, from, to: stamp }]
    if (forecasts.of(stamp, after).takes && isAllowed(after)) light.push({ registry, from, to: stamp })
  }
  return light
}
