import type { HttpResponseInit } from '@azure/functions'
import { PlanId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { StatusView } from '../messages/api.ts'
import type { Ports } from '../ports/ports.ts'
import { etagOf, matches } from './etag.ts'
import { problem } from './problems.ts'

export type Found = { readonly plan: Plan } | { readonly refused: HttpResponseInit }

/** The plan that a route names, or the refusal to answer with. */
export async function findPlan({ records }: Pick<Ports, 'records'>, id: string): Promise<Found> {
  const planId = PlanId.safeParse(id)
  const plan = planId.success ? (await records.read('plans', planId.data))?.value : undefined
  return plan
    ? { plan }
    : { refused: problem('not-found', `there is no plan ${id}; list them with GET /api/v1/plans`) }
}

/** An order that makes no sense now, with the state and what is allowed. */
export function wrongState(order: string, status: StatusView): HttpResponseInit {
  const state = status.run?.status.kind ?? 'not started'
  const allowed = status.allowed
  return problem(
    'wrong-state',
    `${status.planId} is ${state}: ${order} is not possible; allowed now: ${allowed.join(', ') || 'nothing'}`,
    {
      state,
      allowed,
    },
  )
}

/** An order that was given on a status which has changed since; undefined where it stands, or where it was given on any. */
export function changedMeanwhile(
  { ifMatch }: { readonly ifMatch: string | null },
  status: StatusView,
): HttpResponseInit | undefined {
  if (ifMatch === null || ifMatch.trim() === '*' || matches(ifMatch, etagOf(status))) return undefined
  const state = status.run?.status.kind ?? 'not started'
  return problem(
    'changed-meanwhile',
    `the status of ${status.planId} is no longer the one that If-Match names: it is ${state}; read it again, and decide whether this is still to be done`,
    { state, allowed: status.allowed },
  )
}

export function otherDigest(plan: Plan, digest: string): HttpResponseInit {
  return problem(
    'other-digest',
    `the request names digest ${digest.slice(0, 12)}..., but ${plan.id} has ${plan.digest.slice(0, 12)}...; look at the plan again`,
  )
}
