import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanList, PlanView, ReportView, StatusView, WaitingList } from '../../src/messages/api.ts'
import { FiguresView } from '../../src/messages/figures-api.ts'
import { awaits, is, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { runCli } from './run-cli.ts'

let app: TestApp
const state = mkdtempSync(join(tmpdir(), 'restamp-cli-'))
const empty = mkdtempSync(join(tmpdir(), 'restamp-cli-'))

beforeAll(async () => {
  app = await startTestApp()
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
})
afterAll(async () => {
  await app.stop()
  for (const folder of [state, empty]) rmSync(folder, { recursive: true, force: true })
})

const cli = (...args: string[]) => runCli(...args, '--state', state)

test('without a running host every command says how to start one, with code 3', async () => {
  for (const command of [
    ['scan'],
    ['plans'],
    ['status', 'p'],
    ['approve', 'p'],
    ['hold', 'p', '--reason', 'why so'],
  ]) {
    const { err, out, exitCode } = await runCli(...command, '--state', empty)
    expect([err, out, exitCode]).toEqual([
      'No Restamp host is running here; start one with `npm start`',
      '',
      3,
    ])
  }
})

test('the session of a process that has ended is no running host', async () => {
  const old = { baseUrl: app.host.baseUrl, users: app.users, pid: 2_147_483_646 }
  writeFileSync(join(empty, 'session.json'), JSON.stringify(old))
  expect((await runCli('plans', '--state', empty)).exitCode).toBe(3)
  rmSync(join(empty, 'session.json'))
})

test('a host that no longer answers is named with code 3', async () => {
  const gone = { baseUrl: 'http://127.0.0.1:1', users: app.users, pid: process.pid }
  writeFileSync(join(empty, 'session.json'), JSON.stringify(gone))
  const { err, exitCode } = await runCli('plans', '--state', empty)
  expect([err, exitCode]).toEqual([expect.stringContaining('http://127.0.0.1:1 does not answer'), 3])
  rmSync(join(empty, 'session.json'))
})

test('a scan shows the three figures of each pool with what each would have decided', async () => {
  const { out, exitCode } = await cli('scan')
  expect(exitCode).toBe(0)
  for (const title of ['average', 'Max', 'hot-node P95', 'dominated by']) expect(out).toContain(title)
})

test('figures that are not known are called so, and are null for programs', async () => {
  const { out, exitCode } = await cli('figures')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/tenant errors per 1,000 moves +not known/)
  const [region] = FiguresView.parse(JSON.parse((await cli('figures', '--json')).out)).regions
  expect(region?.figures).toMatchObject({ reversedShare: null, operator: { minutesPerPlan: null } })
  expect((await cli('figures', '--days', 'ten')).exitCode).toBe(2)
})

test('--json prints one document and nothing else on standard output', async () => {
  const view = await startedRun(app)
  const { id } = view.plan
  await app.until(id, awaits())
  expect(JSON.parse((await cli('scan', '--json')).out)).toHaveLength(1)
  expect(
    PlanList.parse(JSON.parse((await cli('plans', '--json')).out)).plans.map((plan) => plan.id),
  ).toContain(id)
  expect(PlanView.parse(JSON.parse((await cli('plans', id, '--json')).out)).plan.id).toBe(id)
  expect(StatusView.parse(JSON.parse((await cli('status', id, '--json')).out)).planId).toBe(id)
  expect(ReportView.parse(JSON.parse((await cli('report', id, '--json')).out)).planId).toBe(id)
  await cli('abort', id, '--reason', 'the test is over')
})

test('everything that waits is listed, a person is asked for first, and nothing after its end', async () => {
  const { plan } = await startedRun(app)
  await app.until(plan.id, awaits())
  const list = WaitingList.parse(JSON.parse((await cli('waiting', '--json')).out))
  const own = list.waits.find(({ planId }) => planId === plan.id)
  const status = StatusView.parse(JSON.parse((await cli('status', plan.id, '--json')).out))
  expect(own?.waiting).toEqual(status.waiting)
  expect(own?.waiting.kind).toBe('gate')
  expect(list.waits.map(({ waiting }) => waiting.person).toSorted((a, b) => Number(b) - Number(a))).toEqual(
    list.waits.map(({ waiting }) => waiting.person),
  )
  const { out } = await cli('waiting')
  expect(out).toMatch(new RegExp(`${plan.id}.*needs a person\n {2}waiting for: gate tail-1`))
  await cli('abort', plan.id, '--reason', 'the test is over')
  await app.until(plan.id, is('aborted'))
  expect((await cli('waiting')).out).not.toContain(plan.id)
})

test('a run is held, resumed and rejected, each with its reason', async () => {
  const view = await startedRun(app)
  const { id } = view.plan
  await app.until(id, awaits())
  expect((await cli('hold', id, '--reason', 'a release goes out')).exitCode).toBe(0)
  await app.until(id, is('held'))
  expect((await cli('status', id)).out).toContain('a release goes out')
  expect((await cli('resume', id, '--reason', 'the release is out')).exitCode).toBe(0)
  await app.until(id, awaits())
  expect((await cli('reject', id, '--reason', 'not this week')).exitCode).toBe(0)
  await app.until(id, is('rejected'))
  expect((await cli('status', id)).out).toContain('rejected by approver, not this week')
})

