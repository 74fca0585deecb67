import type { Draft } from './draft.ts'
import { type Blocked, blockedOf, byStampAndRule, immovable } from './movable.ts'
import { Outcomes, type Placement, place } from './placement.ts'
import { percent } from './pool-judgement.ts'
import { byId, type Tenant } from './region-data.ts'
import { hotShareOf, loadOf, poolsOf, type Situation, tenantsAt } from './situation.ts'

/** Sets of up to so many replicas are searched; larger ones grow heaviest first. */
const SEARCHED_MOVES_MAX = 6
/** The heaviest replicas among which the search picks, and the partial sets that it keeps for each size. */
const CANDIDATES_MAX = 48
const SETS_KEPT = 24
/** Up to so many candidates every set is kept: then nothing is missed. */
const ALL_SETS_UP_TO = 10
const ALL_SETS_KEPT = 260
/** Sets of one size whose placing is tried, lightest first. */
const PLACINGS_MAX = 100
/** A plan of more moves is no rebalance but a rebuild. */
const MOVES_MAX = 200

interface Candidate extends Tenant {
  /** Core-minutes over the day, all roles. */
  readonly load: number
  readonly hotShare: number
}

interface Choice {
  readonly replicas: readonly Candidate[]
  readonly placement: Placement
}

/**
 * Brings every pool of a hot stamp to the target or below by moving the fewest replicas, then the least load, to cooler
 * active shared stamps, none of which goes over the target. `only` limits which replicas may be moved.
 */
export function draftRebalance(
  situation: Situation,
  stamp: string,
  options: {
    readonly reason: string
    readonly only?: (tenant: Tenant) => boolean
    readonly customer: string | null
  },
): Draft {
  const { targetPercent } = situation.policy
  const tenants = tenantsAt(situation, stamp).filter(options.only ?? (() => true))
  const candidates = candidatesOf(situation, stamp, tenants)
  const { open, closed } = destinationsOf(situation, stamp)
  const outcomes = new Outcomes(situation, stamp)
  const choice = choose({ outcomes, candidates, stamps: open, targetPercent })
  const blocked = blockedOf(tenants, situation)
  if (!choice) {
    const own = situation.use.pools.filter((pool) => pool.stamp.id === stamp)
    const detail = failure({ outcomes, candidates, open, targetPercent, unattributed: unattributedIn(own) })
    const reason = `${options.reason} ${detail}`
    return {
      kind: 'none',
      reason,
      blocked: [...blocked, ...closed, { stamp, rule: 'no-destination', detail }].toSorted(byStampAndRule),
    }
  }
  const moves = choice.replicas.map(({ registry }, at) => ({
    registry,
    from: stamp,
    to: choice.placement.to[at] ?? '',
  }))
  return {
    kind: 'moves',
    verdict: 'rebalance',
    customer: options.customer,
    moves: moves.toSorted((a, b) => byId(a.registry, b.registry)),
    reason: `${options.reason} Moving ${moves.length} of its ${tenantsAt(situation, stamp).length} replicas brings every pool of ${stamp} to ${percent(outcomes.source(choice.replicas))} or below, target ${targetPercent} %.`,
    blocked,
    nodes: new Map(),
    newPools: [],
    whyNot: whyNot({ outcomes, choice, candidates, open, closed, targetPercent }),
  }
}

function candidatesOf(situation: Situation, stamp: string, tenants: readonly Tenant[]): Candidate[] {
  return tenants
    .filter((tenant) => immovable(tenant, situation) === null)
    .map((tenant) => ({
      ...tenant,
      load: dayLoad(situation, tenant.registry, stamp),
      hotShare: hotShareOf(situation, tenant.registry, stamp),
    }))
    .filter(({ load }) => load > 0)
    .toSorted((a, b) => b.hotShare - a.hotShare || byId(a.registry, b.registry))
}

