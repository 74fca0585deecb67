import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanView, StatusView, SwitchList } from '../../src/messages/api.ts'
import { awaits, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { runCli } from './run-cli.ts'

let app: TestApp
const state = mkdtempSync(join(tmpdir(), 'restamp-cli-'))
beforeAll(async () => {
  app = await startTestApp()
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})
const cli = (...args: string[]) => runCli(...args, '--state', state)

test('a kill switch is turned with a reason, shown with who and why, and lifted', async () => {
  expect((await cli('switch')).out).toBe('No kill switch is on.\n')
  const on = await cli('switch', 'freeze', '--region', 'testland', '--reason', 'an incident')
  expect([on.exitCode, on.out]).toEqual([
    0,
    expect.stringMatching(/on in testland \(frozen.* by operator: an incident/),
  ])
  const off = await cli('switch', 'off', '--region', 'testland', '--reason', 'it is over', '--json')
  expect(SwitchList.parse(JSON.parse(off.out)).switches).toMatchObject([
    { scope: 'testland', setting: 'off' },
  ])
})

test('a change ticket is opened, shown and ended', async () => {
  const about = ['--region', 'testland', '--stamp', 's-a', '--words', 'new switches']
  const opened = await cli('tickets', 'open', 'CHG-1', ...about)
  expect([opened.exitCode, opened.out]).toEqual([0, expect.stringContaining('CHG-1 keeps s-a from moving')])
  expect((await cli('tickets', 'list')).out).toMatch(/CHG-1 +testland +s-a .*it is ended +new switches/)
  const ended = await cli('tickets', 'end', 'CHG-1', '--region', 'testland')
  expect([ended.exitCode, ended.out]).toEqual([0, 'CHG-1 is ended.\n'])
  expect((await cli('tickets', 'list')).out).toBe('No change ticket is open.\n')
  const again = await cli('tickets', 'end', 'CHG-1', '--region', 'testland')
  expect([again.exitCode, again.err]).toEqual([1, expect.stringContaining('is no open ticket')])
  const wrong = await cli('tickets', 'open', 'CHG-2', ...about, '--until', 'soon')
  expect([wrong.exitCode, wrong.err]).toEqual([2, expect.stringContaining('is no time')])
})

test('a registry is skipped by name, once', async () => {
  const { plan } = await startedRun(app)
  await app.until(plan.id, awaits())
  const registry = plan.moves[0]?.registry ?? ''
  const skipped = await cli('skip', plan.id, registry, '--reason', 'they launch today', '--json')
  expect(StatusView.parse(JSON.parse(skipped.out)).orders?.skips).toMatchObject([{ registry }])
  const again = await cli('skip', plan.id, registry, '--reason', 'they launch today')
  expect([again.exitCode, again.err]).toEqual([1, expect.stringContaining('skipped already')])
  const early = await cli('rollback', plan.id, '--phase', 'top', '--reason', 'no good')
  expect([early.exitCode, early.err]).toEqual([1, expect.stringContaining('nothing has moved')])
  const idle = await cli('observation', plan.id, 'extend', '--hours', '5', '--reason', 'a weekend')
  expect([idle.exitCode, idle.err]).toEqual([1, expect.stringContaining('awaitingApproval')])
})

test('an emergency is planned by an operator, and its plan says that it is one', async () => {
  const { out } = await cli('emergency', '--stamp', 's-a', '--json')
  expect(PlanView.parse(JSON.parse(out)).plan).toMatchObject({ urgency: 'emergency' })
  const refused = await cli('emergency', '--as', 'reader')
  expect([refused.exitCode, refused.out]).toEqual([1, ''])
})

test('autonomy is listed, and a step that the policy does not allow is refused in its words', async () => {
  expect((await cli('autonomy')).out).toMatch(/testland +tail +review/)
  const asked = await cli('autonomy', 'ask', 'testland', 'tail', '--reason', 'ten quiet weeks')
  expect([asked.exitCode, asked.err]).toEqual([1, expect.stringContaining('it has to say autonomous first')])
})

test('what is wrong with a control is said with code 2', async () => {
  const wrong: [string[], string][] = [
    [['switch', 'on', '--reason', 'why not'], 'expected noNewMoves, freeze or off'],
    [['switch', 'freeze'], '--reason'],
    [['autonomy', 'raise', 'testland', 'tail', '--reason', 'why not'], 'expected ask, confirm or withdraw'],
    [['autonomy', 'ask', 'testland', 'all', '--reason', 'why not'], 'tail|medium|top'],
    [['emergency', '--stamp', 's-a', '--customer', 'acme'], 'not both'],
    [['observation', 'plan-1', 'end', '--hours', '2', '--reason', 'why not'], 'extend --hours N'],
    [['observation', 'plan-1', 'extend', '--hours', '-2', '--reason', 'why not'], 'above 0'],
    [['rollback', 'plan-1', '--gate', 'tail-1', '--phase', 'tail', '--reason', 'why not'], 'not both'],
  ]
  for (const [args, words] of wrong) {
    const { err, out, exitCode } = await cli(...args)
    expect([args, err, out, exitCode]).toEqual([args, expect.stringContaining(words), '', 2])
  }
})
