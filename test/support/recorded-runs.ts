import { StampId } from '../../src/domain/ids.ts'
import { OPEN_POLICY, type Policy } from '../../src/domain/policy.ts'
import type { InstanceState } from '../../src/host/instances.ts'
import type { PlanView } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from './run-steps.ts'
import { startTestApp, type TestApp } from './test-app.ts'

/** Inputs are kept as well, so that it can be told whether later activities understand them. */
const SETTINGS = {
  AzureFunctionsJobHost__extensions__durableTask__storeInputsInOrchestrationHistory: 'true',
  // One scan, asked for, is enough.
  SCAN_SCHEDULE: '0 0 0 1 1 *',
}
const HOUR_MS = 3_600_000

interface Story {
  readonly policy?: Partial<Policy>
  readonly tell: (app: TestApp, view: PlanView) => Promise<void>
}

/** What runs go through, one by one: their histories are kept for each version that was ever deployed. */
export const STORIES: Readonly<Record<string, Story>> = {
  'approved-held-and-completed': { tell: approvedHeldAndCompleted },
  'worse-reversed-and-rolled-back': { tell: worseReversedAndRolledBack },
  'expired-resumed-and-rejected': { policy: { gateDeadline: 'PT1H' }, tell: expiredResumedAndRejected },
  'blocked-skipped-undone-and-aborted': { tell: blockedSkippedUndoneAndAborted },
}

/** Tells a story on a small region and returns the history of each of its orchestrations. */
export async function record({ policy, tell }: Story): Promise<InstanceState[]> {
  const app = await startTestApp({
    policies: { '*': { ...OPEN_POLICY, ...policy } },
    settings: SETTINGS,
  })
  try {
    await app.ask('operator', 'POST', 'scans', {})
    await tell(app, await startedRun(app))
    await app.host.whenIdle()
    return app.histories()
  } finally {
    await app.stop()
  }
}

async function approvedHeldAndCompleted(app: TestApp, view: PlanView): Promise<void> {
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  await order(app, view, 'hold')
  await app.until(id, is('held'))
  await order(app, view, 'resume')
  await app.until(id, awaits(gates[1]))
  await approve(app, view, gates.slice(1))
  await app.until(id, is('completed'))
}

async function worseReversedAndRolledBack(app: TestApp, view: PlanView): Promise<void> {
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  app.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor: 4 })
  await approve(app, view, gates.slice(1, 2))
  await app.until(id, is('held'))
  await order(app, view, 'rollback')
  await app.until(id, is('rolledBack'))
}

async function expiredResumedAndRejected(app: TestApp, view: PlanView): Promise<void> {
  const { id, digest } = view.plan
  const [gate = ''] = gatesOf(await app.until(id, awaits()))
  await app.host.clock.advance(1.1 * HOUR_MS)
  await app.until(id, is('held'))
  await order(app, view, 'resume')
  await app.until(id, awaits(gate))
  const reject = { digest, gates: [gate], answer: 'reject', reason: 'not this week' }
  await app.ask('approver', 'POST', `plans/${id}/decisions`, reject)
  await app.until(id, is('rejected'))
}

async function blockedSkippedUndoneAndAborted(app: TestApp, view: PlanView): Promise<void> {
  const { id, moves } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await turn(app, 'noNewMoves')
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, is('blocked'))
  await turn(app, 'off')
  await app.host.clock.advance(HOUR_MS)
  await app.until(id, awaits(gates[1]))
  const skipped = moves.find(({ phase, batch }) => `${phase}-${batch}` === gates[1])
  await app.ask('operator', 'POST', `plans/${id}/skip`, {
    registry: skipped?.registry,
    reason: 'they launch',
  })
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { gate: gates[0], reason: 'pulls fail' })
  await app.until(id, is('held'))
  await order(app, view, 'abort')
  await app.until(id, is('aborted'))
}

async function order(app: TestApp, { plan }: PlanView, name: string): Promise<void> {
  const answer = await app.ask('operator', 'POST', `plans/${plan.id}/${name}`, { reason: 'for the record' })
  if (answer.status >= 300) throw new Error(`${name} was refused: ${JSON.stringify(answer.body)}`)
}

async function turn(app: TestApp, setting: string): Promise<void> {
  const answer = await app.ask('operator', 'POST', 'switches', {
    scope: '*',
    setting,
    reason: 'for the record',
  })
  if (answer.status >= 300) throw new Error(`${setting} was refused: ${JSON.stringify(answer.body)}`)
}
