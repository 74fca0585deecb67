import { afterEach, beforeEach, expect, test } from 'vitest'
import { HmacHook } from '../../src/adapters/callout/hmac-hook.ts'
import { SIGNATURE_HEADER, signatureOf } from '../../src/adapters/callout/signature.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const SECRET = 'a secret that both sides hold'
const SIGNED_MS = Date.UTC(2026, 10, 2)
const TICKET = { id: 'CHG-4711', region: REGION, words: 'new switches', revision: 1, from: 0 }

let app: TestApp
beforeEach(async () => {
  const ticketHook = new HmacHook({ secret: SECRET, clock: { nowMs: () => SIGNED_MS } })
  app = await startTestApp({ ticketHook })
})
afterEach(() => app.stop())

const put = (body: object, user = 'operator') => app.ask(user, 'POST', 'tickets', body)

/** As a ticket system sends it, who is no user of ours. */
function tell(body: object, { secret = SECRET, signed = body } = {}) {
  const signature = signatureOf({ secret, atMs: SIGNED_MS, text: JSON.stringify(signed) })
  return app.ask('nobody', 'POST', 'ticket-hooks', body, { [SIGNATURE_HEADER]: signature })
}

const listed = async () => (await app.ask('reader', 'GET', 'tickets')).body
const plan = () => app.ask('operator', 'POST', 'plans', { customer: 'acme' })

test('while a ticket is open nothing of it is planned to move, and after its end it is', async () => {
  expect((await put({ ...TICKET, customer: 'acme' })).status).toBe(200)
  const held = await plan()
  expect(JSON.stringify(held.body)).toContain('CHG-4711: new switches')
  await put({ ...TICKET, customer: 'acme', revision: 2, state: 'ended' })
  expect(JSON.stringify((await plan()).body)).not.toContain('CHG-4711')
})

test('a ticket system tells by its signature, and the audit knows of each change once', async () => {
  expect(
    await tell({ ...TICKET, stamp: 's-a', from: '2026-11-01T20:00:00+01:00', until: null }),
  ).toMatchObject({
    ...{ status: 200, body: { outcome: 'kept', ticket: { by: 'ticket webhook' } } },
  })
  expect(await listed()).toMatchObject({ tickets: [{ id: 'CHG-4711', fromMs: Date.UTC(2026, 10, 1, 19) }] })
  const again = await tell({ ...TICKET, stamp: 's-a', from: '2026-11-01T19:00:00Z' })
  expect(again.body).toMatchObject({ outcome: 'known' })
  await tell({ ...TICKET, stamp: 's-a', revision: 5, state: 'ended' })
  expect((await tell({ ...TICKET, stamp: 's-a', revision: 4 })).body).toMatchObject({ outcome: 'outdated' })
  expect(await listed()).toEqual({ tickets: [] })
  const entries = await app.ports.records.list('audit', { prefix: 'fleet/', limit: 100 })
  expect(entries.map(({ value }) => value.what).filter((what) => what.includes('CHG-4711'))).toEqual([
    'opened the change ticket CHG-4711 of s-a',
    'ended the change ticket CHG-4711 of s-a',
  ])
})

test('a message that nobody signed, or that is of another body, is not taken', async () => {
  expect((await tell(TICKET, { secret: 'another secret of theirs' })).status).toBe(401)
  expect((await tell(TICKET, { signed: { ...TICKET, revision: 9 } })).status).toBe(401)
  expect((await app.ask('operator', 'POST', 'ticket-hooks', TICKET)).status).toBe(401)
  expect(await listed()).toEqual({ tickets: [] })
})

test('a signature opens the one route and no other', async () => {
  const signature = signatureOf({ secret: SECRET, atMs: SIGNED_MS, text: JSON.stringify(TICKET) })
  const { status } = await app.ask('nobody', 'POST', 'tickets', TICKET, { [SIGNATURE_HEADER]: signature })
  expect(status).toBe(401)
  expect((await put(TICKET, 'approver')).status).toBe(200)
  expect((await put({ ...TICKET, revision: 2 }, 'reader')).status).toBe(403)
})

test('a ticket of something that is not there is refused: it would keep nothing from moving', async () => {
  for (const about of [{ region: 'no-where' }, { stamp: 's-z' }, { registry: 'none' }, { customer: 'none' }])
    expect((await put({ ...TICKET, ...about })).status).toBe(404)
  expect((await put({ ...TICKET, until: -5 })).status).toBe(400)
  expect((await put({ ...TICKET, from: 'tomorrow' })).status).toBe(400)
  expect((await put({ ...TICKET, extra: 1 })).status).toBe(400)
})

test('another content under one revision is refused, so that a change without a new one is found out', async () => {
  await put(TICKET)
  expect((await put({ ...TICKET, words: 'something else' })).status).toBe(409)
})
