import type { Draft } from './draft.ts'
import { bestOfEveryWay, isSmall } from './every-way.ts'
import type { Forecasts } from './forecasts.ts'
import { type Choice, movesOf } from './goals.ts'
import { bestOfMany } from './many-replicas.ts'
import { type Blocked, blockedOf, byStampAndRule, listed } from './movable.ts'
import { withNeighbours } from './neighbourhoods.ts'
import { percent } from './pool-judgement.ts'
import { byId, type Tenant } from './region-data.ts'
import { type Destinations, destinationsOf, type SearchSpace, searchSpaceOf } from './search-space.ts'
import { type DraftMove, poolsOf, type Situation, tenantsAt } from './situation.ts'
import { whyNotOf } from './why-not.ts'

/** With more loaded replicas than this there is so much choice that sets of a stamp's own do. */
const NEIGHBOURS_UP_TO = 200

/**
 * Leaves as few pools of the region's shared stamps over the target as can be, by the fewest moves, then the least load,
 * then the best balance. `may` limits which replicas move; `stamp` is the one that asked for it.
 */
export function draftRebalance(
  situation: Situation,
  options: {
    readonly stamp: string
    readonly reason: string
    readonly may: (tenant: Tenant) => boolean
    readonly customer: string | null
    readonly forecasts: Forecasts
  },
): Draft {
  const { stamp, reason, may, customer, forecasts } = options
  const { open, closed } = destinationsOf(situation)
  const space = searchSpaceOf(situation, { forecasts, open, may })
  const blocked = blockedOf(tenantsAt(situation, stamp).filter(may), situation)
  const landed = landedWords(situation, space, stamp)
  if (landed !== null) return { kind: 'none', reason: `${reason} ${landed}`, blocked: [] }
  const choices = isSmall(space) ? bestOfEveryWay(space) : bestOfLarge(space)
  if (choices === null) {
    const detail = failure(situation, { space, stamp, open, closed })
    const all = [...blocked, ...closed, { stamp, rule: 'no-destination', detail }]
    return { kind: 'none', reason: `${reason} ${detail}`, blocked: all.toSorted(byStampAndRule) }
  }
  const moves = movesOf(choices).toSorted((a, b) => byId(a.registry, b.registry))
  return {
    kind: 'moves',
    verdict: 'rebalance',
    customer,
    moves,
    reason: `${reason} ${successWords(situation, space, choices)}`,
    blocked: [...blocked, ...leftOverWords(situation, space, moves)].toSorted(byStampAndRule),
    nodes: new Map(),
    newPools: [],
    whyNot: whyNotOf({ space, choices, closed }),
  }
}

/** Null where nothing is better than to move nobody. */
function bestOfLarge(space: SearchSpace): readonly Choice[] | null {
  const found = bestOfMany(space) ?? []
  const better = space.candidates.length > NEIGHBOURS_UP_TO ? found : withNeighbours(space, found)
  return better.length > 0 ? better : null
}

/** Where moves that are under way relieve the stamp already: said instead of a plan. */
function landedWords(situation: Situation, space: SearchSpace, stamp: string): string | null {
  if (situation.landing.length === 0 || space.forecastOf(stamp, []).over > 0) return null
  const { worst } = space.forecastOf(stamp, [])
  return `Moves that landed lately or are in flight bring it to ${percent(worst)}, target ${situation.policy.targetPercent} %: nothing more is needed.`
}

function successWords(situation: Situation, space: SearchSpace, choices: readonly Choice[]): string {
  const moves = movesOf(choices)
  const sources = [...new Set(moves.map(({ from }) => from))].toSorted(byId)
  const replicas = sources.reduce((sum, stamp) => sum + tenantsAt(situation, stamp).length, 0)
  const { targetPercent } = situation.policy
  const words = `Moving ${moves.length} of ${replicas} replicas off ${sources.join(', ')}`
  const left = leftOver(space, moves)
  if (left.length === 0) {
    const worst = Math.max(...sources.map((stamp) => space.forecastOf(stamp, moves).worst))
    return `${words} brings every pool there to ${percent(worst)} or below, target ${targetPercent} %.`
  }
  const over = (after: readonly DraftMove[]) =>
    space.stamps.reduce((sum, stamp) => sum + space.forecastOf(stamp, after).over, 0)
  const named = listed(left.map(({ stamp, worst }) => `${stamp} at up to ${percent(worst)}`))
  return `${words} does not bring every pool to the target of ${targetPercent} %: of ${over([])} pools over it ${over(moves)} stay so, ${named}; no allowed set of moves was found that leaves fewer.`
}

/** The stamps that stay over the target although all was tried. */
function leftOver(space: SearchSpace, moves: readonly DraftMove[]) {
  return space.stamps
    .map((stamp) => ({ stamp, ...space.forecastOf(stamp, moves) }))
    .filter(({ over }) => over > 0)
}

function leftOverWords({ policy }: Situation, space: SearchSpace, moves: readonly DraftMove[]): Blocked[] {
  return leftOver(space, moves).map(({ stamp, worst }) => ({
    stamp,
    rule: 'no-destination',
    detail: `would still show ${percent(worst)}, target ${policy.targetPercent} %: no allowed set of moves was found that brings it lower`,
  }))
}

function failure(
  situation: Situation,
  { space, stamp, open, closed }: Destinations & { readonly space: SearchSpace; readonly stamp: string },
): string {
  const { targetPercent, movesMax } = situation.policy
  const own = space.candidates.filter(({ homeStamp }) => homeStamp === stamp)
  const gone = movesOf(own.map((candidate) => ({ candidate, to: 'elsewhere' })))
  const { over, worst } = space.forecastOf(stamp, gone)
  if (own.length === 0) return 'No replica with load may move.'
  if (over > 0)
    return `With all ${own.length} movable replicas gone it would still show ${percent(worst)}, target ${targetPercent} %; up to ${percent(unattributedAt(situation, stamp) * 100)} of a pool's load there can't be attributed to any replica.`
  if (!open.some((one) => one !== stamp)) return noneOpen(closed.filter((one) => one.stamp !== stamp))
  return `Every set of at most ${movesMax} replicas that brings it to ${targetPercent} % would push another stamp over.`
}

/** Why there is nowhere to go. */
function noneOpen(closed: readonly Blocked[]): string {
  const shared = closed.filter(({ rule }) => rule !== 'isolated')
  if (shared.length === 0) return 'There is no other shared stamp.'
  return `No other shared stamp takes replicas: ${listed(shared.map((one) => `${one.stamp} (${one.rule}: ${one.detail})`))}.`
}

/** The greatest part, 0..1, of a pool's load that no replica accounts for. */
function unattributedAt(situation: Situation, stamp: string): number {
  const sumOf = (values: Float64Array, known: Float64Array) =>
    values.reduce((sum, value, at) => sum + (Number.isNaN(known[at] ?? Number.NaN) ? 0 : value), 0)
  return Math.max(
    0,
    ...poolsOf(situation, stamp).map(({ use: { baseline, load } }) => {
      const all = sumOf(load, baseline)
      return all > 0 ? sumOf(baseline, baseline) / all : 0
    }),
  )
}
