import { afterEach, expect, it } from 'vitest'
import { startCalloutServer } from '../../../examples/callout-server/server.mjs'
import { SIGNATURE_HEADER, signatureOf, signedText } from '../../../src/adapters/callout/signature.ts'
import { someFiles } from '../../twin/a-twin.ts'

const secret = 'a-secret-of-both-sides'
const nowMs = Date.parse('2026-11-26T03:00:00Z')
const MINIMUM = '/stamps/n-3/pools/registry/minimum'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function server() {
  const { baseUrl, close } = await startCalloutServer({
    fleet: someFiles().fleet,
    secret,
    nowMs: () => nowMs,
  })
  stops.push(close)
  return async (
    method: string,
    path: string,
    effect: { key?: string; body?: unknown; atMs?: number } = {},
  ) => {
    const { key = '', atMs = nowMs } = effect
    const body = effect.body === undefined ? '' : JSON.stringify(effect.body)
    const signature = signatureOf({ secret, atMs, text: signedText({ method, path, key, body }) })
    const headers = { [SIGNATURE_HEADER]: signature, ...(key ? { 'idempotency-key': key } : {}) }
    const response = await fetch(`${baseUrl}${path}`, { method, headers, ...(body ? { body } : {}) })
    const { status } = response
    return { status, location: response.headers.get('location') ?? '', json: await response.json() }
  }
}

it('a minimum that nothing fences is set once for its key, however late the repeat comes', async () => {
  const ask = await server()
  const first = { key: 'a', body: { minNodes: 5 } }
  const { status, location } = await ask('PUT', MINIMUM, first)
  expect(status).toBe(202)
  expect(await ask('PUT', MINIMUM, first)).toMatchObject({ status: 202, location })
  expect((await ask('GET', location)).status).toBe(202)
  expect(await ask('GET', location)).toMatchObject({ status: 200, json: { kind: 'changed' } })
  await ask('PUT', MINIMUM, { key: 'b', body: { minNodes: 7 } })

  expect(await ask('PUT', MINIMUM, first)).toMatchObject({ status: 200, json: { kind: 'changed' } })
  expect((await ask('GET', '/stamps/n-3/pools')).json.pools[0].minNodes).toBe(7)
})

it('a key that came before with another body, and an effect without one, are refused', async () => {
  const ask = await server()
  const body = { to: 'n-3', expectedEpoch: 1, moveKey: 'k1' }
  expect((await ask('PUT', '/bindings/busy@north', { key: 'k', body })).status).toBe(200)
  const other = await ask('PUT', '/bindings/busy@north', { key: 'k', body: { ...body, to: 'n-2' } })
  expect(other).toMatchObject({ status: 422, json: { type: 'urn:restamp:problem:key-reused' } })
  expect(await ask('PUT', '/bindings/busy@north', { body })).toMatchObject({
    ...{ status: 400, json: { type: 'urn:restamp:problem:key-missing' } },
  })
})

it('a signature is good for five minutes to either side', async () => {
  const ask = await server()
  for (const off of [-300_000, 300_000])
    expect((await ask('GET', '/', { atMs: nowMs + off })).status).toBe(200)
  for (const off of [-301_000, 301_000])
    expect((await ask('GET', '/', { atMs: nowMs + off })).status).toBe(401)
})

it('a body of another shape, or too large, and an unknown path are refused', async () => {
  const ask = await server()
  const path = '/bindings/busy@north'
  for (const body of [{ to: 'n-3' }, { to: 'n-3', expectedEpoch: 1, moveKey: 'k', more: 1 }, []])
    expect((await ask('PUT', path, { key: 'k', body })).status).toBe(400)
  expect((await ask('PUT', path, { key: 'k', body: 'x'.repeat(1_000_001) })).status).toBe(413)
  expect((await ask('GET', '/nothing')).status).toBe(404)
})
