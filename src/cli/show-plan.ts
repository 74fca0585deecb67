import { batchesOf, type Plan } from '../domain/plan.ts'
import type { PlanList, PlanView } from '../messages/api.ts'
import { moment, percent } from './figures.ts'
import { table } from './table.ts'

/** A plan for people: verdict, reason, phases, prediction, and what came of its rehearsal. */
export function showPlan({ plan, rehearsal }: PlanView): string {
  const parts = [
    `Plan ${plan.id}: ${plan.verdict}\n  ${plan.reason}\n  asked for by ${plan.requestedBy}, digest ${plan.digest}\n`,
    ...(plan.moves.length > 0 ? [phases(plan), predictions(plan)] : []),
    ...plan.blocked.map(({ stamp, rule, detail }) => `  ${stamp} is blocked by ${rule}: ${detail}\n`),
    ...(rehearsal ? [`  Rehearsal ${rehearsal.status}: ${rehearsal.words}\n`] : []),
  ]
  return parts.join('')
}

function phases(plan: Plan): string {
  const batches = batchesOf(plan)
  const rows = plan.phases.map(({ name, observation }) => {
    const own = batches.filter((batch) => batch.phase === name)
    const moves = own.reduce((sum, batch) => sum + batch.moves.length, 0)
    const destinations = new Set(own.flatMap((batch) => batch.moves.map((move) => move.to)))
    return [name, String(own.length), String(moves), [...destinations].join(', '), observation]
  })
  return table(['phase', '>batches', '>registries', 'to', 'observed for'], rows)
}

function predictions(plan: Plan): string {
  const rows = plan.pools.map(({ stamp, pool, before, predicted, ifNothingIsDone }) => [
    stamp,
    pool,
    percent(before.hotNodeP95),
    percent(predicted.hotNodeP95),
    `${predicted.low.toFixed(1)}..${predicted.high.toFixed(1)}`,
    percent(ifNothingIsDone.hotNodeP95),
  ])
  const titles = ['stamp', 'pool', '>hot-node P95 now', '>predicted', '>band', '>if nothing is done']
  return table(titles, rows)
}

export function showPlans({ plans }: PlanList): string {
  if (plans.length === 0) return 'There is no plan yet; `restamp scan` shows who needs one.\n'
  const rows = plans.map((plan) => [
    plan.id,
    plan.status,
    plan.verdict,
    String(plan.moves),
    plan.customer ?? '-',
    plan.region,
    plan.requestedBy,
    moment(plan.madeAtMs),
  ])
  return table(['plan', 'status', 'verdict', '>moves', 'customer', 'region', 'asked for by', 'made at'], rows)
}
