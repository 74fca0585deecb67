import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FleetView, Problem } from '../../src/messages/api.ts'
import { IncidentList, ReadinessView, TakenIn } from '../../src/messages/needs-api.ts'
import { anAlert } from '../messages/an-alert.ts'
import { madePlan } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const UNTIL_MS_MAX = 20_000

/** Scans and waits until the incidents on record are as wanted. */
async function incidents(wanted: (list: IncidentList['incidents']) => boolean, all = false) {
  const deadline = Date.now() + UNTIL_MS_MAX
  for (;;) {
    const found = IncidentList.parse((await app.ask('reader', 'GET', `incidents${all ? '?all=1' : ''}`)).body)
    if (wanted(found.incidents)) return found.incidents
    if (Date.now() > deadline) throw new Error(`waited in vain; last seen ${JSON.stringify(found)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const of = (list: IncidentList['incidents'], stamp: string, rule: string) =>
  list.find((one) => one.stamp === stamp && one.rule === rule)
const send = async (alert: object, user = 'alerts') => app.ask(user, 'POST', 'alerts', alert)

test('a dominated stamp gets an incident that says what blocks it: nobody has asked for a plan', async () => {
  await app.ask('operator', 'POST', 'scans', {})
  const found = await incidents((list) => of(list, 's-a', 'dominated')?.standing?.kind === 'blocked')
  expect(of(found, 's-a', 'dominated')).toMatchObject({
    region: REGION,
    resolved: null,
    standing: {
      rule: 'nobody-asked',
      detail: expect.stringContaining('an isolation of 6 replicas is possible'),
    },
  })
  const fleet = FleetView.parse((await app.ask('reader', 'GET', 'fleet')).body)
  expect(fleet.regions[0]?.incidents?.map(({ stamp }) => stamp)).toContain('s-b')
})

describe('alerts', () => {
  test('open an incident on the stamp that they name, join it, and end it when resolved', async () => {
    const first = await send(anAlert({ id: 'a1', targets: ['vmss-s-a-compute'] }))
    expect([first.status, TakenIn.parse(first.body).stamps]).toEqual([202, ['s-a']])
    await incidents((list) => of(list, 's-a', 'alert') !== undefined)

    await send(anAlert({ id: 'a2', kind: 'log', dimension: 'S-A' }))
    await send(anAlert({ id: 'a2', kind: 'log', dimension: 'S-A' }))
    const joined = await incidents((list) => of(list, 's-a', 'alert')?.joinedCount === 2)
    expect(of(joined, 's-a', 'alert')?.firing).toHaveLength(2)

    await send(anAlert({ id: 'a1', condition: 'Resolved', targets: ['vmss-s-a-compute'] }))
    await send(anAlert({ id: 'a2', condition: 'Resolved', kind: 'log', dimension: 's-a' }))
    const ended = await incidents((list) => of(list, 's-a', 'alert')?.resolved !== null, true)
    expect(of(ended, 's-a', 'alert')).toMatchObject({ joinedCount: 4, resolved: { by: 'Azure Monitor' } })
  })

  test('that were resolved before they fired open nothing', async () => {
    await send(anAlert({ id: 'b1', condition: 'Resolved', targets: ['s-b'] }))
    await send(anAlert({ id: 'b1', condition: 'Fired', targets: ['s-b'] }))
    await send(anAlert({ id: 'b2', condition: 'Fired', targets: ['s-b'] }))
    const found = await incidents((list) => of(list, 's-b', 'alert') !== undefined)
    expect(of(found, 's-b', 'alert')).toMatchObject({
      joinedCount: 1,
      firing: [expect.stringContaining('b2')],
    })
  })

  test('that name no stamp start scans and note nothing', async () => {
    const { body } = await send(anAlert({ id: 'c1', targets: ['something-else'] }))
    expect(TakenIn.parse(body)).toMatchObject({ scans: [expect.stringContaining(REGION)], stamps: [] })
  })

  test('that only test an action group are taken in and note nothing', async () => {
    const alert = anAlert({ targets: ['s-a'] })
    alert.data.essentials.alertId = '/subscriptions/11111111-1111-1111-1111-111111111111/providers/x/alerts/1'
    expect(TakenIn.parse((await send(alert)).body)).toMatchObject({ scans: [], stamps: [] })
  })

  test('of another schema are refused with what to do, and of more than 256 KB too', async () => {
    const other = await send({ ...anAlert(), schemaId: 'AzureMonitorMetricAlert' })
    expect([other.status, Problem.parse(other.body).detail]).toEqual([
      400,
      expect.stringContaining('common alert schema'),
    ])
    const large = anAlert()
    large.data.essentials.description = 'x'.repeat(300_000)
    expect((await send(large)).status).toBe(413)
  })

  test('are all that an alerter may tell: it reads, plans and decides nothing', async () => {
    expect((await app.ask('alerts', 'GET', 'fleet')).status).toBe(403)
    expect((await app.ask('alerts', 'POST', 'plans', {})).status).toBe(403)
    expect(
      (await app.ask('alerts', 'POST', 'customer-reports', { stamp: 's-a', words: 'slow' })).status,
    ).toBe(403)
    expect((await send(anAlert(), 'reader')).status).toBe(403)
  })

  test('that can not be noted are asked for again', async () => {
    const broken = await startTestApp({
      ports: (ports) => ({
        ...ports,
        catalog: { ...ports.catalog, fleet: () => Promise.reject(new Error('no catalog')) },
      }),
    })
    const answer = await broken.ask('alerts', 'POST', 'alerts', anAlert())
    await broken.stop()
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([
      503,
      expect.not.stringContaining('no catalog'),
    ])
  })
})

describe('a customer report', () => {
  const report = (body: object) => app.ask('operator', 'POST', 'customer-reports', body)

  test('opens an incident where the registry lives, which only a person ends', async () => {
    expect((await report({ registry: 'acme01', words: 'pulls take minutes' })).status).toBe(202)
    const found = await incidents((list) => of(list, 's-a', 'customer-report') !== undefined)
    const incident = of(found, 's-a', 'customer-report')
    expect(incident?.joined[0]?.detail).toBe('acme01: pulls take minutes (told by operator)')

    const path = `incidents/${REGION}/${incident?.id}/resolve`
    expect((await app.ask('reader', 'POST', path, { reason: 'not mine' })).status).toBe(403)
    expect((await app.ask('operator', 'POST', path, { reason: 'pulls work again' })).status).toBe(200)
    expect((await app.ask('operator', 'POST', path, { reason: 'twice' })).status).toBe(409)
    expect(
      (await app.ask('operator', 'POST', `incidents/${REGION}/none/resolve`, { reason: 'what' })).status,
    ).toBe(404)

    await report({ stamp: 's-a', words: 'slow again' })
    const again = await incidents((list) => of(list, 's-a', 'customer-report') !== undefined)
    expect(of(again, 's-a', 'customer-report')).toMatchObject({ joinedCount: 1 })
  })

  test('about nothing in the fleet, or about two things, is refused', async () => {
    expect((await report({ registry: 'nobody', words: 'slow' })).status).toBe(404)
    expect((await report({ stamp: 's-a', registry: 'acme01', words: 'slow' })).status).toBe(400)
    expect((await report({ words: 'slow' })).status).toBe(400)
  })
})

test('signals that are not ready are said, with when they will be', async () => {
  const view = ReadinessView.parse((await app.ask('reader', 'GET', 'readiness')).body)
  expect(view.regions[0]?.missing.map(({ signal }) => signal)).toContain('past load')
})

test('a plan under way sees to its stamps, and the incident says which', async () => {
  const { plan } = await madePlan(app)
  await app.ask('operator', 'POST', `plans/${plan.id}/start`, { digest: plan.digest })
  await app.until(plan.id, ({ run }) => run?.status.kind === 'awaitingApproval')
  await app.ask('operator', 'POST', 'scans', {})
  const found = await incidents((list) => of(list, 's-a', 'dominated')?.standing?.kind === 'acted')
  expect(of(found, 's-a', 'dominated')?.standing).toMatchObject({ planId: plan.id })
})
