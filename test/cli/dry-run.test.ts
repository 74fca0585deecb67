import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLocalUsers } from '../../src/adapters/local/local-users.ts'
import { createProgram } from '../../src/cli/program.ts'
import { PlanView } from '../../src/messages/api.ts'
import { awaits, madePlan, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { keepingIo, runCli } from './run-cli.ts'

const WHY = ['--reason', 'for a test']

let app: TestApp
let plan = ''
const state = mkdtempSync(join(tmpdir(), 'restamp-cli-dry-'))
beforeAll(async () => {
  const chief = {
    name: 'chief',
    roles: ['Planner' as const, 'Approver' as const],
    token: 'a-token-of-the-chief',
  }
  app = await startTestApp({ people: [...createLocalUsers(), chief] })
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
  plan = (await startedRun(app)).plan.id
  await app.until(plan, awaits('tail-1'))
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})
const cli = (...args: string[]) => runCli(...args, '--state', state)
/** All that a dry run might have changed. */
const everything = async () =>
  Promise.all(
    [
      'plans',
      `plans/${plan}/status`,
      'switches',
      'tickets',
      'autonomy',
      'incidents?all=1',
      'fleet',
      'audit/fleet',
      `audit/${plan}`,
    ].map(async (path) => (await app.ask('reader', 'GET', path)).body),
  ).then((bodies) => JSON.stringify(bodies).replaceAll(/"nowMs":[\d.]+/g, ''))

/** Each command that changes something, and what a dry run of it says. */
const CHANGING: readonly (readonly [command: string, rest: readonly string[], says: RegExp])[] = [
  ['clock', ['60x'], /How fast time passes/],
  ['scan', [], /Scan a region/],
  ['tell', ['--stamp', 's-a', '--words', 'pulls take minutes'], /Tell what a customer told/],
  ['emergency', ['--stamp', 's-a'], /Make a plan.*\n.*"urgency":"emergency"/],
  ['evacuate', ['s-b'], /Make a plan.*\n.*"evacuate":"s-b"/],
  ['ramp', ['s-c'], /Make a plan.*\n.*"ramp":"s-c"/],
  ['right-size', ['PLAN'], /lowers the minimums/],
  ['start', ['PLAN'], /Start the run.*\n(.*\n)*.*would be refused: its state is awaitingApproval/],
  ['approve', ['PLAN', ...WHY], /effect: tail-1: 2 registries/],
  ['reject', ['PLAN', ...WHY], /"answer":"reject"/],
  ['hold', ['PLAN', ...WHY], /effect: moves under way finish, the other \d+ wait/],
  ['resume', ['PLAN', ...WHY], /would be refused: its state is awaitingApproval; possible now: .*hold/],
  ['rollback', ['PLAN', ...WHY], /effect: 0 registries go home/],
  ['abort', ['PLAN', ...WHY], /the run ends; 0 stay where they have moved to, \d+ do not move/],
  ['skip', ['PLAN', 'acme01', ...WHY], /stays where it is/],
  ['observation', ['PLAN', 'extend', '--hours', '1', ...WHY], /Extend the present observation/],
  ['switch', ['freeze', ...WHY], /Turn the kill switch.*\n.*"setting":"freeze"/],
  ['autonomy', ['ask', 'testland', 'tail', ...WHY], /Ask for autonomy/],
  ['tickets open', ['CHG-1', '--region', 'testland', '--words', 'new switches'], /Tell a change ticket/],
  ['tickets end', ['CHG-0', '--region', 'testland'], /CHG-0 is no open ticket/],
  ['resolve', ['testland', 's-a.hot.9999', ...WHY], /End an incident/],
  ['accept-misses', ['testland', 's-a', 'compute', ...WHY], /planned for again/],
]

test('every command that changes something can be tried dry', () => {
  const named = (command: Command, before: string): string[] => {
    const name = `${before}${command.name()}`
    const has = (option: string) => command.options.some(({ long }) => long === option)
    const own = has('--as') && has('--dry-run') ? [name] : []
    return [...own, ...command.commands.flatMap((each) => named(each, `${name} `))]
  }
  const all = createProgram(keepingIo().io, '0.0.0').commands.flatMap((each) => named(each, ''))
  expect(all.toSorted()).toEqual(CHANGING.map(([name]) => name).toSorted())
})

describe('a dry run says what would be asked, and changes nothing', () => {
  test.each(CHANGING)('%s %j', async (command, rest, says) => {
    const before = await everything()
    const words = [...command.split(' '), ...rest].map((word) => (word === 'PLAN' ? plan : word))
    const { out, err, exitCode } = await cli(...words, '--dry-run')
    expect(`${out}${err}`).toMatch(says)
    expect([words, exitCode]).toEqual([words, /refused|no open/.test(err) ? 1 : 0])
    expect(await everything()).toBe(before)
  })
})

test('a dry run of who may not says who may, and one as the requester that somebody else decides', async () => {
  const reader = await cli('hold', plan, ...WHY, '--dry-run', '--as', 'reader')
  expect([reader.exitCode, reader.err]).toEqual([1, expect.stringContaining('to hold takes')])
  const json = await cli('hold', plan, ...WHY, '--dry-run', '--json')
  expect(JSON.parse(json.out)).toMatchObject({ dryRun: true, operation: 'order-hold', refused: null })
  const own = PlanView.parse((await app.ask('chief', 'POST', 'plans', { customer: 'acme' })).body).plan.id
  const chief = await cli('approve', own, '--gate', 'tail-1', '--dry-run', '--as', 'chief')
  expect([chief.exitCode, chief.err]).toEqual([1, expect.stringContaining('chief asked for this plan')])
})

describe('an order to several plans', () => {
  test('is only previewed without --yes, and ends with a code that is not done', async () => {
    const second = (await startedRun(app)).plan.id
    const idle = (await madePlan(app)).plan.id
    const { out, err, exitCode } = await cli('hold', '--all', ...WHY)
    expect([exitCode, err]).toEqual([2, expect.stringContaining('repeat it with --yes')])
    expect(out).toContain(plan)
    expect(out).toContain(second)
    expect(out).not.toContain(idle)
    expect((await app.until(plan, () => true)).run?.status.kind).toBe('awaitingApproval')
  })

  test('is one to all that there are, too, even where that is one', async () => {
    const only = await cli('abort', '--region', 'testland', ...WHY, '--json')
    expect([only.exitCode, Array.isArray(JSON.parse(only.out))]).toEqual([2, true])
  })

  test('tells what became of each, and one that is refused keeps none of the others', async () => {
    const { out, exitCode } = await cli('hold', 'plan-00000000', plan, ...WHY, '--yes', '--json')
    expect(JSON.parse(out)).toMatchObject([
      { planId: 'plan-00000000', exitCode: 2 },
      { planId: plan, exitCode: 0 },
    ])
    expect(exitCode).toBe(2)
    await app.until(plan, ({ run }) => run?.status.kind === 'held')
  })

  test('needs plans or --all, and not both; a region without a run has none', async () => {
    expect((await cli('hold', ...WHY)).exitCode).toBe(2)
    expect((await cli('hold', plan, '--all', ...WHY)).exitCode).toBe(2)
    const none = await cli('hold', '--region', 'nowhere', ...WHY)
    expect([none.exitCode, none.err]).toEqual([1, expect.stringContaining('No run is under way in nowhere')])
  })
})
