import { reactionsOf } from './attribution.ts'
import { hotSharesAt } from './contributors.ts'
import { binsWithin, greaterShare } from './dominance.ts'
import type { Draft, MovesDraft, NoMoves } from './draft.ts'
import { draftEvacuation } from './evacuate.ts'
import { Forecasts } from './forecasts.ts'
import { draftIsolation } from './isolate.ts'
import { byStampAndRule } from './movable.ts'
import { binsNeeded } from './peak-window.ts'
import type { PlanBody } from './plan.ts'
import { documentOf, type Outcome, type PlanContext, type PlanRequest } from './plan-document.ts'
import { type PoolJudgement, percent } from './pool-judgement.ts'
import { draftRamp } from './ramp.ts'
import { draftRebalance } from './rebalance.ts'
import { byId, type RegionData } from './region-data.ts'
import { dominanceWords, needsAction } from './scan-region.ts'
import { type DraftMove, poolsOf, type Situation, situationOf, tenantsAt } from './situation.ts'

export type { PlanContext } from './plan-document.ts'

/** With more of the region's active stamps hot at once, and at least so many stamps, the cause is not one stamp's. */
const HOT_STAMPS_PERCENT_MAX = 40
const HOT_STAMPS_RULE_FROM = 3
/** Customers whose isolation is tried where no rebalance helps. */
const ISOLATION_TRIES_MAX = 3
/** From this share of offered requests on, throttling or errors on a cool stamp point at storage. */
const REACTION_SHARE_MIN = 0.05
const REACTION_REQUESTS_MIN = 100

/**
 * Makes the plan for a customer, a stamp, or what needs it most. The same input gives the same plan. Throws RangeError
 * where the region or the stamp is unknown or the customer has nothing in the region.
 */
export function makePlan(data: RegionData, request: PlanRequest, context: PlanContext): PlanBody {
  return planOn(situationOf(data, context), request, context)
}

/** Makes a plan for each of several stamps, what they share worked out once. */
export function makePlansFor(
  data: RegionData,
  stamps: readonly string[],
  context: PlanContext,
): Map<string, PlanBody> {
  if (stamps.length === 0) return new Map()
  const situation = situationOf(data, context)
  return new Map(stamps.map((stamp) => [stamp, planOn(situation, { stamp }, context)]))
}

function planOn(situation: Situation, request: PlanRequest, context: PlanContext): PlanBody {
  return documentOf(situation, { request, context, outcome: outcomeOf(situation, request) })
}

function outcomeOf(situation: Situation, request: PlanRequest): Outcome {
  const scope = scopeOf(situation, request)
  const stopped = tooManyHot(situation)
  if (stopped) return { verdict: 'none', draft: stopped }
  const { evacuate, ramp } = request
  if (evacuate !== undefined || ramp !== undefined) return stampPlan(situation, { evacuate, ramp })
  if (request.customer !== undefined || request.stamp !== undefined) return planFor(situation, scope, request)

  let first: Outcome | null = null
  for (const stamp of inOrderOfNeed(situation)) {
    const outcome = planFor(situation, [stamp], {})
    if (outcome.draft.kind === 'moves') return outcome
    first ??= outcome
  }
  return first ?? planFor(situation, scope, {})
}

/** Empties a stamp, or fills a new one, by what its pools and those of the region show. */
function stampPlan(
  situation: Situation,
  { evacuate, ramp }: { readonly evacuate: string | undefined; readonly ramp: string | undefined },
): Outcome {
  const forecasts = new Forecasts(situation)
  if (evacuate === undefined) return acted(draftRamp(situation, ramp ?? '', forecasts))
  const unknown = insufficiency(poolsOf(situation, evacuate), situation)
  if (unknown) return { verdict: 'insufficient-data', draft: nothing(unknown) }
  return acted(draftEvacuation(situation, evacuate, forecasts))
}

/** The stamps that a request is about. */
function scopeOf(situation: Situation, request: PlanRequest): string[] {
  const { customer } = request
  const stamp = request.stamp ?? request.evacuate ?? request.ramp
  if (stamp !== undefined) {
    if (situation.stamps.some(({ id }) => id === stamp)) return [stamp]
    const known = situation.stamps.map(({ id }) => id).join(', ')
    throw new RangeError(`${stamp} is no stamp of ${situation.data.region}; pick one of ${known}`)
  }
  const homes = situation.use.tenants.filter(
    (tenant) => customer === undefined || tenant.customer === customer,
  )
  if (customer !== undefined && homes.length === 0) {
    throw new RangeError(`${customer} has no replica in ${situation.data.region}; name a customer who has`)
  }
  return situation.stamps
    .filter(
      ({ id, kind }) =>
        (customer === undefined || kind === 'shared') && homes.some((one) => one.homeStamp === id),
    )
    .map(({ id }) => id)
}

