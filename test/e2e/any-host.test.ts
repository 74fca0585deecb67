import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import { FleetView, PlanList, PlanView, Problem, StatusView } from '../../src/messages/api.ts'
import { type RunningRestamp, startRestamp } from './running-restamp.ts'
import { Session } from './session.ts'

/**
 * What must hold on every host that runs the app, over HTTP alone. `RESTAMP_SESSION=.../session.json npm test -- test/e2e/any-host`
 * points it at a running one, a real Functions host among them; else it starts the embedded one.
 */
const SESSION = process.env.RESTAMP_SESSION
/** In real time a drain takes a quarter of an hour. */
const WAIT_MS_MAX = SESSION ? 1_800_000 : 120_000

let restamp: RunningRestamp | undefined
let session: Session
beforeAll(async () => {
  if (SESSION) session = Session.parse(JSON.parse(await readFile(SESSION, 'utf8')))
  else {
    restamp = await startRestamp('--speed', 'skip')
    session = restamp.session
  }
}, WAIT_MS_MAX)
afterAll(() => restamp?.stop())

async function ask(user: string, method: string, path: string, body?: unknown) {
  const token = session.users.find(({ name }) => name === user)?.token
  const response = await fetch(`${session.baseUrl}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + WAIT_MS_MAX
  while (Date.now() < deadlineMs) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  throw new Error('waited in vain')
}

test('the page and its files are there, and hold no secret', async () => {
  for (const path of ['dashboard', 'dashboard/', 'dashboard/index.html']) {
    const page = await fetch(`${session.baseUrl}/${path}`)
    expect([path, page.status, page.headers.get('content-type')]).toEqual([
      path,
      200,
      'text/html; charset=utf-8',
    ])
    const text = await page.text()
    for (const { token } of session.users) expect(text).not.toContain(token)
  }
})

test('nobody gets in without a token, and a reader changes nothing', async () => {
  expect((await ask('nobody', 'GET', 'fleet')).status).toBe(401)
  expect((await ask('reader', 'POST', 'plans', {})).status).toBe(403)
  expect((await ask('reader', 'GET', 'plans/plan-nowhere')).status).toBe(404)
})

/** On a host of somebody's own a plan of ours; `restamp up` has made and started one already. */
async function startedPlan(): Promise<Plan> {
  if (!SESSION) {
    return until(async () => {
      const { plans } = PlanList.parse((await ask('reader', 'GET', 'plans')).body)
      const under = plans.find(({ status }) => status === 'awaitingApproval')
      return under && PlanView.parse((await ask('reader', 'GET', `plans/${under.id}`)).body).plan
    })
  }
  const { plan } = PlanView.parse((await ask('operator', 'POST', 'plans', {})).body)
  const rehearsal = await until(async () => {
    const view = PlanView.parse((await ask('reader', 'GET', `plans/${plan.id}`)).body)
    return view.rehearsal?.status === 'running' ? undefined : view.rehearsal
  })
  expect(rehearsal?.status).toBe('passed')
  expect((await ask('operator', 'POST', `plans/${plan.id}/start`, { digest: plan.digest })).status).toBe(202)
  return plan
}

test(
  'a started plan is refused to its requester, begins when somebody else approves, and is aborted',
  async () => {
    const fleet = FleetView.parse((await ask('reader', 'GET', 'fleet')).body)
    expect(fleet.regions[0]?.stamps.length).toBeGreaterThan(1)
    const plan = await startedPlan()
    const path = `plans/${plan.id}`

    const seen = async () => StatusView.parse((await ask('reader', 'GET', `${path}/status`)).body)
    const gate = await until(async () => {
      const { run } = await seen()
      return run?.status.kind === 'awaitingApproval' ? run.status.gate : undefined
    })
    const answer = { digest: plan.digest, gates: [gate], answer: 'approve', reason: 'end to end' }
    const own = await ask('operator', 'POST', `${path}/decisions`, answer)
    expect([own.status, Problem.parse(own.body).type]).toEqual([403, '/problems/not-allowed'])
    expect((await ask('approver', 'POST', `${path}/decisions`, answer)).status).toBe(202)
    await until(async () => ((await seen()).movesDone > 0 ? true : undefined))
    expect((await ask('operator', 'POST', `${path}/abort`, { reason: 'seen enough' })).status).toBe(202)
    const ended = await until(async () => {
      const status = await seen()
      return status.run?.status.kind === 'aborted' ? status : undefined
    })
    expect(ended.allowed).toEqual([])
  },
  3 * WAIT_MS_MAX,
)
