import { StampId } from '../../src/domain/ids.ts'
import { OPEN_POLICY, type Policy } from '../../src/domain/policy.ts'
import type { InstanceState } from '../../src/host/instances.ts'
import { PlanView } from '../../src/messages/api.ts'
import { acmePlan, recordStart } from './answered-run.ts'
import { moveAway } from './right-sizing.ts'
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
  /** Nodes of the isolated stamp and of each shared one. */
  readonly nodes?: { readonly isolatedNodes?: number; readonly sharedNodes?: number }
  /** The run that is told of; one of moves where nothing else is said. */
  readonly begin?: (app: TestApp) => Promise<PlanView>
  readonly tell: (app: TestApp, view: PlanView) => Promise<void>
}

/** What runs go through, one by one: their histories are kept for each version that was ever deployed. */
export const STORIES: Readonly<Record<string, Story>> = {
  'approved-held-and-completed': { tell: approvedHeldAndCompleted },
  'worse-reversed-and-rolled-back': { tell: worseReversedAndRolledBack },
  'expired-resumed-and-rejected': { policy: { gateDeadline: 'PT1H' }, tell: expiredResumedAndRejected },
  'blocked-skipped-undone-and-aborted': { tell: blockedSkippedUndoneAndAborted },
  'lowered-heated-and-restored': {
    nodes: { sharedNodes: 6 },
    begin: startedRightSizing,
    tell: loweredHeatedAndRestored,
  },
  // The isolated stamp has no node, so that a new one is made.
  'stamp-made-and-removed': { nodes: { isolatedNodes: 0 }, tell: stampMadeAndRemoved },
}

/** Tells a story on a small region and returns the history of each of its orchestrations. */
export async function record({ policy, nodes, begin = startedRun, tell }: Story): Promise<InstanceState[]> {
  const app = await startTestApp({
    policies: { '*': { ...OPEN_POLICY, ...policy } },
    settings: SETTINGS,
    ...nodes,
  })
  try {
    await app.ask('operator', 'POST', 'scans', {})
    await tell(app, await begin(app))
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

/** Everybody has moved away nine days ago; what they left is planned to go down, and started. */
async function startedRightSizing(app: TestApp): Promise<PlanView> {
  await recordStart(app.ports, acmePlan(), 'none')
  await moveAway(app.ports, acmePlan())
  const run = await app.ports.records.read('runs', acmePlan().id)
  const ended = { kind: 'completed', atMs: app.ports.clock.nowMs() } as const
  if (run) await app.ports.records.replace('runs', run.id, { ...run.value, status: ended }, run.etag)
  await app.host.clock.advance(9 * 24 * HOUR_MS)
  const made = await app.ask('operator', 'POST', `plans/${acmePlan().id}/right-size`, {})
  const view = PlanView.parse(made.body)
  const { id, digest } = view.plan
  const started = await app.ask('operator', 'POST', `plans/${id}/start`, { digest })
  if (started.status !== 202) throw new Error(`start was refused: ${JSON.stringify(started.body)}`)
  return view
}

async function loweredHeatedAndRestored(app: TestApp, view: PlanView): Promise<void> {
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  app.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-a'), factor: 10 })
  await approve(app, view, gates.slice(1, 2))
  await app.until(id, is('held'))
  await order(app, view, 'rollback')
  await app.until(id, is('rolledBack'))
}

async function stampMadeAndRemoved(app: TestApp, view: PlanView): Promise<void> {
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 2))
  await app.until(id, awaits(gates[2]))
  await order(app, view, 'rollback')
  await app.until(id, is('rolledBack'))
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
