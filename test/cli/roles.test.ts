import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { Role } from '../../src/domain/principal.ts'
import { awaits, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { keepingIo, runCli } from './run-cli.ts'

const ROLES = Role.options
const READERS = ['Reader', 'Planner', 'Approver', 'Operator', 'Admin']
const PLANNERS = ['Planner', 'Operator', 'Admin']
const OPERATORS = ['Operator', 'Admin']
const APPROVERS = ['Approver', 'Admin']
const BRAKES = ['Approver', 'Operator', 'Admin']
const WHY = ['--reason', 'for a test']
const PLAN = 'PLAN'

/** Who may type what, by hand: nothing here is worked out from the code. Those who may not come first, so that nothing has changed by then. */
const MAY: readonly (readonly [command: string, rest: readonly string[], may: readonly string[]])[] = [
  ['readiness', [], READERS],
  ['incidents', [], READERS],
  ['calibration', [], READERS],
  ['figures', [], READERS],
  ['plans', [], READERS],
  ['waiting', [], READERS],
  ['status', [PLAN], READERS],
  ['rehearse', [PLAN], READERS],
  ['report', [PLAN], READERS],
  ['watch', ['plan-00000000'], READERS],
  ['audit verify', ['fleet'], READERS],
  ['audit export', ['fleet'], READERS],
  ['tickets list', [], READERS],
  ['switch', [], READERS],
  ['autonomy', [], READERS],
  ['clock', [], READERS],
  ['clock', ['60x'], ['Planner', ...BRAKES]],
  ['scan', [], PLANNERS],
  ['evacuate', ['s-b'], PLANNERS],
  ['ramp', ['s-c'], PLANNERS],
  ['right-size', [PLAN], PLANNERS],
  ['start', [PLAN], PLANNERS],
  ['tell', ['--stamp', 's-a', '--words', 'pulls take minutes'], ['Planner', ...BRAKES]],
  ['emergency', ['--stamp', 's-a'], OPERATORS],
  ['hold', [PLAN, ...WHY], BRAKES],
  ['resume', [PLAN, ...WHY], OPERATORS],
  ['skip', [PLAN, 'acme01', ...WHY], OPERATORS],
  ['observation', [PLAN, 'extend', '--hours', '1', ...WHY], BRAKES],
  ['observation', [PLAN, 'end', ...WHY], APPROVERS],
  ['approve', [PLAN, ...WHY], APPROVERS],
  ['reject', [PLAN, ...WHY], APPROVERS],
  ['rollback', [PLAN, ...WHY], OPERATORS],
  ['abort', [PLAN, ...WHY], OPERATORS],
  ['switch', ['off', ...WHY], OPERATORS],
  ['autonomy', ['ask', 'testland', 'tail', ...WHY], BRAKES],
  ['autonomy', ['confirm', 'testland', 'tail', ...WHY], APPROVERS],
  ['tickets open', ['CHG-1', '--region', 'testland', '--words', 'new switches'], OPERATORS],
  ['tickets end', ['CHG-0', '--region', 'testland'], OPERATORS],
  ['resolve', ['testland', 's-a.hot.9999', ...WHY], OPERATORS],
  ['accept-misses', ['testland', 's-a', 'compute', ...WHY], OPERATORS],
]

/** Serves an assistant; what it may is in test/mcp/roles.test.ts. */
const ELSEWHERE = ['mcp']

let app: TestApp
let plan = ''
const state = mkdtempSync(join(tmpdir(), 'restamp-cli-roles-'))
beforeAll(async () => {
  const own = ROLES.map((role) => ({ name: `only-${role}`, roles: [role], token: `a-token-of-${role}` }))
  const others = [
    { name: 'operator', roles: ['Planner' as const, 'Operator' as const], token: 'a-token-of-the-operator' },
    { name: 'reader', roles: ['Reader' as const], token: 'a-token-of-the-reader' },
  ]
  app = await startTestApp({ people: [...own, ...others] })
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
  // About somebody whom the plan leaves where they are.
  const ticket = ['CHG-0', '--region', 'testland', '--registry', 'third01', '--words', 'to be ended']
  await runCli('tickets', 'open', ...ticket, '--state', state, '--as', 'operator')
  const view = await startedRun(app)
  plan = view.plan.id
  await app.until(plan, awaits('tail-1'))
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})

const REFUSED = / has .*; to \w+ takes /
async function isRefused(role: string, command: string, rest: readonly string[]): Promise<boolean> {
  const words = [...command.split(' '), ...rest].map((word) => (word === PLAN ? plan : word))
  const { exitCode, err, out } = await runCli(...words, '--state', state, '--as', `only-${role}`)
  if (!REFUSED.test(err)) return false
  expect([words, out, exitCode]).toEqual([words, '', 1])
  return true
}

test('every command that speaks to a host is in the table', () => {
  const named = (command: Command, before: string): string[] => {
    const name = `${before}${command.name()}`
    const own = command.options.some(({ long }) => long === '--as') ? [name] : []
    return [...own, ...command.commands.flatMap((each) => named(each, `${name} `))]
  }
  const all = createProgram(keepingIo().io, '0.0.0').commands.flatMap((each) => named(each, ''))
  expect(all.toSorted()).toEqual([...new Set([...MAY.map(([name]) => name), ...ELSEWHERE])].toSorted())
})

describe('refused with who may, and with nothing else said, are all others', () => {
  test.each(MAY)('%s %j', async (command, rest, may) => {
    for (const role of ROLES.filter((one) => !may.includes(one)))
      expect([role, await isRefused(role, command, rest)]).toEqual([role, true])
  })
})

describe('not refused is whom the table names', () => {
  test.each(MAY)('%s %j', async (command, rest, may) => {
    for (const role of may) expect([role, await isRefused(role, command, rest)]).toEqual([role, false])
  })
})
