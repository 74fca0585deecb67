import type { HttpResponseInit } from '@azure/functions'
import type { Controls, Order } from '../domain/controls.ts'
import type { Plan } from '../domain/plan.ts'
import type { StatusView } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { statusView } from '../queries/status-view.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { changedMeanwhile, findPlan, wrongState } from './plan-lookup.ts'
import { problem } from './problems.ts'
import { wake } from './wake.ts'

const ORDERS = ['hold', 'resume', 'abort'] as const
type OrderName = (typeof ORDERS)[number]

const WRITES_MAX = 8

/** What people tell a run. Each is a record first; the event afterwards only wakes. */
export function registerOrderRoutes(ports: Ports, door: Door): void {
  for (const order of ORDERS) {
    registerRoute(door, OPERATIONS[`order-${order}`], (call) =>
      give(ports, order, call, (controls, { order: given }) => controlsAfter(order, controls, given)),
    )
  }
}

/** What an order makes of the controls, or why it makes no sense. */
export type Change = (
  controls: Controls,
  given: { readonly plan: Plan; readonly status: StatusView; readonly order: Order },
) => Controls | HttpResponseInit

/** Puts an order on record by one conditional write, and then wakes the run. */
export async function give<B extends { readonly reason: string }>(
  ports: Ports,
  name: StatusView['allowed'][number],
  call: Call<B>,
  change: Change,
): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const { plan } = found
  const order = { by: call.principal.name, reason: call.body.reason, atMs: ports.clock.nowMs() }
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const status = await statusView(ports, plan)
    const stored = await ports.records.read('controls', plan.id)
    if (!stored || !status.allowed.includes(name)) return wrongState(name, status)
    const old = changedMeanwhile(call, status)
    if (old) return old
    const controls = change(stored.value, { plan, status, order })
    if (!('planId' in controls)) return controls
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

function controlsAfter(name: OrderName, controls: Controls, order: Order): Controls {
  switch (name) {
    case 'hold':
      return { ...controls, hold: order }
    case 'resume':
      return { ...controls, hold: null, resumed: order }
    case 'abort':
      return { ...controls, abort: order }
    default:
      return name satisfies never
  }
}
