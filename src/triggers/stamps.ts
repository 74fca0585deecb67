import type { HttpResponseInit } from '@azure/functions'
import { type PolicyFile, policyFor } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import { type WhatWouldBe, whatWouldBe } from '../domain/what-would-be.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { WhatIfRequest, WhatIfView } from '../messages/stamp-api.ts'
import type { Ports } from '../ports/ports.ts'
import { policyChanges, policyList } from '../queries/policies.ts'
import { stampView } from '../queries/stamp-view.ts'
import { regionTelemetry } from '../queries/telemetry.ts'
import { type Call, registerRoute } from './api.ts'
import type { PlanRoutes } from './plans.ts'
import { problem } from './problems.ts'
import { chosenRegion } from './region-choice.ts'

/** Who heats a stamp, what would be if somebody lived elsewhere, and by which policy all of it is judged. */
export function registerStampRoutes({ ports, door, policies }: PlanRoutes): void {
  registerRoute(door, OPERATIONS.readStamp, (call) => readStamp(ports, policies, call))
  registerRoute(door, OPERATIONS.whatIf, (call) => whatIf(ports, policies, call))
  registerRoute(door, OPERATIONS.readPolicies, async () => {
    const { regions } = await ports.catalog.fleet()
    return {
      jsonBody: policyList(
        regions.map(({ name }) => name),
        policies,
      ),
    }
  })
  registerRoute(door, OPERATIONS.comparePolicy, async ({ body }) => {
    const chosen = chosenRegion(await ports.catalog.fleet(), body.region)
    if ('refused' in chosen) return chosen.refused
    return { jsonBody: policyChanges(policyFor(chosen.region.name, policies), body.policy) }
  })
}

async function readStamp(ports: Ports, policies: PolicyFile, call: Call<unknown>): Promise<HttpResponseInit> {
  const id = call.param('stamp')
  const { regions } = await ports.catalog.fleet()
  for (const { name: region, stamps } of regions) {
    const stamp = stamps.find((one) => one.id === id)
    if (!stamp) continue
    const view = await stampView(ports, stamp.id, { region, policy: policyFor(region, policies) })
    return { jsonBody: view }
  }
  return problem('not-found', `there is no stamp ${id}; GET /api/v1/fleet lists them`)
}

async function whatIf(
  ports: Ports,
  policies: PolicyFile,
  call: Call<WhatIfRequest>,
): Promise<HttpResponseInit> {
  const chosen = chosenRegion(await ports.catalog.fleet(), call.body.region)
  if ('refused' in chosen) return chosen.refused
  const policy = policyFor(chosen.region.name, policies)
  const data = await regionTelemetry(ports, chosen.region.name, lookBackHours(policy))
  try {
    const found = whatWouldBe(data, call.body.suppose, { policy, askedBy: call.principal.name })
    return { jsonBody: shown(found) }
  } catch (error) {
    // What is supposed of somebody whom the region does not know.
    if (error instanceof RangeError) return problem('not-found', error.message)
    throw error
  }
}

function shown({ moves, problems, pools, plan }: WhatWouldBe): WhatIfView {
  const { verdict, reason, blocked } = plan
  return {
    moves: [...moves],
    problems: [...problems],
    pools: [...pools],
    plan: { verdict, reason, blocked, moves: plan.moves.length },
  }
}
