import type { HttpResponseInit } from '@azure/functions'
import { type AutonomyStep, levelOf, stepRefusal } from '../domain/autonomy.ts'
import { MovePhase } from '../domain/plan.ts'
import { type PolicyFile, policyFor } from '../domain/policy.ts'
import { refusal } from '../domain/principal.ts'
import type { AutonomyList, AutonomyRequest } from '../messages/autonomy-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { autonomyStanding, takeStep } from '../queries/autonomy.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** Autonomy of a region's phases: asked for by an operator, confirmed by another person, withdrawn by any of them. */
export function registerAutonomyRoutes(ports: Ports, door: Door, policies: PolicyFile): void {
  registerRoute(door, OPERATIONS.listAutonomy, async () => ({ jsonBody: await listed(ports, policies) }))
  registerRoute(door, OPERATIONS.stepAutonomy, (call) => step(ports, policies, call))
}

async function listed(ports: Ports, policies: PolicyFile): Promise<AutonomyList> {
  const levels: AutonomyList['levels'] = []
  for (const { name: region } of (await ports.catalog.fleet()).regions) {
    const policy = policyFor(region, policies)
    for (const phase of MovePhase.options) {
      const standing = await autonomyStanding(ports, { region, phase }, policy)
      levels.push({ region, phase, level: levelOf(phase, standing), last: standing.last ?? null })
    }
  }
  return { levels }
}

async function step(
  ports: Ports,
  policies: PolicyFile,
  { body, principal }: Call<AutonomyRequest>,
): Promise<HttpResponseInit> {
  const mayNot = body.step === 'confirmed' ? refusal(principal, 'decide') : undefined
  if (mayNot) return problem('not-allowed', mayNot)
  const known = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  if (!known.includes(body.region))
    return problem('not-found', `there is no region ${body.region}; known: ${known.join(', ')}`)
  const taken: AutonomyStep = { ...body, by: principal.name, atMs: ports.clock.nowMs() }
  const standing = await autonomyStanding(ports, body, policyFor(body.region, policies))
  const refused = stepRefusal(taken, standing)
  if (refused) return problem('not-allowed', refused)
  if ((await takeStep(ports, taken)) === 'overtaken')
    return problem('answered-already', 'somebody else wrote at the same moment; look at it again')
  return { status: 202, jsonBody: await listed(ports, policies) }
}
