import { contributorsAt, hotSharesAt } from './contributors.ts'
import type { Draft, MovesDraft } from './draft.ts'
import { type PlanId, RegistryName, StampId } from './ids.ts'
import { outlooksOf } from './outlooks.ts'
import { afterRoomIsMade, inPhases, PHASE_ORDER, phasesOf } from './phases.ts'
import type { Move, PlanBody, PoolOutlook, Verdict } from './plan.ts'
import { percent } from './pool-judgement.ts'
import { predictedEnd } from './predicted-end.ts'
import { needsAction } from './scan-region.ts'
import { dayLoadOf, type Situation, type Surroundings } from './situation.ts'
import { whatWouldChange } from './what-would-change.ts'

export interface PlanRequest {
  readonly customer?: string
  readonly stamp?: string
  /** A stamp to be emptied, or a new one to be filled. */
  readonly evacuate?: string
  readonly ramp?: string
}

export interface PlanContext extends Surroundings {
  readonly planId: PlanId
  readonly requestedBy: string
}

export interface Outcome {
  readonly verdict: Verdict
  readonly draft: Draft
}

/** Writes what was decided as a plan document, or says that the data don't reach for its predictions. */
export function documentOf(
  situation: Situation,
  parts: { readonly request: PlanRequest; readonly context: PlanContext; readonly outcome: Outcome },
): PlanBody {
  const { request, context, outcome } = parts
  const { draft } = outcome
  const base = {
    id: context.planId,
    region: situation.data.region,
    madeAtMs: situation.data.nowMs,
    requestedBy: context.requestedBy,
    policy: situation.policy,
    contributors: contributorsAt(situation, stampsAbout(situation, request, draft)),
    blocked: draft.blocked.map(({ stamp, rule, detail }) => ({ stamp: StampId.parse(stamp), rule, detail })),
  }
  const empty = { customer: request.customer ?? null, moves: [], reverses: [], phases: [], pools: [] }
  const change = (pools: readonly PoolOutlook[]) =>
    whatWouldChange(situation, { verdict: outcome.verdict, draft, pools })
  if (draft.kind === 'none') {
    const { verdict } = outcome
    return { ...base, ...empty, verdict, reason: draft.reason, whatWouldChange: change([]) }
  }
  const pools = outlooksOf(situation, draft)
  if (pools === null) {
    const reason = `${draft.reason} But too many minutes lack CPU or load to predict what a move would do.`
    return { ...base, ...empty, verdict: 'insufficient-data', reason }
  }
  const moves = movesOf(situation, draft, pools)
  const sized = sizeOf(draft)
  const phases = phasesOf(moves, situation.policy)
  const whole = { ...base, verdict: outcome.verdict, moves, phases }
  const hasEnd = outcome.verdict === 'evacuate' || outcome.verdict === 'ramp'
  return {
    ...base,
    customer: draft.customer,
    verdict: outcome.verdict,
    reason: draft.reason,
    moves,
    reverses: moves
      .toReversed()
      .map(({ registry, from, to }) => ({ registry, from: StampId.parse(to), to: from })),
    phases,
    pools,
    whatWouldChange: change(pools),
    ...(hasEnd ? { endsAboutMs: predictedEnd(whole, base.madeAtMs) } : {}),
    ...(sized.length > 0 ? { isolation: { pools: sized } } : {}),
  }
}

/** The stamps whose load explains the plan: those that need something, that it takes load from, and that were asked for. */
function stampsAbout(situation: Situation, { stamp }: PlanRequest, draft: Draft): Set<string> {
  const needy = needsAction(situation.judged, situation.policy).map((need) => need.stamp)
  const sources = draft.kind === 'moves' ? draft.moves.map(({ from }) => from) : []
  return new Set([...needy, ...sources, ...(stamp === undefined ? [] : [stamp])])
}

/** The nodes that a new stamp is made with, or that an existing one needs more than it has. */
function sizeOf(draft: MovesDraft): NonNullable<PlanBody['isolation']>['pools'] {
  if (draft.newPools.length > 0)
    return draft.newPools.map(({ role, nodes, likeStamp }) => ({
      role,
      nodes,
      like: StampId.parse(likeStamp),
    }))
  return [...draft.nodes].map(([role, nodes]) => ({ role, nodes }))
}

function movesOf(situation: Situation, draft: MovesDraft, pools: readonly PoolOutlook[]): Move[] {
  const loads = draft.moves.map((move) => ({ ...move, load: dayLoadOf(situation, move.registry, move.from) }))
  const phased = afterRoomIsMade(inPhases(loads, situation.policy), draft.moves)
  const loadOfMove = new Map(loads.map((move) => [move.registry, move]))
  const total = loads.reduce((sum, { load }) => sum + load, 0)
  const shares = new Map(
    [...new Set(draft.moves.map(({ from }) => from))].map((stamp) => [stamp, hotSharesAt(situation, stamp)]),
  )
  const ordered = phased.toSorted(
    (a, b) => PHASE_ORDER.indexOf(a.phase) - PHASE_ORDER.indexOf(b.phase) || a.batch - b.batch,
  )
  return ordered.flatMap(({ registry, phase, batch }) => {
    const move = loadOfMove.get(registry)
    if (!move) return []
    const share = shares.get(move.from)?.get(registry) ?? 0
    const part = total > 0 ? (move.load / total) * 100 : 0
    const to = pools.filter(({ stamp }) => stamp === move.to)
    const there = to.map(({ pool, predicted }) => `${pool} ${percent(predicted.hotNodeP95)}`).join(', ')
    const whose = draft.customer === null ? '' : ` It belongs to ${draft.customer}.`
    return [
      {
        registry: RegistryName.parse(registry),
        from: StampId.parse(move.from),
        to: move.to === 'new' ? ('new' as const) : StampId.parse(move.to),
        phase,
        batch,
        share,
        why: `${registry} causes ${percent(share * 100)} of the hot minutes of ${move.from} and carries ${percent(part)} of the moved load.${whose} ${move.to} is predicted to show hot-node P95 ${there} after all moves.`,
        whyNot: [...(draft.whyNot.get(registry) ?? [])],
      },
    ]
  })
}
