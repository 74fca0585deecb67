import type { HttpRequest, InvocationContext } from '@azure/functions'
import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import { instance, until } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const echo = (request: HttpRequest) => ({ jsonBody: { params: request.params, method: request.method } })

function routes() {
  app.http('number', { route: 'items/{id:int}', authLevel: 'anonymous', handler: echo })
  app.http('optional', { route: 'parts/{a}/{b?}', authLevel: 'anonymous', handler: echo })
  app.http('rest', { route: 'files/{*path}', authLevel: 'anonymous', handler: echo })
  app.http('exact', { route: 'files/list', authLevel: 'anonymous', handler: () => ({ body: 'list' }) })
  app.http('shout', {
    methods: ['PUT'],
    authLevel: 'anonymous',
    handler: async (r) => ({ body: Buffer.from(await r.arrayBuffer()) }),
  })
  app.http('keyed', {
    route: 'keyed',
    methods: ['GET'],
    authLevel: 'function',
    handler: () => ({ body: 'in' }),
  })
  app.http('boss', { route: 'boss', methods: ['GET'], authLevel: 'admin', handler: () => ({ body: 'in' }) })
}

describe('HTTP functions', () => {
  it.each([
    ['/api/items/12', { id: '12' }],
    ['/API/Items/12/', { id: '12' }],
    ['/api/parts/x', { a: 'x' }],
    ['/api/parts/x/y%20z', { a: 'x', b: 'y z' }],
    ['/api/files/a/b/c.txt', { path: 'a/b/c.txt' }],
  ])('are reached by their route templates: %s', async (path, params) => {
    const host = await smallHost({ load: routes })
    const response = await fetch(host.baseUrl + path)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ params, method: 'GET' })
  })

  it.each(['/api/items/twelve', '/api/items', '/api/parts', '/api/nothing', '/items/12', '/api/shout'])(
    'are not reached by %s',
    async (path) => {
      const host = await smallHost({ load: routes })
      expect((await fetch(host.baseUrl + path)).status).toBe(404)
    },
  )

  it('prefer a literal route, and may have no prefix at all', async () => {
    const appDir = appFolder({ extensions: { http: { routePrefix: '' } } })
    const host = await smallHost({ appDir, load: routes })
    expect(await (await fetch(`${host.baseUrl}/files/list`)).text()).toBe('list')
    expect((await fetch(`${host.baseUrl}/items/1`)).status).toBe(200)
    expect((await fetch(`${host.baseUrl}/api/items/1`)).status).toBe(404)
  })

  it('get and give bodies byte by byte', async () => {
    const host = await smallHost({ load: routes })
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256)
    const response = await fetch(`${host.baseUrl}/api/shout`, { method: 'PUT', body: bytes })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
  })

  it('never see a body beyond the limit', async () => {
    const host = await smallHost({ load: routes, bodyMaxBytes: 1000 })
    const send = (body: BodyInit, more = {}) =>
      fetch(`${host.baseUrl}/api/shout`, { method: 'PUT', body, ...more })
    expect((await send('x'.repeat(1000))).status).toBe(200)
    expect((await send('x'.repeat(1001))).status).toBe(413)
    const unannounced = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(100))
        controller.close()
      },
    })
    expect((await send(unannounced, { duplex: 'half' })).status).toBe(413)
  })

  it('ask for the key of their level', async () => {
    const host = await smallHost({ load: routes })
    const status = async (path: string, key?: string) =>
      (await fetch(host.baseUrl + path, key ? { headers: { 'x-functions-key': key } } : {})).status
    expect(await status('/api/keyed')).toBe(401)
    expect(await status('/api/keyed', 'wrong')).toBe(401)
    expect(await status('/api/keyed', host.functionKey)).toBe(200)
    expect(await status('/api/keyed', host.masterKey)).toBe(200)
    expect(await status(`/api/keyed?code=${host.functionKey}`)).toBe(200)
    expect(await status('/api/boss', host.functionKey)).toBe(401)
    expect(await status('/api/boss', host.masterKey)).toBe(200)
    expect(await status('/runtime/webhooks/durabletask/instances')).toBe(401)
    expect(await status('/runtime/webhooks/durabletask/instances', host.functionKey)).toBe(401)
    expect(await status('/runtime/webhooks/durabletask/instances', host.systemKey)).toBe(200)
  })
})

it('a durable client starts, signals and reads instances of its own host', async () => {
  const host = await smallHost({
    load: () => {
      df.app.orchestration('Ask', function* (context) {
        return yield context.df.waitForExternalEvent('answer')
      })
      df.app.client.http('asker', {
        route: 'ask/{id}',
        authLevel: 'anonymous',
        handler: async (request: HttpRequest, client: df.DurableClient, _context: InvocationContext) => {
          const id = await client.startNew('Ask', { instanceId: request.params.id ?? '' })
          await client.raiseEvent(id, 'answer', { yes: true })
          const status = await client.getStatus(id)
          return { jsonBody: { id, name: status.name } }
        },
      })
    },
  })
  expect(await (await fetch(`${host.baseUrl}/api/ask/q1`)).json()).toEqual({ id: 'q1', name: 'Ask' })
  const done = await until(
    () => instance(host, 'q1'),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
  )
  expect(done.output).toEqual({ yes: true })
})

it('a route below /admin loses only its own function', async () => {
  const errors: string[] = []
  const host = await smallHost({
    load: () => {
      app.http('bad', { route: 'admin-only', authLevel: 'anonymous', handler: echo })
      app.http('good', { route: 'good', authLevel: 'anonymous', handler: echo })
    },
    log: ({ level, message }) => level === 'error' && errors.push(message),
  })
  expect((await fetch(`${host.baseUrl}/api/good`)).status).toBe(200)
  expect((await fetch(`${host.baseUrl}/api/admin-only`)).status).toBe(404)
  expect(errors.join()).toMatch(/'bad' function is in error.*Choose another/)
})

it('functions may be switched off by a setting or an allow-list', async () => {
  const host = await smallHost({
    load: routes,
    settings: { 'AzureWebJobs.exact.Disabled': 'true' },
    functions: ['exact', 'number'],
  })
  expect((await fetch(`${host.baseUrl}/api/items/1`)).status).toBe(200)
  expect((await fetch(`${host.baseUrl}/api/files/list`)).status).toBe(404)
  expect((await fetch(`${host.baseUrl}/api/parts/x`)).status).toBe(404)
})