/** A replica's core-minutes over the last 24 h, all roles of its home stamp. */
export function dayLoad(situation: Situation, registry: string, stamp: string): number {
  return poolsOf(situation, stamp)
    .map(({ scan }) => loadOf(situation, registry, scan.pool))
    .reduce(
      (sum, load) => sum + (load?.reduce((all, value) => all + (Number.isNaN(value) ? 0 : value), 0) ?? 0),
      0,
    )
}

function destinationsOf(
  situation: Situation,
  from: string,
): { readonly open: string[]; readonly closed: Blocked[] } {
  const open: string[] = []
  const closed: Blocked[] = []
  const worstHere = worstNow(situation, from)
  for (const { id, kind, state } of situation.stamps) {
    if (id === from) continue
    const refuse = (rule: string, detail: string) => closed.push({ stamp: id, rule, detail })
    const pools = poolsOf(situation, id)
    const unjudged = pools.find(({ scan }) => scan.verdict === 'insufficient-data')
    if (kind !== 'shared') refuse('isolated', 'is isolated; it takes nobody from a shared stamp to cool it')
    else if (state !== 'active') refuse('state', `is ${state}; only an active stamp takes replicas`)
    else if (pools.length === 0) refuse('capacity', 'has no pools')
    else if (unjudged) refuse('insufficient-data', unjudged.words)
    else if (worstNow(situation, id) >= worstHere)
      refuse('no-cooler', `shows ${percent(worstNow(situation, id))} itself`)
    else open.push(id)
  }
  return { open, closed }
}

function worstNow(situation: Situation, stamp: string): number {
  return Math.max(0, ...poolsOf(situation, stamp).map(({ scan }) => scan.figures.hotNodeP95 ?? 0))
}

interface Search {
  readonly outcomes: Outcomes
  readonly candidates: readonly Candidate[]
  readonly stamps: readonly string[]
  readonly targetPercent: number
}

function choose(search: Search): Choice | null {
  const all = search.candidates.length <= ALL_SETS_UP_TO
  const pool = search.candidates.slice(0, CANDIDATES_MAX)
  const sizeMax = Math.min(pool.length, all ? ALL_SETS_UP_TO : SEARCHED_MOVES_MAX)
  let kept: readonly (readonly number[])[] = [[]]
  for (let size = 1; size <= sizeMax; size += 1) {
    const grown = grow(kept, pool.length).map((set) => ({
      set,
      worst: search.outcomes.source(members(set, pool)),
      load: loadSum(members(set, pool)),
    }))
    const enough = grown
      .filter(({ worst }) => worst <= search.targetPercent)
      .toSorted((a, b) => a.load - b.load || byId(a.set.join(), b.set.join()))
    const choice = firstPlaced(
      search,
      enough.map(({ set }) => members(set, pool)),
    )
    if (choice) return choice
    kept = grown
      .toSorted((a, b) => a.worst - b.worst || byId(a.set.join(), b.set.join()))
      .slice(0, all ? ALL_SETS_KEPT : SETS_KEPT)
      .map(({ set }) => set)
  }
  return all ? null : heaviestFirst(search, sizeMax + 1)
}

/** Each set with one more member, each such set once; members are indices, in order. */
function grow(sets: readonly (readonly number[])[], count: number): number[][] {
  const grown = new Map<string, number[]>()
  for (const set of sets) {
    for (let next = 0; next < count; next += 1) {
      if (set.includes(next)) continue
      const larger = [...set, next].toSorted((a, b) => a - b)
      grown.set(larger.join(), larger)
    }
  }
  return [...grown.values()]
}

function members(set: readonly number[], pool: readonly Candidate[]): Candidate[] {
  return set.flatMap((at) => pool[at] ?? [])
}

function loadSum(replicas: readonly Candidate[]): number {
  return replicas.reduce((sum, { load }) => sum + load, 0)
}

