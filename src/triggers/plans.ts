import { randomUUID } from 'node:crypto'
import type { HttpResponseInit } from '@azure/functions'
import { calibrated } from '../domain/calibration.ts'
import { sealPlan } from '../domain/canonical.ts'
import { PlanId, StampId } from '../domain/ids.ts'
import { withNamedStamp } from '../domain/new-stamp.ts'
import { isMovePhase, type Plan } from '../domain/plan.ts'
import { makePlan } from '../domain/planner.ts'
import { type PolicyFile, policyFor } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import { refusal } from '../domain/principal.ts'
import type { PlanList, PlanRequest, PlanView, StartRequest } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import { orchestrationOf, outlineOf } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { calibrations } from '../queries/calibrations.ts'
import { pastMoves } from '../queries/past-moves.ts'
import { reportView } from '../queries/report-view.ts'
import { statusView } from '../queries/status-view.ts'
import { regionTelemetry } from '../queries/telemetry.ts'
import { vetoes } from '../queries/vetoes.ts'
import { waitingList } from '../queries/waiting-list.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { pageOf } from './page.ts'
import { changedMeanwhile, findPlan, otherDigest, wrongState } from './plan-lookup.ts'
import { problem } from './problems.ts'
import { chosenRegion } from './region-choice.ts'

const ID_DIGITS = 8
const FILTERS = ['region', 'customer', 'status'] as const

export interface PlanRoutes {
  readonly ports: Ports
  readonly door: Door
  readonly policies: PolicyFile
}

/** Everything about plans but the orders to a run: make, list, read, start, report. */
export function registerPlanRoutes({ ports, door, policies }: PlanRoutes): void {
  registerRoute(door, OPERATIONS.listPlans, (call) => listPlans(ports, call))
  registerRoute(door, OPERATIONS.listWaiting, async () => ({ jsonBody: await waitingList(ports) }))
  registerRoute(door, OPERATIONS.makePlan, (call) => newPlan(ports, policies, call))
  registerRoute(door, OPERATIONS.readPlan, (call) => readPlan(ports, call))
  registerRoute(door, OPERATIONS.readStatus, async (call) => {
    const found = await findPlan(ports, call.param('id'))
    return 'refused' in found ? found.refused : { jsonBody: await statusView(ports, found.plan) }
  })
  registerRoute(door, OPERATIONS.readReport, (call) => report(ports, call))
  registerRoute(door, OPERATIONS.startRun, (call) => start(ports, call))
}

async function newPlan(
  ports: Ports,
  policies: PolicyFile,
  call: Call<PlanRequest>,
): Promise<HttpResponseInit> {
  const { customer, stamp, evacuate, ramp, urgency } = call.body
  const named = stamp ?? evacuate ?? ramp
  const mayNot = urgency === 'emergency' ? refusal(call.principal, 'planEmergency') : undefined
  if (mayNot) return problem('not-allowed', mayNot)
  const fleet = await ports.catalog.fleet()
  const chosen = chosenRegion(fleet, call.body.region)
  if ('refused' in chosen) return chosen.refused
  const { name: region, stamps } = chosen.region
  if (named && !stamps.some(({ id }) => id === named))
    return problem('not-found', `there is no stamp ${named} in ${region}`)
  const isThere = ({ customer: owner, replicas }: (typeof fleet.registries)[number]) =>
    owner === customer && replicas.some((replica) => replica.region === region)
  if (customer && !fleet.registries.some(isThere)) {
    return problem('not-found', `there is no customer ${customer} in ${region}`)
  }

  const policy = policyFor(region, policies)
  const data = await regionTelemetry(ports, region, lookBackHours(policy))
  const body = makePlan(
    data,
    {
      ...(customer ? { customer } : {}),
      ...(stamp ? { stamp } : {}),
      ...(evacuate ? { evacuate } : {}),
      ...(ramp ? { ramp } : {}),
    },
    {
      policy,
      planId: PlanId.parse(`plan-${randomUUID().slice(0, 8)}`),
      requestedBy: call.principal.name,
      pastMoves: await pastMoves(ports),
      // An emergency asks for no budget; what others hold is held for it as well.
      interlocks: (await vetoes(ports, region, policy)).filter(
        ({ rule }) => urgency !== 'emergency' || rule !== 'error-budget',
      ),
    },
  )
  const sure = withNamedStamp(
    calibrated(body, await calibrations(ports, region)),
    StampId.parse(`isolated-${body.id.slice(-ID_DIGITS)}`),
  )
  const plan = sealPlan(urgency ? { ...sure, urgency } : sure)
  await ports.records.create('plans', plan.id, plan)
  await startRehearsal(ports, plan, call)
  return {
    status: 201,
    headers: { location: `/api/v1/plans/${plan.id}` },
    jsonBody: await planView(ports, plan),
  }
}

