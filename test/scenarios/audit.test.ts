import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AuditEntry } from '../../src/domain/audit.ts'
import type { PlanView } from '../../src/messages/api.ts'
import { runCli } from '../cli/run-cli.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
let view: PlanView
const state = mkdtempSync(join(tmpdir(), 'restamp-audit-'))
const cli = (...args: string[]) => runCli('audit', ...args, '--state', state)

beforeAll(async () => {
  app = await startTestApp()
  const session = { baseUrl: app.host.baseUrl, users: app.users, pid: process.pid }
  writeFileSync(join(state, 'session.json'), JSON.stringify(session))
  view = await startedRun(app)
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  await app.ask('operator', 'POST', `plans/${id}/hold`, { reason: 'a release goes out' })
  await app.until(id, is('held'))
  await app.ask('approver', 'POST', `plans/${id}/resume`, { reason: 'the release is out' })
  await app.until(id, awaits(gates[1]))
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'seen enough' })
  await app.until(id, is('rolledBack'))
})
afterAll(async () => {
  await app.stop()
  rmSync(state, { recursive: true, force: true })
})

/** Changes a record behind the app's back. */
async function tamper(
  collection: 'audit' | 'decisions' | 'plans',
  id: string,
  change: object,
): Promise<() => Promise<void>> {
  const { records } = app.ports
  const write = async (value: object) => {
    const etag = (await records.read(collection, id))?.etag ?? ''
    const written = JSON.parse(JSON.stringify(value))
    expect(await records.replace(collection, id, written, etag)).toBe('replaced')
  }
  const before = (await records.read(collection, id))?.value ?? {}
  await write({ ...before, ...change })
  return () => write(before)
}

test('everything that was decided, ordered and done under a run is exported in order, and nothing twice', async () => {
  const { id, digest, requestedBy } = view.plan
  const { out, exitCode } = await cli('export', id)
  expect(exitCode).toBe(0)
  const entries = out
    .trim()
    .split('\n')
    .map((line) => AuditEntry.parse(JSON.parse(line)))
  expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length)
  expect(entries.every(({ foundBy }) => foundBy === 'write')).toBe(true)
  const of = (kind: AuditEntry['kind']) => entries.filter((entry) => entry.kind === kind)
  expect(entries[0]).toMatchObject({ kind: 'plan', who: requestedBy, after: digest })
  expect(of('start')).toMatchObject([{ who: 'operator' }])
  expect(of('decision')).toMatchObject([{ who: 'approver', why: 'looks right', after: 'approve' }])
  expect(of('control').map(({ who, after }) => [who, after])).toEqual([
    ['operator', 'hold'],
    ['approver', 'resume'],
    ['operator', 'rollback'],
  ])
  expect(of('verdict').at(-1)).toMatchObject({ after: 'betterOrEqual' })

  const moves = (await app.ports.records.list('moves', { prefix: `${id}/`, limit: 100 })).map(
    ({ value }) => value,
  )
  expect(moves.some(({ direction }) => direction === 'reverse')).toBe(true)
  expect(of('effect')).toHaveLength(moves.reduce((sum, { steps }) => sum + steps.length, 0))
  expect(of('outcome').filter(({ key }) => key.startsWith('moves/'))).toHaveLength(moves.length)
  expect(entries.at(-1)).toMatchObject({ kind: 'status', after: 'rolledBack' })
})

test('the chain of a run is intact and anchored', async () => {
  const { out, exitCode } = await cli('verify', view.plan.id)
  expect([exitCode, out]).toEqual([
    0,
    expect.stringMatching(/is intact: \d+ entries, anchored up to \d+, head/),
  ])
})

test('an entry that was changed by hand is named, with exit code 1', async () => {
  const { id } = view.plan
  const undo = await tamper('audit', `${id}/000000003`, { who: 'somebody-else' })
  try {
    const { out, exitCode } = await cli('verify', id)
    expect([exitCode, out]).toEqual([1, expect.stringContaining('broken at entry 3: ')])
    expect((await cli('verify', id, '--json')).out).toContain('"number": 3')
  } finally {
    await undo()
  }
  expect((await cli('verify', id)).exitCode).toBe(0)
})

test('a decision that was changed by hand is named, though its chain holds together', async () => {
  const { id } = view.plan
  const [decision] = await app.ports.records.list('decisions', { prefix: `${id}/`, limit: 1 })
  const undo = await tamper('decisions', decision?.id ?? '', { by: 'mallory' })
  try {
    const { out, exitCode } = await cli('verify', id)
    expect([exitCode, out]).toEqual([
      1,
      expect.stringMatching(/the record behind entry \d+ .* says something else/),
    ])
  } finally {
    await undo()
  }
})

test('a plan whose moves were changed by hand is named, though its digest was left as it is', async () => {
  const { id, moves } = view.plan
  const [first, ...others] = moves
  const undo = await tamper('plans', id, { moves: [{ ...first, to: 's-b' }, ...others] })
  try {
    const { out, exitCode } = await cli('verify', id)
    expect([exitCode, out]).toEqual([1, expect.stringContaining('broken at entry 1: the record behind')])
  } finally {
    await undo()
  }
})

test('kill switches belong to no plan and have a chain of their own, and what was never told is 404', async () => {
  await app.ask('operator', 'POST', 'switches', { scope: '*', setting: 'noNewMoves', reason: 'an incident' })
  await app.ask('operator', 'POST', 'switches', { scope: '*', setting: 'off', reason: 'it is over' })
  const { out } = await cli('export', 'fleet')
  expect(out.trim().split('\n')).toHaveLength(2)
  expect((await cli('verify', 'fleet')).exitCode).toBe(0)
  expect(await cli('verify', 'plan-nowhere')).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining('no audit of plan-nowhere'),
  })
})
