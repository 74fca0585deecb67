import { describe, expect, it } from 'vitest'
import { createCallout } from '../../../src/adapters/callout/callout.ts'
import { offeredParts } from '../../../src/adapters/callout/offered-parts.ts'
import { SIGNATURE_HEADER, signatureOf, signedText } from '../../../src/adapters/callout/signature.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { HandClock, STARTS_MS } from '../../twin/a-twin.ts'
import { BASE_URL, refusal, reply, SECRET, scripted } from './scripted-platform.ts'

const web = replicaId('web', 'north')
const to = StampId.parse('n-2')
const bound = { replica: web, homeStamp: 'n-2', epoch: 2, lastMoveKey: 'k1' }
const move = { replica: web, to, expectedEpoch: 1, moveKey: 'k1' }
const stale = refusal('stale-epoch', 412, { binding: bound })

describe('a request', () => {
  it('is signed over method, path below the base URL, key and body, at the time of the clock', async () => {
    const { callout, sent } = scripted([reply(200, { kind: 'bound', binding: bound })])
    await callout.catalog.rebind(move)
    const [request] = sent

    expect(request?.url).toBe(`${BASE_URL}/bindings/web@north`)
    const body = '{"to":"n-2","expectedEpoch":1,"moveKey":"k1"}'
    expect(request?.body).toBe(body)
    const text = signedText({ method: 'PUT', path: '/bindings/web@north', key: 'k1/rebind/1', body })
    const signature = signatureOf({ secret: SECRET, atMs: STARTS_MS, text })
    expect(request?.headers.get(SIGNATURE_HEADER)).toBe(signature)
  })

  it('names its effect by move key, step and epoch, so that each repeat has the same name', async () => {
    const { callout, sent } = scripted([stale])
    await callout.catalog.rebind(move)
    await callout.catalog.rebind(move)
    await callout.traffic.setRoute({ replica: web, to, moveKey: 'k1', epoch: 2 })
    const change = { stamp: to, role: 'registry', minNodes: 3, expectedEpoch: 4, changeKey: 'c1' }
    await callout.capacity.changeMinimum(change)

    const names = sent.map(({ headers }) => headers.get('idempotency-key'))
    expect(names).toEqual(['k1/rebind/1', 'k1/rebind/1', 'k1/route/2', 'c1/minimum/4'])
  })

  it('of what may be done again has a name of its own each time, and a read has none', async () => {
    const pulled = reply(200, { ok: true, latencyMs: 5 })
    const { callout, sent } = scripted([pulled, pulled, reply(200, { pools: [] })])
    await callout.traffic.pull(web, to)
    await callout.traffic.pull(web, to)
    await callout.capacity.pools(to)

    const [first, second, read] = sent.map(({ headers }) => headers.get('idempotency-key'))
    expect(first).toBeTruthy()
    expect(second).not.toBe(first)
    expect(read).toBeNull()
  })

  it('carries a token of the identity where the platform asks for one, and no signature', async () => {
    const asked: string[] = []
    const getToken = async (scope: string) => {
      asked.push(scope)
      return { token: 'a-token' }
    }
    const scope = 'api://cp/.default'
    const auth = { kind: 'bearer', credential: { getToken }, scope } as const
    const { callout, sent } = scripted([reply(200, { pools: [] })], { auth })
    await callout.capacity.pools(to)

    expect(asked).toEqual([scope])
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer a-token')
    expect(sent[0]?.headers.get(SIGNATURE_HEADER)).toBeNull()
  })
})

describe('an effect in the background', () => {
  const accepted = (location: string, retryAfter = '3') =>
    reply(202, '', { location, 'retry-after': retryAfter })
  const done = reply(200, { kind: 'bound', binding: bound })

  it('is looked at where the platform says, as seldom as it says, until it is done', async () => {
    const { callout, sent, pauses } = scripted([accepted('/restamp/v1/later/1'), accepted('', '5'), done])

    expect(await callout.catalog.rebind(move)).toEqual({ kind: 'bound', binding: bound })
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `PUT ${BASE_URL}/bindings/web@north`,
      `GET ${BASE_URL}/later/1`,
      `GET ${BASE_URL}/later/1`,
    ])
    expect(pauses).toEqual([3000, 5000])
  })

  it('that turns out to be refused is refused', async () => {
    const { callout } = scripted([accepted(`${BASE_URL}/later/1`), stale])
    expect(await callout.catalog.rebind(move)).toEqual({ kind: 'stale', binding: bound })
  })

  it('is given up within a limit, to be asked for again', async () => {
    const { callout, pauses } = scripted([accepted(`${BASE_URL}/later/1`, '25')])
    await expect(callout.catalog.rebind(move)).rejects.toMatchObject({
      name: 'PlatformUnavailable',
      message: expect.stringContaining('not done after 60 s'),
    })
    expect(pauses).toEqual([25_000, 25_000, 10_000])

    const hasty = scripted([accepted(`${BASE_URL}/later/1`, '0')])
    await expect(hasty.callout.catalog.rebind(move)).rejects.toMatchObject({ name: 'PlatformUnavailable' })
    expect(hasty.pauses.length).toBeLessThanOrEqual(60)
  })

  it.each([
    '',
    'https://elsewhere.example.com/later',
    'https://cp.example.com/other',
    '//elsewhere.example.com/restamp/v1/later',
  ])('is not looked for outside of the base URL (%s)', async (location) => {
    const { callout, sent } = scripted([accepted(location), done])
    await expect(callout.catalog.rebind(move)).rejects.toMatchObject({
      name: 'AnswerNotUnderstood',
      message: expect.stringContaining('expected one below the base URL'),
    })
    expect(sent).toHaveLength(1)
  })
})

describe('settings', () => {
  const clock = new HandClock()
  const auth = { kind: 'hmac', secret: SECRET } as const

  it.each([
    ['http://cp.example.com', 'must begin with https://'],
    ['cp.example.com', 'is no URL'],
    ['https://cp.example.com/?code=hush', 'leave these out'],
    ['https://me:hush@cp.example.com/', 'leave these out'],
  ])('a base URL that carries a secret or leaks one is refused (%s)', (baseUrl, words) => {
    const refused = () => createCallout({ baseUrl, auth, clock })
    expect(refused).toThrow(words)
    expect(refused).not.toThrow(/hush/)
  })

  it('a secret that can be guessed is refused, and not repeated', () => {
    const refused = () =>
      createCallout({ baseUrl: BASE_URL, auth: { kind: 'hmac', secret: 'guess-me' }, clock })
    expect(refused).toThrow('has 8 characters')
    expect(refused).not.toThrow(/guess-me/)
  })

  it('stands behind what it offers, and behind nothing else', async () => {
    const offers = ['catalog', 'traffic']
    const { callout } = scripted([reply(200, { contract: 1, name: 'plane', offers, nowMs: 1 })])
    expect(Object.keys(await offeredParts(callout))).toEqual(offers)
  })
})
