import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PlanView } from '../../src/messages/api.ts'
import { acmePlan, recordStart } from '../support/answered-run.ts'
import { moveAway } from '../support/right-sizing.ts'
import { awaits, is } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { runCli } from './run-cli.ts'

const DAY_MS = 86_400_000
const YEARLY = '0 0 0 1 1 *'
let app: TestApp
const state = mkdtempSync(join(tmpdir(), 'restamp-cli-'))

beforeAll(async () => {
  // Nine days of ticks would be the longest part of this test.
  const settings = { RECONCILE_SCHEDULE: YEARLY, SWEEP_SCHEDULE: '30 0 * * * *', SCAN_SCHEDULE: YEARLY }
  app = await startTestApp({ sharedNodes: 6, settings })
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
  await recordStart(app.ports, acmePlan(), 'none')
  await moveAway(app.ports, acmePlan())
  const run = await app.ports.records.read('runs', acmePlan().id)
  const ended = { kind: 'completed', atMs: app.ports.clock.nowMs() } as const
  if (run) await app.ports.records.replace('runs', run.id, { ...run.value, status: ended }, run.etag)
  await app.host.clock.advance(9 * DAY_MS)
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})

const cli = (...args: string[]) => runCli(...args, '--state', state)

test('what a completed plan relieved is right-sized by the same commands as any plan', async () => {
  const planned = await cli('right-size', acmePlan().id)
  expect([planned.exitCode, planned.err]).toEqual([0, ''])
  expect(planned.out).toMatch(/the minimums of s-a compute from 6 to 3 nodes, s-b compute from 6 to 3 nodes/)
  expect(planned.out).toMatch(/right-size-1 +s-a +compute +6 +5/)
  const id = /Start it with: restamp start (\S+)/.exec(planned.out)?.[1] ?? ''
  expect((await cli('start', id)).exitCode).toBe(0)
  const asked = await app.until(id, awaits('right-size-1'))
  expect(asked.waiting?.what).toContain('before minimums are lowered')
  expect((await cli('approve', id, '--all')).exitCode).toBe(0)
  const ended = await app.until(id, is('completed'))
  expect([ended.movesDone, ended.movesPlanned]).toEqual([6, 6])
  expect((await cli('status', id)).out).toMatch(/right-size-3 +done +2 of 2/)
  const report = await cli('report', id)
  expect(report.out).toContain('lowered the minimum of s-a compute from 6 to 5 nodes')
  expect((await cli('audit', 'verify', id)).exitCode).toBe(0)
  const view = PlanView.parse((await app.ask('reader', 'GET', `plans/${id}`)).body)
  expect(view.plan.relievedBy).toBe(acmePlan().id)
}, 90_000)
