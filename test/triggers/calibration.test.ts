import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Prediction } from '../../src/domain/calibration.ts'
import { PlanId, StampId } from '../../src/domain/ids.ts'
import { PlanView } from '../../src/messages/api.ts'
import { CalibrationView } from '../../src/messages/needs-api.ts'
import { acmePlan } from '../support/answered-run.ts'
import { DATA_ENDS_MS, REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const read = async () =>
  CalibrationView.parse((await app.ask('reader', 'GET', 'calibration')).body).regions[0]

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('before any run is over nothing has been compared', async () => {
  expect(await read()).toEqual({ region: REGION, pools: [], predictions: [] })
})

test('a scan keeps what came of each prediction of a completed run', async () => {
  const plan = acmePlan()
  const atMs = DATA_ENDS_MS - 30 * 3_600_000
  const { records } = app.ports
  await records.create('plans', plan.id, plan)
  await records.create('runs', plan.id, {
    planId: plan.id,
    digest: plan.digest,
    region: REGION,
    startedBy: 'ada',
    startedAtMs: atMs,
    updatedAtMs: atMs,
    status: { kind: 'completed', atMs },
    waiting: null,
  })
  await app.ask('operator', 'POST', 'scans', {})
  const { predictions, pools } = await until(async () => {
    const found = await read()
    return found?.predictions.length === plan.pools.length ? found : undefined
  })
  // None of its moves is on record, so that there is nothing to compare with.
  expect(pools).toEqual([])
  for (const { planId, words } of predictions)
    expect([planId, words]).toEqual([
      plan.id,
      expect.stringContaining(`0 of ${plan.moves.length} moves were made`),
    ])
})

test('after two misses nothing is proposed for the pool until a person has accepted why', async () => {
  const ask = async () =>
    PlanView.parse((await app.ask('operator', 'POST', 'plans', { customer: 'third' })).body).plan
  for (const day of [1, 2]) {
    const missed: Prediction = {
      planId: PlanId.parse(`plan-missed-${day}`),
      region: REGION,
      stamp: StampId.parse('s-b'),
      pool: 'compute',
      // Later than what the run above has predicted.
      madeAtMs: app.ports.clock.nowMs() + day,
      predicted: { hotNodeP95: 40, low: 38, high: 42 },
      comparedAtMs: app.ports.clock.nowMs() + day,
      actual: 60,
      words: '60 % was seen',
    }
    await app.ports.records.create('predictions', `${REGION}/s-b.compute/${day}`, missed)
  }
  expect((await read())?.pools.find(({ stamp }) => stamp === 's-b')?.missesInARow).toBe(2)
  const path = `calibration/${REGION}/s-b/compute/accept`
  expect((await app.ask('reader', 'POST', path, { reason: 'not mine to say' })).status).toBe(403)
  expect((await app.ask('operator', 'POST', path, { reason: '' })).status).toBe(400)
  expect((await app.ask('operator', 'POST', path, { reason: 'builds doubled' })).status).toBe(200)
  expect((await read())?.pools.find(({ stamp }) => stamp === 's-b')?.missesInARow).toBe(0)
  expect((await app.ask('operator', 'POST', path, { reason: 'twice' })).status).toBe(404)
  expect((await ask()).verdict).toBe('none')
})