function planFor(situation: Situation, scope: readonly string[], request: PlanRequest): Outcome {
  const judged = scope.flatMap((stamp) => poolsOf(situation, stamp))
  const unknown = insufficiency(judged, situation)
  if (unknown) return { verdict: 'insufficient-data', draft: nothing(unknown) }
  const storage = scope.map((stamp) => storageBound(situation, stamp)).find((words) => words !== null)
  if (storage) return { verdict: 'storage-bound', draft: nothing(storage) }

  const dominated = judged
    .filter(
      ({ scan }) => scan.dominatedBy && (!request.customer || scan.dominatedBy.customer === request.customer),
    )
    .toSorted((a, b) => share(b) - share(a))[0]
  if (dominated?.scan.dominatedBy) return isolation(situation, dominated.scan.dominatedBy.customer, dominated)
  const [hot] = judged
    .filter(({ scan }) => scan.verdict === 'hot')
    .toSorted((a, b) => (b.scan.figures.hotNodeP95 ?? 0) - (a.scan.figures.hotNodeP95 ?? 0))
  if (hot) return relief(situation, hot, request)

  const half = judged.find(({ halfJudged }) => halfJudged)
  if (half) return { verdict: 'insufficient-data', draft: nothing(`${half.words}.`) }
  return { verdict: 'none', draft: nothing(calmWords(situation, judged, request)) }
}

/** The customer's plan covers all shared stamps of the region that it is on, so all of these must be known. */
function isolation(situation: Situation, customer: string, dominated: PoolJudgement): Outcome {
  const stamps = scopeOf(situation, { customer })
  const unknown = insufficiency(
    stamps.flatMap((stamp) => poolsOf(situation, stamp)),
    situation,
  )
  if (unknown) return { verdict: 'insufficient-data', draft: nothing(unknown) }
  return acted(
    draftIsolation(situation, customer, `${sentence(dominanceWords(dominated.scan, situation.policy))}`),
  )
}

function relief(situation: Situation, hot: PoolJudgement, request: PlanRequest): Outcome {
  const stamp = hot.scan.stamp
  const reason = sentence(hot.words)
  if (hot.use.stamp.kind === 'isolated') {
    const detail = 'isolated stamps are not rebalanced; raise its node counts'
    return {
      verdict: 'none',
      draft: {
        kind: 'none',
        reason: `${reason} ${sentence(detail)}`,
        blocked: [{ stamp, rule: 'isolated', detail }],
      },
    }
  }
  const { customer } = request
  const forecasts = new Forecasts(situation)
  const draft = draftRebalance(situation, {
    stamp,
    reason,
    customer: customer ?? null,
    forecasts,
    may: (tenant) =>
      (customer === undefined || tenant.customer === customer) &&
      (request.stamp === undefined || tenant.homeStamp === request.stamp),
  })
  if (customer !== undefined) return acted(draft)
  const over = (moves: readonly DraftMove[]) => overTarget(situation, forecasts, moves)
  const least = draft.kind === 'moves' ? over(draft.moves) : over([])
  if (least === 0) return acted(draft)

  // Every shared destination would only be the next hot stamp: what is left is to take a customer away.
  const tried = greatestCustomers(situation, stamp).map((one) => draftIsolation(situation, one, draft.reason))
  const [isolated] = tried
    .filter((one): one is MovesDraft => one.kind === 'moves')
    .map((one) => ({ draft: one, over: over(one.moves) }))
    .filter((one) => one.over < least && forecasts.of(stamp, one.draft.moves).over === 0)
    .toSorted((a, b) => a.over - b.over)
  if (isolated) return acted(isolated.draft)
  if (draft.kind === 'moves') return acted(draft)
  return acted({
    ...draft,
    blocked: [...draft.blocked, ...(tried[0]?.blocked ?? [])].toSorted(byStampAndRule),
  })
}

/** Pools of shared stamps over the target after moves. */
function overTarget(situation: Situation, forecasts: Forecasts, moves: readonly DraftMove[]): number {
  return situation.stamps
    .filter(({ kind }) => kind === 'shared')
    .reduce((sum, { id }) => sum + forecasts.of(id, moves).over, 0)
}

function acted(draft: Draft): Outcome {
  return draft.kind === 'moves' ? { verdict: draft.verdict, draft } : { verdict: 'none', draft }
}