/** Of sets in order of load, the first that can be placed; the best balanced of those that are as light. */
function firstPlaced(search: Search, sets: readonly (readonly Candidate[])[]): Choice | null {
  let best: Choice | null = null
  for (const replicas of sets.slice(0, PLACINGS_MAX)) {
    if (best && loadSum(replicas) > loadSum(best.replicas)) break
    const placement = place(search.outcomes, replicas, search.stamps, search.targetPercent)
    if (placement && (!best || placement.worst < best.placement.worst)) best = { replicas, placement }
  }
  return best
}

function heaviestFirst(search: Search, sizeMin: number): Choice | null {
  const sizeMax = Math.min(search.candidates.length, MOVES_MAX)
  for (let size = sizeMin; size <= sizeMax; size += 1) {
    const replicas = search.candidates.slice(0, size)
    if (search.outcomes.source(replicas) > search.targetPercent) continue
    const placement = place(search.outcomes, replicas, search.stamps, search.targetPercent)
    if (placement) return { replicas, placement }
  }
  return null
}

function failure(parts: {
  readonly outcomes: Outcomes
  readonly candidates: readonly Candidate[]
  readonly open: readonly string[]
  readonly targetPercent: number
  readonly unattributed: number
}): string {
  const { outcomes, candidates, open, targetPercent, unattributed } = parts
  const least = outcomes.source(candidates)
  if (candidates.length === 0) return 'No replica with load may move.'
  if (least > targetPercent)
    return `With all ${candidates.length} movable replicas gone it would still show ${percent(least)}, target ${targetPercent} %; up to ${percent(unattributed * 100)} of a pool's load there can't be attributed to any replica.`
  if (open.length === 0) return 'No other active shared stamp is cooler.'
  return `Every set of replicas that brings it to ${targetPercent} % would push another stamp over.`
}

/** The greatest part, 0..1, of a pool's load that no replica accounts for. */
function unattributedIn(pools: Situation['use']['pools']): number {
  const sumOf = (values: Float64Array, known: Float64Array) =>
    values.reduce((sum, value, at) => sum + (Number.isNaN(known[at] ?? Number.NaN) ? 0 : value), 0)
  return Math.max(
    0,
    ...pools.map(({ baseline, load }) => {
      const all = sumOf(load, baseline)
      return all > 0 ? sumOf(baseline, baseline) / all : 0
    }),
  )
}

function whyNot(parts: {
  readonly outcomes: Outcomes
  readonly choice: Choice
  readonly candidates: readonly Candidate[]
  readonly open: readonly string[]
  readonly closed: readonly Blocked[]
  readonly targetPercent: number
}): string[] {
  const { outcomes, choice, candidates, open, closed } = parts
  const unused = open.filter((stamp) => !choice.placement.to.includes(stamp))
  const [runnerUp] = candidates.filter((one) => !choice.replicas.includes(one))
  const lightest = choice.replicas.toSorted(
    (a, b) => a.hotShare - b.hotShare || byId(a.registry, b.registry),
  )[0]
  const swapped = runnerUp ? [...choice.replicas.filter((one) => one !== lightest), runnerUp] : []
  const heavier = loadSum(swapped) > loadSum(choice.replicas) ? ', and moves more load' : ''
  return [
    ...(runnerUp && lightest
      ? [
          `${runnerUp.registry} (${percent(runnerUp.hotShare * 100)} of the hot minutes) in place of ${lightest.registry} would leave ${lightest.homeStamp} at ${percent(outcomes.source(swapped))}${heavier}`,
        ]
      : []),
    ...unused.map((stamp) => {
      const worst = outcomes.destination(stamp, choice.replicas)
      return `${stamp}: with all of these it would show ${Number.isFinite(worst) ? percent(worst) : 'more than can be predicted'}, against ${percent(choice.placement.worst)}`
    }),
    ...closed.map(({ stamp, detail }) => `${stamp}: ${detail}`),
  ]
}
