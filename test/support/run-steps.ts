import { PlanView, type StatusView } from '../../src/messages/api.ts'
import type { TestApp } from './test-app.ts'

/** Makes a plan for the customer `acme` as the operator and waits for its rehearsal. */
export async function madePlan(app: TestApp): Promise<PlanView> {
  const made = PlanView.parse((await app.ask('operator', 'POST', 'plans', { customer: 'acme' })).body)
  const deadline = Date.now() + 60_000
  for (;;) {
    const view = PlanView.parse((await app.ask('reader', 'GET', `plans/${made.plan.id}`)).body)
    if (view.rehearsal && view.rehearsal.status !== 'running') return view
    if (Date.now() > deadline) throw new Error('the rehearsal did not end')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export async function startedRun(app: TestApp): Promise<PlanView> {
  const view = await madePlan(app)
  const answer = await app.ask('operator', 'POST', `plans/${view.plan.id}/start`, {
    digest: view.plan.digest,
  })
  if (answer.status !== 202) throw new Error(`start was refused: ${JSON.stringify(answer.body)}`)
  return view
}

export const awaits = (gate?: string) => (status: StatusView) =>
  status.run?.status.kind === 'awaitingApproval' && (gate === undefined || status.run.status.gate === gate)

export const is = (kind: string) => (status: StatusView) => status.run?.status.kind === kind

export function approve(app: TestApp, view: PlanView, gates: readonly string[], user = 'approver') {
  const { id, digest } = view.plan
  return app.ask(user, 'POST', `plans/${id}/decisions`, {
    digest,
    gates,
    answer: 'approve',
    reason: 'looks right',
  })
}

export const gatesOf = (status: StatusView) => status.batches.map(({ gate }) => gate)
