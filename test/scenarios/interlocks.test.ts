import { afterEach, expect, test } from 'vitest'
import { RegistryName, replicaId, StampId } from '../../src/domain/ids.ts'
import type { Interlock } from '../../src/domain/interlocks.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { DATA_ENDS_MS, REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const HOUR_MS = 3_600_000
let app: TestApp
afterEach(() => app.stop())

const announce = (interlock: Omit<Interlock, 'region'>) =>
  app.twin.inject({ kind: 'interlock', interlock: { ...interlock, region: REGION } })

async function asked(options: Parameters<typeof startTestApp>[0] = {}) {
  app = await startTestApp(options)
  const view = await startedRun(app)
  const gates = gatesOf(await app.until(view.plan.id, awaits()))
  return { view, id: view.plan.id, gates }
}

test('a rollout on the destination is waited for, and then the batch moves', async () => {
  const { view, id, gates } = await asked()
  const untilMs = DATA_ENDS_MS + 3 * HOUR_MS
  announce({
    kind: 'rollout',
    stamp: StampId.parse('s-c'),
    fromMs: DATA_ENDS_MS,
    untilMs,
    words: 'platform 7',
  })
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, ({ movesDone }) => movesDone > 0)
  const moves = await app.ports.records.list('moves', { prefix: `${id}/`, limit: 100 })
  for (const { value } of moves) expect(value.steps[0]?.atMs).toBeGreaterThanOrEqual(untilMs)
})

test('a customer that opted one registry out keeps that one at home, and the run says what to do', async () => {
  const { view, id, gates } = await asked()
  const registry = view.plan.moves[0]?.registry ?? RegistryName.parse('none')
  announce({ kind: 'opt-out', registry, fromMs: DATA_ENDS_MS, untilMs: null, words: 'they launch' })
  await approve(app, view, gates.slice(0, 1))
  const blocked = await app.until(id, is('blocked'))
  expect(blocked.run?.waiting).toMatchObject({
    person: true,
    what: expect.stringContaining(`an opt-out of ${registry} until somebody ends it: they launch; skip it`),
  })
  expect(blocked.movesDone).toBe(1)
  expect((await app.ports.catalog.binding(replicaId(registry, REGION)))?.homeStamp).not.toBe('s-c')

  await app.ask('operator', 'POST', `plans/${id}/skip`, { registry, reason: 'they opted out' })
  await app.host.clock.advance(2 * HOUR_MS)
  expect((await app.until(id, awaits(gates[1]))).movesDone).toBe(1)
})

test('where interlocks cannot be told nothing starts', async () => {
  const { view, id, gates } = await asked({
    ports: (ports) => ({
      ...ports,
      interlocks: {
        between: async (query) => {
          if ((await ports.records.list('decisions', { limit: 1 })).length > 0)
            throw new Error('the change calendar does not answer')
          return ports.interlocks.between(query)
        },
      },
    }),
  })
  await approve(app, view, gates.slice(0, 1))
  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toContain('the change calendar does not answer')
  expect(held.movesDone).toBe(0)
})

test('minutes of a rollout are no evidence: the observation is made up for', async () => {
  const { view, id, gates } = await asked()
  const fromMs = DATA_ENDS_MS + 0.75 * HOUR_MS
  announce({
    kind: 'rollout',
    stamp: StampId.parse('s-a'),
    fromMs,
    untilMs: fromMs + HOUR_MS / 2,
    words: 'kernel',
  })
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  const looks = await app.ports.records.list('evaluations', { prefix: `${id}/${gates[0]}/`, limit: 100 })
  const final = looks.map(({ value }) => value).filter((look) => look.final)
  expect(final.at(0)).toMatchObject({ verdict: 'notEnoughEvidence', words: expect.stringContaining('void') })
  expect(final.at(-1)).toMatchObject({ verdict: 'betterOrEqual' })
})
