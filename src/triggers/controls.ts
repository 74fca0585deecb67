import type { HttpResponseInit } from '@azure/functions'
import { gatesToUndo, skipRefusal } from '../domain/controls.ts'
import { GateId, partsOf } from '../domain/ids.ts'
import { decisionRefusal, refusal } from '../domain/principal.ts'
import type { ObservationRequest, RollbackRequest, SkipRequest } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord } from '../ports/records.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { give } from './orders.ts'
import { wrongState } from './plan-lookup.ts'
import { problem } from './problems.ts'

const HOUR_MS = 3_600_000

/** Orders that say of what: which registry stays, whose observation changes, which batches go home. */
export function registerControlRoutes(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS['order-rollback'], (call) => rollBack(ports, call))
  registerRoute(door, OPERATIONS['order-skip'], (call) => skip(ports, call))
  registerRoute(door, OPERATIONS['order-observation'], (call) => observation(ports, call))
}

function rollBack(ports: Ports, call: Call<RollbackRequest>): Promise<HttpResponseInit> {
  const { gate, phase } = call.body
  return give(ports, 'rollback', call, (controls, { plan, order, status }) => {
    if (gate === undefined && phase === undefined) return { ...controls, rollback: order }
    if (controls.undo)
      return wrongState(`a rollback besides that of ${controls.undo.gates.join(', ')}`, status)
    const moved = gatesToUndo(plan, { gate, phase }).filter((each) =>
      status.batches.some((batch) => batch.gate === each && batch.movesDone > 0),
    )
    const gates = moved.map((each) => GateId.parse(each))
    if (gates.length === 0)
      return wrongState(`a rollback of ${gate ?? phase}, of which nothing has moved,`, status)
    return { ...controls, undo: { ...order, gates } }
  })
}

async function skip(ports: Ports, call: Call<SkipRequest>): Promise<HttpResponseInit> {
  const { registry } = call.body
  const moves = await everyRecord(ports.records, 'moves', `${call.param('id')}/`)
  const last = new Map(moves.map(({ value }) => [partsOf(value.replica).registry, value]))
  const begun = new Set(
    [...last].filter(([, move]) => move.direction === 'forward').map(([name]): string => name),
  )
  return give(ports, 'skip', call, (controls, { plan, order }) => {
    const refused = skipRefusal(plan, controls, { registry, begun })
    if (refused) return problem('wrong-state', refused)
    return { ...controls, skips: [...(controls.skips ?? []), { ...order, registry }] }
  })
}

/** To end an observation early is as much as to approve the batch: it takes an approver who did not ask for the plan. */
async function observation(ports: Ports, call: Call<ObservationRequest>): Promise<HttpResponseInit> {
  const { body, principal } = call
  const mayNot = body.set === 'end' ? refusal(principal, 'endObservation') : undefined
  if (mayNot) return problem('not-allowed', mayNot)
  return give(ports, 'extendObservation', call, (controls, { plan, order, status }) => {
    const own = body.set === 'end' ? decisionRefusal(principal, plan.requestedBy) : undefined
    if (own) return problem('not-allowed', own)
    const now = status.run?.status
    if (now?.kind !== 'observing') return wrongState('an order to its observation', status)
    // The run's clock may be ahead of this one; an order to an observation never comes before it.
    const atMs = Math.max(order.atMs, now.sinceMs)
    const untilMs = body.set === 'end' ? atMs : Math.round(now.untilMs + body.hours * HOUR_MS)
    const given = { ...order, atMs, gate: now.gate, set: body.set, untilMs }
    return { ...controls, observations: [...(controls.observations ?? []), given] }
  })
}
