import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { runCli } from '../cli/run-cli.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const HOUR_MS = 3_600_000
/** Short, so that few timers of a day's every minute come by. */
const POLICY = { ...OPEN_POLICY, gateDeadline: 'PT6H', remindEvery: 'PT2H', escalateBefore: 'PT1H' }
let app: TestApp
afterEach(() => app.stop())

const told = () => app.notifications.messages.map(({ key, to }) => [key.split('/').at(-1), to])

async function askedRun() {
  app = await startTestApp({ policies: { '*': POLICY } })
  const view = await startedRun(app)
  const gates = gatesOf(await app.until(view.plan.id, awaits()))
  return { view, id: view.plan.id, gates }
}

test('a gate is told at once, reminded of, escalated before its deadline, and at the deadline the answer is no', async () => {
  const { id, gates } = await askedRun()
  await app.host.clock.advance(HOUR_MS)
  expect(told()).toEqual([['asked', 'approvers']])
  await app.host.clock.advance(1.5 * HOUR_MS)
  expect(told()).toEqual([
    ['asked', 'approvers'],
    ['reminder-1', 'approvers'],
  ])
  await app.host.clock.advance(3 * HOUR_MS)
  expect(told().slice(2)).toEqual([
    ['reminder-2', 'approvers'],
    ['escalated', 'escalation'],
  ])
  const state = mkdtempSync(join(tmpdir(), 'restamp-reminders-'))
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
  const { out } = await runCli('status', id, '--state', state)
  rmSync(state, { recursive: true, force: true })
  expect(out).toMatch(/told approvers at .*\n.*told escalation at .*close to its deadline/s)
  const [message] = app.notifications.messages
  expect(message?.facts).toContainEqual(expect.stringMatching(/^rehearsal passed/))
  expect(message?.facts).toContainEqual(
    expect.stringMatching(/hot-node P95 [\d.]+ % when planned, predicted/),
  )
  expect(message?.text).toContain(`restamp approve ${id} --gate ${gates[0]}`)

  await app.host.clock.advance(HOUR_MS)
  const held = await app.until(id, is('held'))
  expect(held.movesDone).toBe(0)
  expect(held.waiting).toMatchObject({
    kind: 'hold',
    what: expect.stringContaining('no answer means no move'),
  })
  await app.host.clock.advance(HOUR_MS)
  expect(told().slice(4)).toEqual([['asked', 'operators']])
})

test('a channel that is out of order keeps no run from going on, and is tried again', async () => {
  const { view, id, gates } = await askedRun()
  app.notifications.failures = 3
  await app.host.clock.advance(HOUR_MS / 2)
  expect(told()).toEqual([])
  const [reminder] = await app.ports.records.list('reminders', { prefix: `${id}/`, limit: 10 })
  expect(reminder?.value).toMatchObject({ toldAtMs: null, failure: 'the channel is out of order' })

  await app.host.clock.advance(HOUR_MS)
  expect(told()).toEqual([['asked', 'approvers']])
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
})

test('who answered is reminded no more, and of the next gate anew', async () => {
  const { view, id, gates } = await askedRun()
  await app.host.clock.advance(HOUR_MS)
  await approve(app, view, gates.slice(0, 1))
  const next = await app.until(id, awaits(gates[1]))
  await app.host.clock.advance(HOUR_MS)
  const keys = app.notifications.messages.map(({ key }) => key)
  expect(keys).toHaveLength(2)
  expect(keys[1]).toBe(`awaitingApproval/${next.waiting?.sinceMs}/asked`)
})

test('operators are told once a day how everything stands, and it is no question', async () => {
  const { id } = await askedRun()
  await app.host.clock.advance(30 * HOUR_MS)
  const days = app.notifications.days
  expect(new Set(days.map(({ key }) => key)).size).toBe(days.length)
  expect(days.length).toBeGreaterThan(0)
  expect(days[0]).toMatchObject({ planId: null, to: 'operators' })
  expect(days[0]?.facts).toContainEqual(expect.stringContaining(id))
})
