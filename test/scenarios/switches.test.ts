import { afterEach, expect, test } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import { Problem, SwitchList } from '../../src/messages/api.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { REGION, TENANTS } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
let app: TestApp
afterEach(() => app.stop())

const turn = (setting: string, scope = '*', user = 'operator') =>
  app.ask(user, 'POST', 'switches', { scope, setting, reason: 'an incident next door' })
const homes = async () =>
  Promise.all(
    ACME.map(async ({ name }) => (await app.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp),
  )
const AT_HOME = ACME.map(({ stamp }) => stamp)

test('a freeze is in status at once, and nothing moves until a person lifts it', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const asked = await app.until(id, awaits())
  expect((await turn('freeze')).status).toBe(202)
  const seen = await app.until(id, () => true)
  expect(seen.switches).toMatchObject([{ scope: '*', setting: 'freeze', by: 'operator' }])

  await approve(app, view, gatesOf(asked))
  const blocked = await app.until(id, is('blocked'))
  expect(blocked.run?.waiting).toMatchObject({ person: true, what: expect.stringContaining('frozen') })
  expect(await homes()).toEqual(AT_HOME)

  expect((await turn('off')).status).toBe(202)
  const moved = await app.until(id, ({ movesDone }) => movesDone > 0)
  expect(moved.switches).toEqual([])
})

test('no new moves in one region lets a rollback there take everything home', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 1))
  expect((await app.until(id, awaits(gates[1]))).movesDone).toBeGreaterThan(0)
  await turn('noNewMoves', REGION)
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'take it home' })
  await app.until(id, is('rolledBack'))
  expect(await homes()).toEqual(AT_HOME)
})

test('a rollback under a freeze waits, and an abort lands all the same', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const gates = gatesOf(await app.until(id, awaits()))
  await approve(app, view, gates.slice(0, 1))
  await app.until(id, awaits(gates[1]))
  const moved = await homes()
  await turn('freeze', REGION)
  await app.ask('operator', 'POST', `plans/${id}/rollback`, { reason: 'take it home' })
  await app.until(id, is('reversing'))
  await app.ask('operator', 'POST', `plans/${id}/abort`, { reason: 'leave it as it is' })
  await app.host.clock.advance(3_600_000)
  const held = await app.until(id, (status) => is('aborted')(status) || is('held')(status))
  expect(held.run?.status.kind).toBe('aborted')
  expect(await homes()).toEqual(moved)
})

test('an abort ends a run that a switch keeps from starting', async () => {
  app = await startTestApp()
  const view = await startedRun(app)
  const { id } = view.plan
  const asked = await app.until(id, awaits())
  await turn('noNewMoves')
  await approve(app, view, gatesOf(asked))
  await app.until(id, is('blocked'))
  await app.ask('operator', 'POST', `plans/${id}/abort`, { reason: 'not today' })
  await app.until(id, is('aborted'))
  expect(await homes()).toEqual(AT_HOME)
})

test('a switch is turned by an operator with a reason over a region that is there, and by nobody else', async () => {
  app = await startTestApp()
  expect((await turn('freeze', '*', 'reader')).status).toBe(403)
  expect((await turn('freeze', 'nowhere')).status).toBe(404)
  const silent = await app.ask('operator', 'POST', 'switches', { scope: '*', setting: 'freeze' })
  expect([silent.status, Problem.parse(silent.body).detail]).toEqual([400, expect.stringContaining('reason')])
  expect(
    (await app.ask('operator', 'POST', 'switches', { scope: '*', setting: 'on', reason: 'why not' })).status,
  ).toBe(400)
  expect(SwitchList.parse((await app.ask('reader', 'GET', 'switches')).body).switches).toEqual([])
})

test('of each switch the newest turn counts, and earlier ones stay on record', async () => {
  app = await startTestApp()
  for (const setting of ['freeze', 'off', 'noNewMoves']) await turn(setting)
  await turn('freeze', REGION)
  const { switches } = SwitchList.parse((await app.ask('reader', 'GET', 'switches')).body)
  expect(switches.map(({ scope, setting }) => [scope, setting])).toEqual([
    ['*', 'noNewMoves'],
    [REGION, 'freeze'],
  ])
  expect(await app.ports.records.list('switches', { prefix: '*/', limit: 10 })).toHaveLength(3)
})

test('where the switches cannot be read nothing is moved', async () => {
  const broken = { now: false }
  app = await startTestApp({
    ports: (ports) => ({
      ...ports,
      records: {
        read: (collection, id) => ports.records.read(collection, id),
        create: (collection, id, value) => {
          broken.now ||= collection === 'decisions'
          return ports.records.create(collection, id, value)
        },
        replace: (collection, id, value, etag) => ports.records.replace(collection, id, value, etag),
        list: async (collection, query) => {
          if (broken.now && collection === 'switches') throw new Error('the records do not answer')
          return ports.records.list(collection, query)
        },
      },
    }),
  })
  const view = await startedRun(app)
  const { id } = view.plan
  const [first = ''] = gatesOf(await app.until(id, awaits()))
  await approve(app, view, [first])
  expect(broken.now).toBe(true)
  const deadline = Date.now() + 20_000
  const heldNow = async () => (await app.ports.records.read('runs', id))?.value.status.kind === 'held'
  while (!(await heldNow())) {
    if (Date.now() > deadline) throw new Error('the run was not held')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  broken.now = false
  const held = await app.until(id, is('held'))
  expect(held.run?.waiting?.what).toContain('the records do not answer')
  expect(await homes()).toEqual(AT_HOME)
})
