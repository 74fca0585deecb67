import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanView } from '../../src/messages/api.ts'
import { startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { runCli } from './run-cli.ts'

let app: TestApp
const state = mkdtempSync(join(tmpdir(), 'restamp-cli-'))

beforeAll(async () => {
  app = await startTestApp({ sharedNodes: 6 })
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})

const cli = (...args: string[]) => runCli(...args, '--state', state)

test('an evacuation says who leaves, where to and until about when', async () => {
  const { out, exitCode } = await cli('evacuate', 's-a')
  expect(exitCode).toBe(0)
  expect(out).toMatch(/s-a is to be emptied: 4 of 4 replicas leave it; it is empty then/)
  expect(out).toMatch(/It ends about 2026-11-\d\d \d\d:\d\dZ if every gate is answered at once/)
  expect(out).toMatch(/start it with: restamp start plan-/)
  const json = PlanView.parse(JSON.parse((await cli('evacuate', 's-a', '--json')).out))
  expect(json.plan).toMatchObject({ verdict: 'evacuate', requestedBy: 'operator' })
})

test('where nobody can be moved the code is 1, and a stamp that is not there is bad input', async () => {
  const emptied = await cli('evacuate', 's-c')
  expect([emptied.exitCode, emptied.out]).toEqual([1, expect.stringContaining('s-c is empty already')])
  const filled = await cli('ramp', 's-c')
  expect([filled.exitCode, filled.out]).toEqual([1, expect.stringContaining("s-c can't be filled")])
  const unknown = await cli('evacuate', 's-none')
  expect([unknown.exitCode, unknown.err]).toEqual([2, expect.stringContaining('no stamp s-none')])
})

test('a plan that is not completed is not right-sized', async () => {
  const { plan } = await startedRun(app)
  const { exitCode, err } = await cli('right-size', plan.id)
  expect([exitCode, err]).toEqual([1, expect.stringContaining('a right-sizing is not possible')])
})
