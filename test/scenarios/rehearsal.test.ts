import { afterEach, expect, test } from 'vitest'
import { createWorkerRehearsal } from '../../src/adapters/worker/worker-rehearsal.ts'
import { FaultKind } from '../../src/domain/rehearsal.ts'
import { Problem } from '../../src/messages/api.ts'
import { madePlan } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const inWorker = createWorkerRehearsal(new URL('../../src/rehearsal.ts', import.meta.url))
let app: TestApp
afterEach(() => app.stop())

test('a plan is rehearsed in a worker before anyone is asked, and touches nothing of the region', async () => {
  app = await startTestApp({ rehearse: inWorker })
  const before = await app.ports.catalog.fleet()
  const { plan, rehearsal } = await madePlan(app)
  expect(rehearsal).toMatchObject({ status: 'passed', movesDone: plan.moves.length, digest: plan.digest })
  expect(rehearsal?.virtualMs).toBeGreaterThan(6.9 * 86_400_000)
  const source = rehearsal?.pools.find(({ stamp }) => stamp === 's-a')
  expect(rehearsal?.faults?.map(({ fault, outcome }) => [fault, outcome])).toEqual(
    FaultKind.options.map((fault) => [fault, 'safe']),
  )
  expect(rehearsal?.calendar?.at(-1)).toMatchObject({ kind: 'completed', movesDone: plan.moves.length })
  expect(source?.after.hotNodeP95).toBeLessThan((source?.before.hotNodeP95 ?? 0) / 2)
  expect(await app.ports.catalog.fleet()).toEqual(before)
})

test('a plan whose rehearsal failed cannot be started', async () => {
  app = await startTestApp({
    rehearse: async ({ plan }) => ({
      status: 'failed',
      words: 'the destination became hot',
      virtualMs: 1,
      movesDone: 0,
      movesPlanned: plan.moves.length,
      pools: [],
    }),
  })
  const { plan } = await madePlan(app)
  const answer = await app.ask('operator', 'POST', `plans/${plan.id}/start`, { digest: plan.digest })
  expect(answer.status).toBe(409)
  expect(Problem.parse(answer.body).detail).toContain('rehearsal failed')
})