// The last run: what has moved is cooling down afterwards, and no plan would move it again.
test('a run is approved gate by gate, by somebody else than the requester', async () => {
  const view = await startedRun(app)
  const { id } = view.plan
  await app.until(id, awaits())

  const own = await cli('approve', id, '--as', 'operator')
  expect([own.exitCode, own.err]).toEqual([1, expect.stringContaining('operator')])
  const other = await cli('approve', id, '--digest', '0'.repeat(64))
  expect([other.exitCode, other.out]).toEqual([1, ''])
  const status = await cli('status', id)
  expect(status.out).toContain('waiting for: ')
  expect(status.out).toContain('possible now: ')

  const first = await cli('approve', id)
  expect([first.exitCode, first.out]).toEqual([
    0,
    expect.stringMatching(
      /rehearsal passed: .*\n.*hot-node P95 of the last hour: s-.*\nApproved: (tail|medium|top)-1 of plan-/,
    ),
  ])
  const all = await cli('approve', id, '--all')
  expect([all.exitCode, all.err]).toEqual([0, ''])

  const watched = await cli('watch', id)
  expect(watched.out).toContain('completed')
  const report = await cli('report', id)
  expect(report.out).toContain('each exactly once')
  expect(report.out).toContain('approved by approver')

  const late = await cli('hold', id, '--reason', 'too late for this')
  expect([late.exitCode, late.err]).toEqual([1, expect.stringContaining('completed')])
})

test('what is wrong with the call is said with code 2', async () => {
  const wrong: [string[], string][] = [
    [['status', 'plan-nowhere'], 'plan-nowhere'],
    [['approve', 'plan-nowhere', '--gate', 'first'], 'plan-nowhere'],
    [['plans', '--as', 'nobody'], 'there are operator, approver, deputy, reader'],
    [['scan', '--region', 'nowhere'], 'nowhere'],
    [['scan', '--fail-on', 'rain'], 'hot or action'],
  ]
  for (const [args, words] of wrong) {
    const { err, out, exitCode } = await cli(...args)
    expect([args, err, out, exitCode]).toEqual([args, expect.stringContaining(words), '', 2])
  }
})

test('an unknown command, option or missing reason is refused with code 2, help ends with 0', async () => {
  expect((await runCli('migrate')).exitCode).toBe(2)
  expect((await runCli('plans', '--colour')).exitCode).toBe(2)
  expect((await runCli('hold', 'plan-1')).exitCode).toBe(2)
  expect(await runCli('up', '--fleet', 'fleet.json')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('--cpu'),
  })
  expect(await runCli('up', '--speed', 'fast')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('3600'),
  })
  expect(await runCli('up', '--port', '99999')).toMatchObject({ exitCode: 2 })
  expect(await runCli('--help')).toMatchObject({ exitCode: 0, out: expect.stringContaining('Exit codes') })
})

test('the help of every command has an example', async () => {
  const names = (await runCli('--help')).out.match(/^ {2}([a-z]+) \[options\]/gm) ?? []
  expect(names.length).toBeGreaterThan(14)
  for (const name of names) {
    const { out } = await runCli(name.trim().split(' ')[0] ?? '', '--help')
    expect(out).toContain('Examples:\n  restamp ')
  }
})

test('a rehearsal is shown with each fault, and as a calendar of days', async () => {
  const [made] = (await PlanList.parse((await app.ask('reader', 'GET', 'plans')).body)).plans
  const stored = made && (await app.ports.records.read('rehearsals', made.id))
  if (!made || !stored) throw new Error('no plan was rehearsed')
  const atMs = Date.UTC(2026, 10, 2, 23, 50)
  const step = { gate: 'tail-1', words: '' }
  await app.ports.records.replace(
    'rehearsals',
    made.id,
    {
      ...stored.value,
      faults: [{ fault: 'kill', outcome: 'safe', words: 'moved exactly once' }],
      calendar: [
        { ...step, atMs, kind: 'checking', movesDone: 0 },
        { ...step, atMs, kind: 'moving', movesDone: 0 },
        { ...step, atMs: atMs + 900_000, kind: 'observing', movesDone: 2 },
      ],
    },
    stored.etag,
  )
  const shown = await cli('rehearse', made.id)
  expect(shown.out).toMatch(/safe when Restamp is killed amid a move: moved exactly once/)
  const { out, exitCode } = await cli('rehearse', made.id, '--calendar')
  expect(out).toBe(
    [
      'If it begins at 2026-11-02 23:50Z and every gate is answered at once:',
      '  Mon 2026-11-02',
      `    23:50Z  tail-1 moves, 0 of ${stored.value.movesPlanned} moves done`,
      '  Tue 2026-11-03',
      `    00:05Z  tail-1 is observed, 2 of ${stored.value.movesPlanned} moves done`,
      '',
    ].join('\n'),
  )
  expect(exitCode).toBe(0)
})
