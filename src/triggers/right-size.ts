import { randomUUID } from 'node:crypto'
import type { HttpResponseInit } from '@azure/functions'
import { sealPlan } from '../domain/canonical.ts'
import { PlanId } from '../domain/ids.ts'
import { policyFor } from '../domain/policy.ts'
import { makeRightSizing } from '../domain/right-size.ts'
import type { RightSizeRequest } from '../messages/capacity-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { relievedPools } from '../queries/headroom.ts'
import { statusView } from '../queries/status-view.ts'
import { type Call, registerRoute } from './api.ts'
import { findPlan, wrongState } from './plan-lookup.ts'
import { type PlanRoutes, planView } from './plans.ts'

/** Plans the right-sizing of what a completed plan relieved. It is a plan like any other, with its own gates and its own run. */
export function registerRightSizeRoute({ ports, door, policies }: PlanRoutes): void {
  registerRoute(door, OPERATIONS.rightSize, (call) => rightSize(ports, policies, call))
}

async function rightSize(
  ports: Ports,
  policies: PlanRoutes['policies'],
  call: Call<RightSizeRequest>,
): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const { plan: relieved } = found
  const run = (await ports.records.read('runs', relieved.id))?.value
  // Only what was observed to its end has freed what it seems to have freed.
  if (run?.status.kind !== 'completed' || relieved.moves.length === 0)
    return wrongState('a right-sizing', await statusView(ports, relieved))
  const policy = policyFor(relieved.region, policies)
  const body = makeRightSizing(relieved, await relievedPools(ports, relieved, policy), {
    policy,
    planId: PlanId.parse(`plan-${randomUUID().slice(0, 8)}`),
    requestedBy: call.principal.name,
    nowMs: ports.clock.nowMs(),
  })
  const plan = sealPlan(body)
  await ports.records.create('plans', plan.id, plan)
  return {
    status: 201,
    headers: { location: `/api/v1/plans/${plan.id}` },
    jsonBody: await planView(ports, plan),
  }
}