function tooManyHot(situation: Situation): NoMoves | null {
  const active = situation.stamps.filter(({ state }) => state === 'active')
  const hot = active.filter(({ id }) => poolsOf(situation, id).some(({ scan }) => scan.verdict === 'hot'))
  if (active.length < HOT_STAMPS_RULE_FROM || hot.length * 100 <= active.length * HOT_STAMPS_PERCENT_MAX)
    return null
  const detail = `${hot.length} of ${active.length} active stamps are hot at once; above ${HOT_STAMPS_PERCENT_MAX} % nothing is planned, look for a cause that they share`
  return {
    kind: 'none',
    reason: sentence(detail),
    blocked: hot.map(({ id }) => ({ stamp: id, rule: 'region-hot', detail })),
  }
}

/** The stamps that need action: hot ones first, then dominated ones, the greatest figure first. */
function inOrderOfNeed(situation: Situation): string[] {
  const rank = (stamp: string, rule: string) =>
    Math.max(
      0,
      ...poolsOf(situation, stamp).map((one) =>
        rule === 'hot' ? (one.scan.figures.hotNodeP95 ?? 0) : share(one),
      ),
    )
  const needs = needsAction(situation.judged, situation.policy).toSorted(
    (a, b) => byId(b.rule, a.rule) || rank(b.stamp, b.rule) - rank(a.stamp, a.rule) || byId(a.stamp, b.stamp),
  )
  return [...new Set(needs.map(({ stamp }) => stamp))]
}

/** Why nothing may be decided about these pools; null when it may. */
function insufficiency(judged: readonly PoolJudgement[], situation: Situation): string | null {
  const silent = judged.find(({ scan }) => scan.verdict === 'insufficient-data')
  if (silent) return sentence(silent.words)
  for (const { use, scan } of judged) {
    if (tenantsAt(situation, use.stamp.id).length === 0) continue
    const name = `${use.stamp.id} ${use.pool.role}`
    if (use.problem !== null) return `Who loads ${name} can't be told: ${use.problem}.`
    const bins = scan.window ? binsWithin(situation.use.grid, scan.window) : []
    const known = bins.filter((bin) => !Number.isNaN(use.baseline[bin] ?? Number.NaN))
    if (known.length < binsNeeded(situation.policy.minCoverage, bins.length)) {
      return `Who loads ${name} can't be told: ${known.length} of ${bins.length} bins of its peak window have both CPU and load.`
    }
  }
  return null
}

function storageBound(situation: Situation, stamp: string): string | null {
  const { policy } = situation
  const coolBelow = policy.hotPercent - policy.coolPointsBelowHot
  const pools = poolsOf(situation, stamp)
  if (pools.some(({ scan }) => (scan.figures.hotNodeP95 ?? 100) >= coolBelow)) return null
  const { offered, throttled, errors } = reactionsOf(situation.data, situation.use, stamp)
  const worst = Math.max(throttled, errors)
  if (offered < REACTION_REQUESTS_MIN || worst < offered * REACTION_SHARE_MIN) return null
  return `${stamp} throttles ${percent((throttled / offered) * 100)} and fails ${percent((errors / offered) * 100)} of its requests while every pool's hot-node P95 is below ${coolBelow} %: its storage is the bottleneck, and moving will not help.`
}

/** The customers with the greatest share of a stamp's hot minutes, greatest first. */
function greatestCustomers(situation: Situation, stamp: string): string[] {
  const shares = new Map<string, number>()
  const ofRegistry = hotSharesAt(situation, stamp)
  for (const { registry, customer } of tenantsAt(situation, stamp)) {
    shares.set(customer, (shares.get(customer) ?? 0) + (ofRegistry.get(registry) ?? 0))
  }
  return [...shares]
    .toSorted((a, b) => b[1] - a[1] || byId(a[0], b[0]))
    .slice(0, ISOLATION_TRIES_MAX)
    .map(([customer]) => customer)
}

function calmWords(
  situation: Situation,
  judged: readonly PoolJudgement[],
  { customer }: PlanRequest,
): string {
  const { hotPercent, dominance } = situation.policy
  const [warmest] = judged.toSorted(
    (a, b) => (b.scan.figures.hotNodeP95 ?? 0) - (a.scan.figures.hotNodeP95 ?? 0),
  )
  if (!warmest)
    return `${customer ?? situation.data.region} has no load on a shared stamp of ${situation.data.region}: nothing is at risk.`
  const who = customer ?? 'No customer'
  return `No pool is hot: the warmest is ${warmest.scan.stamp} ${warmest.scan.pool} with hot-node P95 ${percent(warmest.scan.figures.hotNodeP95)}, hot from ${hotPercent} %. ${who} ${customer ? 'does not dominate any' : 'dominates one'}, which takes ${dominance} % of a shared pool's load or variance.`
}

function nothing(reason: string): NoMoves {
  return { kind: 'none', reason, blocked: [] }
}

function share({ scan }: PoolJudgement): number {
  return scan.dominatedBy ? greaterShare(scan.dominatedBy) : 0
}

function sentence(words: string): string {
  return `${words}.`
}