async function startRehearsal(ports: Ports, plan: Plan, call: Call<unknown>): Promise<void> {
  if (plan.moves.length === 0 || plan.moves.some((move) => move.to === 'new')) return
  await ports.records.create('rehearsals', plan.id, {
    planId: plan.id,
    digest: plan.digest,
    status: 'running',
    words: 'the rehearsal is under way',
    virtualMs: 0,
    movesDone: 0,
    movesPlanned: plan.moves.length,
    pools: [],
    atMs: ports.clock.nowMs(),
  })
  const input = { planId: plan.id, digest: plan.digest }
  await call.client.startNew('rehearse', { instanceId: `${plan.id}-rehearsal`, input })
}

export async function planView(ports: Ports, plan: Plan): Promise<PlanView> {
  const rehearsal = (await ports.records.read('rehearsals', plan.id))?.value ?? null
  return { plan, rehearsal, status: await statusView(ports, plan) }
}

async function readPlan(ports: Ports, call: Call<unknown>): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  return 'refused' in found ? found.refused : { jsonBody: await planView(ports, found.plan) }
}

async function listPlans(ports: Ports, { query }: Call<unknown>): Promise<HttpResponseInit> {
  const plans = await everyValue(ports.records, 'plans')
  const rows = await Promise.all(
    plans.map(async (plan) => ({
      id: plan.id,
      region: plan.region,
      customer: plan.customer,
      verdict: plan.verdict,
      moves: plan.moves.length,
      requestedBy: plan.requestedBy,
      madeAtMs: plan.madeAtMs,
      status: (await ports.records.read('runs', plan.id))?.value.status.kind ?? 'not started',
    })),
  )
  const isAskedFor = (row: (typeof rows)[number]) =>
    FILTERS.every((name) => query.get(name) === null || query.get(name) === row[name])
  const newest = rows.toSorted((a, b) => b.madeAtMs - a.madeAtMs || (a.id < b.id ? -1 : 1))
  const page = pageOf(newest.filter(isAskedFor), ({ id }) => id, query)
  if ('refused' in page) return page.refused
  const body: PlanList = { plans: [...page.items], next: page.next }
  return { jsonBody: body }
}

async function report(ports: Ports, call: Call<unknown>): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const run = (await ports.records.read('runs', found.plan.id))?.value
  if (!run) return wrongState('a report', await statusView(ports, found.plan))
  return { jsonBody: await reportView(ports, found.plan, run) }
}

async function start(ports: Ports, call: Call<StartRequest>): Promise<HttpResponseInit> {
  const found = await findPlan(ports, call.param('id'))
  if ('refused' in found) return found.refused
  const { plan } = found
  if (plan.digest !== call.body.digest) return otherDigest(plan, call.body.digest)
  const rehearsal = (await ports.records.read('rehearsals', plan.id))?.value
  const status = await statusView(ports, plan)
  if (!status.run && rehearsal && rehearsal.status !== 'passed') {
    const state = `rehearsal ${rehearsal.status}`
    const detail = `${plan.id} can start only after its rehearsal has passed; now: ${state}`
    return problem('wrong-state', detail, { state, allowed: [] })
  }
  if (!status.allowed.includes('start')) return wrongState('start', status)
  const old = changedMeanwhile(call, status)
  if (old) return old
  const only = plan.phases.find(({ name }) => isMovePhase(name) && plan.policy.autonomy[name] === 'recommend')
  if (only) {
    const detail = `the policy of ${plan.region} only recommends for the ${only.name}: ${plan.id} is never started; plan anew under a policy that says review`
    return problem('wrong-state', detail, { state: 'recommend', allowed: [] })
  }

  const nowMs = ports.clock.nowMs()
  await ports.records.create('controls', plan.id, {
    planId: plan.id,
    hold: null,
    rollback: null,
    abort: null,
  })
  const created = await ports.records.create('runs', plan.id, {
    planId: plan.id,
    digest: plan.digest,
    region: plan.region,
    startedBy: call.principal.name,
    startedAtMs: nowMs,
    updatedAtMs: nowMs,
    status: { kind: 'starting' },
    waiting: null,
  })
  if (created === 'exists') return wrongState('start', await statusView(ports, plan))
  await call.client.startNew(orchestrationOf(plan), {
    instanceId: plan.id,
    input: outlineOf(plan, ports.metrics),
  })
  return { status: 202, jsonBody: await statusView(ports, plan) }
}
