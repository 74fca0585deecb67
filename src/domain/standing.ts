import type { Incident, Standing } from './incident.ts'
import type { Plan, PlanBody } from './plan.ts'
import { byId } from './region-data.ts'
import { hasEnded, type Run } from './run.ts'

const HOUR_MS = 3_600_000
/** After a run so long the signals may still show what was before it: peak window and earlier evaluation. */
const EFFECT_MS = 48 * HOUR_MS
/** A plan for an incident is tried anew so often: the same data give the same plan. */
const TRY_EVERY_MS = 6 * HOUR_MS

/** A plan with its run, where it was started. */
export interface PlanAndRun {
  readonly plan: Plan
  readonly run: Run | null
}

/** The plan that sees to a stamp now or did so just before; null where there is none. */
export function actedOn(stamp: string, plans: readonly PlanAndRun[], nowMs: number): Standing | null {
  const touching = plans
    .filter(({ plan }) => plan.moves.some(({ from }) => from === stamp))
    .toSorted((a, b) => b.plan.madeAtMs - a.plan.madeAtMs)
  const under = touching.find(({ run }) => run !== null && !hasEnded(run.status))
  if (under?.run) {
    const detail = `${under.plan.id} is under way: ${under.run.status.kind}`
    return { kind: 'acted', planId: under.plan.id, detail, atMs: nowMs }
  }
  const done = touching.find(
    ({ run }) => run?.status.kind === 'completed' && nowMs - run.status.atMs < EFFECT_MS,
  )
  if (done === undefined) return null
  const detail = `${done.plan.id} has moved replicas off it; its effect shows within ${EFFECT_MS / HOUR_MS} h`
  return { kind: 'acted', planId: done.plan.id, detail, atMs: nowMs }
}

/** Whether what blocks an incident has to be found out anew. */
export function isStale({ standing }: Incident, nowMs: number): boolean {
  return standing === null || standing.kind === 'acted' || nowMs - standing.atMs >= TRY_EVERY_MS
}

/** The latest plan for a stamp that somebody made and nobody has started. */
export function unstartedFor(stamp: string, plans: readonly PlanAndRun[], nowMs: number): Plan | undefined {
  return plans
    .filter(({ plan, run }) => run === null && nowMs - plan.madeAtMs < EFFECT_MS)
    .map(({ plan }) => plan)
    .filter(({ moves }) => moves.some(({ from }) => from === stamp))
    .toSorted((a, b) => b.madeAtMs - a.madeAtMs || byId(a.id, b.id))[0]
}

/** The rule that blocks action on a stamp, told from the plan that could be made for it now, and one that waits for its start. */
export function blockedBy(
  stamp: string,
  plan: PlanBody,
  { nowMs, unstarted }: { readonly nowMs: number; readonly unstarted?: Plan | undefined },
): Standing {
  const blocked = (rule: string, detail: string): Standing => ({ kind: 'blocked', rule, detail, atMs: nowMs })
  if (plan.verdict === 'insufficient-data' || plan.verdict === 'storage-bound')
    return blocked(plan.verdict, plan.reason)
  if (plan.moves.length > 0) {
    const words = `${plan.verdict === 'isolate' ? 'an isolation' : 'a rebalance'} of ${plan.moves.length} ${plan.moves.length === 1 ? 'replica' : 'replicas'} is possible`
    const next = unstarted
      ? `${unstarted.id} was made for it and nobody has started it`
      : `make the plan for ${stamp}, restamp opens nothing by itself`
    return blocked('nobody-asked', `${words}; ${next}`)
  }
  // What stops the whole region, or the one that every other stamp was tried for, stands before what blocks a replica.
  const own = plan.blocked.filter((one) => one.stamp === stamp)
  const [first] = ['region-hot', 'mispredicted', 'heats-anywhere', 'no-destination', 'isolated'].flatMap(
    (rule) => own.filter((one) => one.rule === rule),
  )
  const found = first ?? own[0]
  return found ? blocked(found.rule, found.detail) : blocked('nothing-to-move', plan.reason)
}
