import { afterEach, expect, test } from 'vitest'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { ReportView } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const MINUTE_MS = 60_000
let app: TestApp
afterEach(() => app.stop())

async function takeAway(registry: string): Promise<void> {
  const replica = replicaId(registry, REGION)
  const binding = await app.ports.catalog.binding(replica)
  const to = StampId.parse(binding?.homeStamp === 's-a' ? 's-b' : 's-a')
  await app.ports.catalog.rebind({ replica, to, expectedEpoch: binding?.epoch ?? 0, moveKey: 'somebody' })
}

test('a re-bind by somebody else between batches holds the plan within a minute, and its route follows', async () => {
  app = await startTestApp({ reconcile: '0 * * * * *' })
  const view = await startedRun(app)
  const { id } = view.plan
  const [first = '', second = ''] = gatesOf(await app.until(id, awaits()))
  await approve(app, view, [first])
  await app.until(id, awaits(second))
  await takeAway('acme01')
  await app.host.clock.advance(MINUTE_MS)

  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toMatch(/acme01@testland was bound to s-b \(epoch 2\) by somebody else/)
  expect(await app.ports.traffic.route(replicaId('acme01', REGION))).toMatchObject({ stamp: 's-b' })
  const report = ReportView.parse((await app.ask('reader', 'GET', `plans/${id}/report`)).body)
  expect(report.foreignRebinds).toHaveLength(1)
  expect(report.repairs).toMatchObject([{ replica: 'acme01@testland', from: 's-a', to: 's-b' }])

  await app.ask('operator', 'POST', `plans/${id}/resume`, { reason: 'they told us' })
  await app.until(id, awaits(second))
})

test('a re-bind by somebody else during the observation stops it and holds the plan', async () => {
  app = await startTestApp({ reconcile: '0 * * * * *' })
  const view = await startedRun(app)
  const { id } = view.plan
  const [first = ''] = gatesOf(await app.until(id, awaits()))
  const registry = view.plan.moves.find(({ phase, batch }) => `${phase}-${batch}` === first)?.registry ?? ''
  let taken = false
  const { catalog } = app.ports
  await approve(app, view, [first])
  while (!taken) {
    const run = (await app.ports.records.read('runs', id))?.value
    if (run?.status.kind === 'observing') {
      await takeAway(registry)
      taken = true
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }

  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toContain(`${registry}@testland was bound to`)
  expect(held.run?.status).toMatchObject({ kind: 'held', gate: first })
  const home = (await catalog.binding(replicaId(registry, REGION)))?.homeStamp
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'let us begin anew' })
  await app.until(id, is('rolledBack'))
  expect((await catalog.binding(replicaId(registry, REGION)))?.homeStamp).toBe(home)
})
