import type { HttpResponseInit } from '@azure/functions'
import type { Plan } from '../domain/plan.ts'
import { batchesOf } from '../domain/plan.ts'
import { decisionRefusal } from '../domain/principal.ts'
import type { Controls, Decision } from '../domain/run.ts'
import { DecisionRequest, OrderRequest } from '../messages/api.ts'
import type { Identity } from '../ports/identity.ts'
import type { Ports } from '../ports/ports.ts'
import { decisionsOn, lastWorseMs } from '../queries/decisions.ts'
import { statusView } from '../queries/status-view.ts'
import { type Call, registerRoute } from './api.ts'
import { findPlan, otherDigest, wrongState } from './plan-lookup.ts'
import { problem } from './problems.ts'
import { wake } from './wake.ts'

const ORDERS = ['hold', 'resume', 'rollback', 'abort'] as const
type OrderName = (typeof ORDERS)[number]

const WRITES_MAX = 8
const NUMBER_WIDTH = 3

/** What people tell a run. Each is a record first; the event afterwards only wakes. */
export function registerOrderRoutes(ports: Ports, identity: Identity): void {
  registerRoute(identity, {
    name: 'decide',
    method: 'POST',
    path: 'plans/{id}/decisions',
    action: 'decide',
    body: DecisionRequest,
    handle: (call) => decide(ports, call),
  })
  for (const order of ORDERS) {
    registerRoute(identity, {
      name: `order-${order}`,
      method: 'POST',
      path: `plans/{id}/${order}`,
      action: order,
      body: OrderRequest,
      handle: (call) => give(ports, order, call),
    })
  }
}

async function decide(ports: Ports, call: Call<DecisionRequest>): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const { plan } = found
  const refused = await decisionProblem(ports, plan, call)
  if (refused) return refused

  const { digest, gates, answer, reason, expiresAtMs } = call.body
  const atMs = ports.clock.nowMs()
  for (const gate of gates) {
    const number = String((await decisionsOn(ports, plan.id, gate)).length + 1).padStart(NUMBER_WIDTH, '0')
    const id = `${plan.id}/${gate}/${number}`
    const by = call.principal.name
    const decision: Decision = {
      id,
      planId: plan.id,
      digest,
      gates,
      answer,
      by,
      reason,
      atMs,
      expiresAtMs: expiresAtMs ?? null,
    }
    if ((await ports.records.create('decisions', id, decision)) === 'exists') {
      return problem(
        'answered-already',
        `somebody else answered gate ${gate} at the same moment; look at it again`,
      )
    }
  }
  await wake(ports, plan.id, call.client)
  return { status: 202, jsonBody: await statusView(ports, plan) }
}

async function decisionProblem(
  ports: Ports,
  plan: Plan,
  call: Call<DecisionRequest>,
): Promise<HttpResponseInit | undefined> {
  const own = decisionRefusal(call.principal, plan.requestedBy)
  if (own) return problem('not-allowed', own)
  if (plan.digest !== call.body.digest) return otherDigest(plan, call.body.digest)
  const status = await statusView(ports, plan)
  if (!status.allowed.includes('decide')) return wrongState('a decision', status)
  const known = new Set(batchesOf(plan).map(({ gate }) => gate))
  const unknown = call.body.gates.find((gate) => !known.has(gate))
  if (unknown)
    return problem('not-found', `${plan.id} has no gate ${unknown}; it has ${[...known].join(', ')}`)
  const now = ports.clock.nowMs()
  if (call.body.expiresAtMs !== undefined && call.body.expiresAtMs <= now) {
    return problem('invalid-request', 'expiresAtMs: the answer would have expired before it was given')
  }
  for (const gate of call.body.gates) {
    const last = (await decisionsOn(ports, plan.id, gate)).at(-1)
    const void_ =
      !last ||
      (last.expiresAtMs !== null && last.expiresAtMs <= now) ||
      last.atMs <= (await lastWorseMs(ports, plan.id, gate))
    if (!void_) {
      return problem(
        'answered-already',
        `gate ${gate} has the answer ${last.answer} of ${last.by}: ${last.reason}`,
      )
    }
  }
  return undefined
}

async function give(ports: Ports, name: OrderName, call: Call<OrderRequest>): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const { plan } = found
  const order = { by: call.principal.name, reason: call.body.reason, atMs: ports.clock.nowMs() }
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const status = await statusView(ports, plan)
    const stored = await ports.records.read('controls', plan.id)
    if (!stored || !status.allowed.includes(name)) return wrongState(name, status)
    const controls = controlsAfter(name, stored.value, order)
    if ((await ports.records.replace('controls', plan.id, controls, stored.etag)) === 'replaced') {
      await wake(ports, plan.id, call.client)
      return { status: 202, jsonBody: await statusView(ports, plan) }
    }
  }
  return problem(
    'dependency-failed',
    `the orders of ${plan.id} were written by others ${WRITES_MAX} times in a row; try again`,
  )
}

function controlsAfter(name: OrderName, controls: Controls, order: NonNullable<Controls['hold']>): Controls {
  switch (name) {
    case 'hold':
      return { ...controls, hold: order }
    case 'resume':
      return { ...controls, hold: null }
    case 'rollback':
      return { ...controls, rollback: order }
    case 'abort':
      return { ...controls, abort: order }
    default:
      return name satisfies never
  }
}
