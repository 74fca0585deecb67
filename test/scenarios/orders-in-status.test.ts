import { afterEach, expect, test } from 'vitest'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { StatusView } from '../../src/messages/api.ts'
import { approve, gatesOf, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const MINUTE_MS = 60_000
/** What is ordered is in the status this soon, on the machine's own clock. */
const TRUE_WITHIN_MS = 5_000
let app: TestApp
afterEach(() => app.stop())

const read = async (id: string) =>
  StatusView.parse((await app.ask('reader', 'GET', `plans/${id}/status`)).body)

/** Gives an order and reads the status at once: the run's clock stands still, so nothing of the run has woken. */
async function ordered(id: string, path: string, body: object): Promise<StatusView> {
  const began = performance.now()
  const answer = await app.ask('operator', 'POST', path, { reason: 'a test wants it', ...body })
  expect([path, answer.status, answer.body]).toEqual([path, 202, expect.anything()])
  const status = await read(id)
  expect(performance.now() - began).toBeLessThan(TRUE_WITHIN_MS)
  return status
}

test('every order is in the status within 5 s, though the run has not woken, and says what it waits for', async () => {
  app = await startTestApp({ byHand: true, policies: { '*': { ...OPEN_POLICY, observeTail: 'PT20H' } } })
  const view = await startedRun(app)
  const { id, moves } = view.plan
  await app.host.clock.advance(MINUTE_MS)
  const order = (name: string, body = {}) => ordered(id, `plans/${id}/${name}`, body)
  const gates = gatesOf(await read(id))

  const held = await order('hold')
  expect(held.orders?.hold).toMatchObject({ by: 'operator', reason: 'a test wants it' })
  expect(held.waiting?.what).toMatch(/held|the hold of operator waits for this/)
  expect(held.allowed).toContain('resume')
  expect((await order('resume')).orders?.hold).toBeNull()
  const last = moves.at(-1)?.registry
  expect((await order('skip', { registry: last })).orders?.skips).toMatchObject([{ registry: last }])
  for (const setting of ['freeze', 'noNewMoves'])
    expect((await ordered(id, 'switches', { scope: '*', setting })).switches).toMatchObject([{ setting }])
  expect((await ordered(id, 'switches', { scope: '*', setting: 'off' })).switches).toEqual([])

  await app.host.clock.advance(MINUTE_MS)
  await approve(app, view, gates.slice(0, 1))
  await app.host.clock.advance(90 * MINUTE_MS)
  expect((await read(id)).run?.status.kind).toBe('observing')
  const extended = await order('observation', { set: 'extend', hours: 5 })
  expect(extended.orders?.observations).toMatchObject([{ set: 'extend', gate: gates[0] }])
  const undone = await order('rollback', { gate: gates[0] })
  expect(undone.orders?.undo).toMatchObject({ gates: [gates[0]] })
  expect((await order('rollback')).orders?.rollback).toMatchObject({ by: 'operator' })
  const aborted = await order('abort')
  expect(aborted.orders?.abort).toMatchObject({ by: 'operator' })
  expect(aborted.allowed).toEqual([])
  // One that is carried out at once waits for nothing any more; else it says what for.
  if (aborted.waiting) expect(aborted.waiting.what).toMatch(/^the abort of operator waits for this: /)
})

test('a move that waits for nodes, and then for a warm cache, says so', async () => {
  app = await startTestApp({ byHand: true, isolatedNodes: 1 })
  const view = await startedRun(app)
  const { id } = view.plan
  await app.host.clock.advance(MINUTE_MS)
  await approve(app, view, gatesOf(await read(id)).slice(0, 1))
  const waits: string[] = []
  for (let look = 0; look < 60; look += 1) {
    await app.host.clock.advance(MINUTE_MS / 4)
    const { waiting } = await read(id)
    if (waiting?.kind === 'nodes') waits.push(waiting.what)
  }
  expect(waits.find((what) => /s-c has too few ready nodes: compute \d\/\d/.test(what))).toBeDefined()
  expect(waits.find((what) => /the cache of s-c is \d+ % warm/.test(what))).toBeDefined()
})
