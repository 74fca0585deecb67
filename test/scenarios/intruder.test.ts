import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { replicaId } from '../../src/domain/ids.ts'
import type { PlanView } from '../../src/messages/api.ts'
import { outlineOf } from '../../src/messages/outline.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const LOOKS_MAX = 1000
const Status = z.object({ runtimeStatus: z.string(), output: z.unknown() })
let app: TestApp
let intruders = 0
afterEach(() => app.stop())

/** Starts an orchestration as somebody with the hub's own key would, and waits for what comes of it. */
async function intrude(orchestrator: string, input: unknown): Promise<unknown> {
  const { baseUrl, systemKey } = app.host
  const at = `${baseUrl}/runtime/webhooks/durabletask`
  intruders += 1
  const id = `intruder-${intruders}`
  const answer = await fetch(`${at}/orchestrators/${orchestrator}/${id}?code=${systemKey}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  expect(answer.status).toBe(202)
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const status = Status.parse(await (await fetch(`${at}/instances/${id}?code=${systemKey}`)).json())
    if (['Completed', 'Failed'].includes(status.runtimeStatus)) return status.output
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`${id} did not end`)
}

/** Where everything is: bindings with their epochs, routes, minimums, and moves on record. */
async function world() {
  const replicas = TENANTS.map(({ name }) => replicaId(name, REGION))
  return {
    bindings: await Promise.all(replicas.map((replica) => app.ports.catalog.binding(replica))),
    routes: await Promise.all(replicas.map((replica) => app.ports.traffic.route(replica))),
    minimums: (await app.ports.catalog.fleet()).regions.flatMap(({ stamps }) =>
      stamps.map(({ pools }) => pools.map(({ minNodes }) => minNodes)),
    ),
    moves: await app.ports.records.list('moves', { limit: 1000 }),
  }
}

interface Input {
  readonly planId: string
  readonly digest: string
  readonly gate: string
  readonly replica: string
  readonly direction: 'forward' | 'reverse'
  readonly drainDeadlineMs: number
  readonly sequence?: number
}

const refusing = (reason: RegExp) => ({ kind: 'failed', reason: expect.stringMatching(reason) })

function inputFor({ plan }: PlanView, gate: string): Input {
  const move = plan.moves.find(({ phase, batch }) => `${phase}-${batch}` === gate)
  const replica = replicaId(move?.registry ?? '', REGION)
  return { planId: plan.id, digest: plan.digest, gate, replica, direction: 'forward', drainDeadlineMs: 1 }
}

test('whoever starts a cutover with the hub key before anybody has answered moves nothing', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  const [first = '', second = ''] = gatesOf(asked)
  const input = inputFor(view, first)
  const before = await world()
  const madeUp: readonly (readonly [Partial<Input>, RegExp])[] = [
    [{}, /gate .* has no approval on record/],
    [{ planId: 'plan-of-nobody' }, /there is no plan plan-of-nobody/],
    [{ digest: 'f'.repeat(64) }, /has another digest/],
    [{ replica: replicaId('other01', REGION) }, /other01@testland is not in batch/],
    [{ replica: replicaId('acme01', 'elsewhere') }, /acme01@elsewhere is not in batch/],
    [{ gate: second }, /is not in batch/],
    [{ gate: 'tail-9' }, /is not in batch tail-9/],
    [{ direction: 'reverse' }, /has not moved, so there is nothing to reverse/],
    [{ direction: 'reverse', sequence: 2 }, /has not moved/],
    [{ sequence: 2 }, /so 2 can't be its next/],
    [{ sequence: 7 }, /so 7 can't be its next/],
  ]
  for (const [change, reason] of madeUp) {
    expect(await intrude('cutover', { ...input, ...change }), JSON.stringify(change)).toMatchObject(
      refusing(reason),
    )
  }
  expect(await world()).toEqual(before)
})

test('an approval that the run has not come to yet, or a landed move, is nobody else to use', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const [first = '', second = ''] = gatesOf(await app.until(id, awaits()))
  await approve(app, view, [first])
  await app.until(id, awaits(second))
  await app.ask('operator', 'POST', `plans/${id}/hold`, { reason: 'looking at something' })
  await app.until(id, is('held'))
  expect((await approve(app, view, [second])).status).toBe(202)
  const before = await world()

  expect(await intrude('cutover', inputFor(view, second))).toMatchObject(refusing(/stopped by an order/))
  const landed = inputFor(view, first)
  for (const sequence of [undefined, 2]) {
    expect(
      await intrude('cutover', { ...landed, direction: 'reverse', ...(sequence ? { sequence } : {}) }),
    ).toMatchObject(refusing(/is held, not on its way back/))
  }
  expect(await intrude('cutover', landed)).toMatchObject({ kind: 'done' })
  expect(await world()).toEqual(before)
})

test('a second walker of an approved plan is refused, whatever batches it was given', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const asked = await app.until(view.plan.id, awaits())
  const before = await world()
  const outline = outlineOf(view.plan, { lateMs: 0 })
  const backwards = {
    ...outline,
    batches: outline.batches.toReversed().map((batch) => ({ ...batch, observeForMs: 0 })),
  }
  await approve(app, view, gatesOf(asked).slice(1))

  expect(await intrude('rebalance', backwards)).toMatchObject({ kind: 'aborted' })
  expect(await world()).toEqual(before)
})

test('a plan that has ended moves nothing any more, forth or back', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const [first = '', second = ''] = gatesOf(await app.until(id, awaits()))
  await approve(app, view, [first])
  await app.until(id, awaits(second))
  await approve(app, view, [second])
  await app.ask('operator', 'POST', `plans/${id}/abort`, { reason: 'enough for today' })
  await app.until(id, is('aborted'))
  const before = await world()

  for (const input of [
    inputFor(view, 'top-1'),
    { ...inputFor(view, first), direction: 'reverse' as const },
    { ...inputFor(view, first), direction: 'reverse' as const, sequence: 2 },
  ]) {
    expect(await intrude('cutover', input)).toMatchObject(refusing(/has ended|no approval on record/))
  }
  expect(await world()).toEqual(before)
})
