import { afterEach, describe, expect, test } from 'vitest'
import { PlanList, PlanView, Problem } from '../../src/messages/api.ts'
import { awaits, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
afterEach(() => app.stop())

const plan = (key: string, body: object = { customer: 'acme' }, user = 'operator') =>
  app.ask(user, 'POST', 'plans', body, { 'idempotency-key': key })
const plans = async () => PlanList.parse((await app.ask('reader', 'GET', 'plans')).body).plans
const typeOf = ({ body }: { readonly body: unknown }) => Problem.parse(body).type.replace('/problems/', '')

describe('a request with an Idempotency-Key', () => {
  test('that is sent again makes nothing anew and gets the same answer, place and all', async () => {
    app = await startTestApp()
    const first = await plan('a-key')
    const again = await plan('a-key')
    expect([again.status, again.body]).toEqual([first.status, first.body])
    expect(again.headers.get('location')).toBe(`/api/v1/plans/${PlanView.parse(first.body).plan.id}`)
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ])
    expect(await plans()).toHaveLength(1)
  })

  test('that is sent five times at once is done once', async () => {
    app = await startTestApp()
    const answers = await Promise.all(Array.from({ length: 5 }, () => plan('a-key')))
    const statuses = answers.map(({ status }) => status)
    expect(statuses).toContain(201)
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true)
    for (const answer of answers) if (answer.status === 409) expect(typeOf(answer)).toBe('under-way')
    expect(await plans()).toHaveLength(1)
  })

  test('that another request had before is refused', async () => {
    app = await startTestApp()
    await plan('a-key')
    const other = await plan('a-key', { customer: 'other' })
    expect([other.status, typeOf(other)]).toEqual([422, 'key-reused'])
    expect(await plans()).toHaveLength(1)
  })

  test('is one person’s own: another’s has nothing to do with it', async () => {
    app = await startTestApp()
    const people = ['ann', 'ben'].map((name) => ({
      name,
      roles: ['Planner' as const],
      token: `token-${name}`,
    }))
    await app.stop()
    app = await startTestApp({ people: [...people, { name: 'reader', roles: ['Reader'], token: 'token' }] })
    expect((await plan('a-key', {}, 'ann')).status).toBe(201)
    const other = await plan('a-key', {}, 'ben')
    expect([other.status, other.headers.get('idempotency-replayed')]).toEqual([201, null])
    expect(await plans()).toHaveLength(2)
  })

  test('that was refused is refused again, and one that failed here is tried anew', async () => {
    let fails = true
    app = await startTestApp({
      ports: (ports) => ({
        ...ports,
        catalog: {
          ...ports.catalog,
          binding: (id) => ports.catalog.binding(id),
          bindings: () => ports.catalog.bindings(),
          rebind: (move) => ports.catalog.rebind(move),
          fleet: () => (fails ? Promise.reject(new Error('the catalog is away')) : ports.catalog.fleet()),
        },
      }),
    })
    expect((await plan('a-key')).status).toBe(502)
    fails = false
    expect((await plan('a-key')).status).toBe(201)
    const refused = await plan('another', { customer: 'nobody' })
    const again = await plan('another', { customer: 'nobody' })
    expect([again.status, again.body]).toEqual([refused.status, refused.body])
    expect(again.headers.get('content-type')).toBe('application/problem+json')
  })

  test('has to be one', async () => {
    app = await startTestApp()
    for (const key of ['', 'with a blank', 'x'.repeat(201)])
      expect([key, (await plan(key)).status]).toEqual([key, 400])
  })
})

describe('what was seen', () => {
  test('is not sent again while it is the same', async () => {
    app = await startTestApp()
    const first = await app.ask('reader', 'GET', 'fleet')
    const etag = first.headers.get('etag') ?? ''
    const again = await app.ask('reader', 'GET', 'fleet', undefined, { 'if-none-match': etag })
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, undefined, etag])
    await app.ask('operator', 'POST', 'plans', { customer: 'acme' })
    const list = await app.ask('reader', 'GET', 'plans', undefined, { 'if-none-match': etag })
    expect(list.status).toBe(200)
  })

  test('is what an order is given on: where it has changed since, the order is refused and not noted', async () => {
    app = await startTestApp()
    const { plan: made } = await startedRun(app)
    await app.until(made.id, awaits('tail-1'))
    const seen = await app.ask('operator', 'GET', `plans/${made.id}/status`)
    const order = (name: string, tag: string) =>
      app.ask('operator', 'POST', `plans/${made.id}/${name}`, { reason: 'to look' }, { 'if-match': tag })
    const etag = seen.headers.get('etag') ?? ''
    expect((await order('hold', etag)).status).toBe(202)
    const late = await order('abort', etag)
    expect([late.status, typeOf(late)]).toEqual([412, 'changed-meanwhile'])
    expect((await app.ports.records.read('controls', made.id))?.value.abort).toBeNull()
    expect((await order('abort', '*')).status).toBe(202)
  })
})

test('a POST that is no JSON is refused, whatever it holds: another site’s page could send it', async () => {
  app = await startTestApp()
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ]) {
    const answer = await app.ask('operator', 'POST', 'plans', { customer: 'acme' }, { 'content-type': type })
    expect([type, answer.status, typeOf(answer)]).toEqual([type, 415, 'not-json'])
  }
  expect(await plans()).toEqual([])
  const utf8 = { 'content-type': 'application/json; charset=utf-8' }
  expect((await app.ask('operator', 'POST', 'plans', { customer: 'acme' }, utf8)).status).toBe(201)
})

test('who asks too often is told how long to wait; nobody else is', async () => {
  app = await startTestApp({ requestsPerMinute: 6 })
  for (let asked = 0; asked < 6; asked += 1) expect((await app.ask('reader', 'GET', 'me')).status).toBe(200)
  const refused = await app.ask('reader', 'GET', 'me')
  expect([refused.status, typeOf(refused)]).toEqual([429, 'too-often'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await app.ask('operator', 'GET', 'me')).status).toBe(200)
})

describe('a list', () => {
  test('comes page by page, newest first, each plan once, though another one is made in between', async () => {
    app = await startTestApp()
    for (let made = 0; made < 5; made += 1) await plan(`key-${made}`)
    const wanted = (await plans()).map(({ id }) => id)
    const seen: string[] = []
    let after: string | null = null
    do {
      const path: string = after === null ? 'plans?limit=2' : `plans?limit=2&after=${after}`
      const page: PlanList = PlanList.parse((await app.ask('reader', 'GET', path)).body)
      seen.push(...page.plans.map(({ id }) => id))
      if (after === null) await plan('another')
      after = page.next
    } while (after !== null)
    expect(seen).toEqual(wanted)
  })

  test('is of those that are asked for', async () => {
    app = await startTestApp()
    const { plan: started } = await startedRun(app)
    await plan('another', { customer: 'other' })
    const idsOf = async (query: string) =>
      PlanList.parse((await app.ask('reader', 'GET', `plans?${query}`)).body).plans.map(({ id }) => id)
    await app.until(started.id, awaits('tail-1'))
    expect(await idsOf('status=awaitingApproval')).toEqual([started.id])
    expect(await idsOf('customer=acme')).toEqual([started.id])
    expect(await idsOf('region=nowhere')).toEqual([])
  })

  test.each(['limit=0', 'limit=1001', 'limit=two', 'after=nothing'])('with %s is refused', async (query) => {
    app = await startTestApp()
    const answer = await app.ask('reader', 'GET', `plans?${query}`)
    expect([answer.status, typeOf(answer)]).toEqual([400, 'invalid-request'])
  })
})
