import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Interlock } from '../../src/domain/interlocks.ts'
import { PlanView } from '../../src/messages/api.ts'
import { IncidentList } from '../../src/messages/needs-api.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const held: Interlock[] = []
let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ ports: (ports) => ({ ...ports, interlocks: { between: async () => held } }) })
})
afterAll(() => app.stop())

const planned = async (body: object = {}) =>
  PlanView.parse((await app.ask('operator', 'POST', 'plans', { customer: 'acme', ...body })).body).plan

test('a quota that is used up stops a plan, and is named with what it says', async () => {
  expect((await planned()).moves.length).toBeGreaterThan(0)
  const quota = { kind: 'quota', region: REGION, fromMs: 0, untilMs: null } as const
  held.push({ ...quota, words: 'Traffic Manager allows no more profiles in this subscription' })
  const plan = await planned()
  expect(plan.moves).toEqual([])
  expect(plan.blocked.map(({ rule, detail }) => [rule, detail])).toContainEqual([
    'quota',
    expect.stringContaining('no more profiles'),
  ])

  await app.ask('operator', 'POST', 'scans', {})
  const deadline = Date.now() + 20_000
  for (;;) {
    const { incidents } = IncidentList.parse((await app.ask('reader', 'GET', 'incidents')).body)
    const standing = incidents.find(({ stamp }) => stamp === 's-a')?.standing
    if (standing) {
      expect(standing).toMatchObject({ kind: 'blocked', rule: 'quota' })
      break
    }
    if (Date.now() > deadline) throw new Error('no incident came')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  held.length = 0
})

test('a spent error budget stops routine plans and not an emergency', async () => {
  await app.ports.records.create('scans', `${REGION}/0`, {
    region: REGION,
    atMs: app.ports.clock.nowMs() - 3_600_000,
    pools: [],
    needsAction: [],
    served: { requests: 1e9, errors: 1e8 },
  })
  const routine = await planned()
  expect(routine.moves).toEqual([])
  expect(routine.blocked.map(({ rule }) => rule)).toContain('error-budget')
  expect((await planned({ urgency: 'emergency' })).moves.length).toBeGreaterThan(0)
})
