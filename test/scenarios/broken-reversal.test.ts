import { afterEach, expect, test } from 'vitest'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const LOOKS_MAX = 20_000
let app: TestApp
afterEach(() => app.stop())

const homeOf = async (name: string) => (await app.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp

/** Waits, looking as often as it can, since a reversal is over in no time. */
async function untilReversing(id: string): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    if ((await app.ports.records.read('runs', id))?.value.status.kind === 'reversing') return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it never was on its way back')
}

async function purgeAll(): Promise<void> {
  const at = `${app.host.baseUrl}/runtime/webhooks/durabletask/instances`
  const query = `createdTimeFrom=2000-01-01T00:00:00Z&code=${app.host.systemKey}`
  expect((await fetch(`${at}?${query}`, { method: 'DELETE' })).status).toBe(200)
}

test('a run that broke off amid a reversal is begun anew by the sweep, and takes everything home first of all', async () => {
  app = await startTestApp()
  app.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor: 3 })
  const view = await startedRun(app)
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates)
  await untilReversing(id)
  await purgeAll()
  await app.host.clock.advance(700_000)

  const held = await app.until(id, is('held'))
  expect(held.run).toMatchObject({ restarts: 1 })
  expect(held.run?.waiting?.what).toContain('was reversed')
  const gate = held.run?.status.kind === 'held' ? held.run.status.gate : ''
  const batch = view.plan.moves.filter((move) => `${move.phase}-${move.batch}` === gate)
  expect(batch.length).toBeGreaterThan(0)
  for (const { registry, from } of batch) expect(await homeOf(registry)).toBe(from)
  await app.ask('operator', 'POST', `plans/${id}/resume`, { reason: 'shall we try again' })
  await app.until(id, awaits(gate))
})
