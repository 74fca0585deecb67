import { describe, expect, it } from 'vitest'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { refusal, reply, SECRET, scripted } from './scripted-platform.ts'

const web = replicaId('web', 'north')
const to = StampId.parse('n-2')
const bound = { replica: web, homeStamp: 'n-2', epoch: 2, lastMoveKey: 'k1' }
const move = { replica: web, to, expectedEpoch: 1, moveKey: 'k1' }
const thrownBy = (asked: Promise<unknown>) => asked.then(() => undefined).catch((error: unknown) => error)
const notUnderstood = (words: string) => ({
  name: 'AnswerNotUnderstood',
  message: expect.stringContaining(words),
})

describe('an answer that nobody can rely on is no "no"', () => {
  it.each([
    [
      'a page',
      reply(200, '<html>', { 'content-type': 'text/html' }),
      'as text/html; expected application/json',
    ],
    ['half a document', reply(200, '{"replica":"web@no'), '18 characters that are no JSON'],
    ['another shape', reply(200, { ...bound, epoch: '2' }), 'but epoch is not as expected'],
    ['an absent value', reply(200, { ...bound, lastMoveKey: undefined }), 'but lastMoveKey is not'],
    [
      'the binding of another',
      reply(200, { ...bound, replica: 'games@north' }),
      'the binding of games@north',
    ],
    ['too much', reply(200, `"${'x'.repeat(2 ** 20)}"`), 'more than 1048576 bytes'],
    ['nothing', () => new Response(null, { status: 204 }), 'with 204; expected 200, 202 or a problem'],
    ['a redirect', reply(307, '', { location: 'https://elsewhere.example.com/' }), 'with 307'],
    ['a bare 404', reply(404, 'no', { 'content-type': 'text/plain' }), 'Is the base URL right?'],
    ['a 404 in another form', reply(404, { error: 'no' }), 'without a problem document that says why'],
  ])('%s', async (_, answer, words) => {
    const { callout } = scripted([answer])
    expect(await thrownBy(callout.catalog.binding(web))).toMatchObject(notUnderstood(words))
  })

  it('a problem of another type, or with a status that is not its own, is none that the operation has', async () => {
    const problems = [refusal('unknown-pool', 404), refusal('unknown-replica', 410)]
    for (const problem of problems)
      expect(await thrownBy(scripted([problem]).callout.catalog.binding(web))).toMatchObject({
        name: 'RequestRefused',
      })
    expect(await scripted([refusal('unknown-replica', 404)]).callout.catalog.binding(web)).toBeUndefined()
  })

  it('a problem that came with another status than it says is none', async () => {
    const body = { type: 'urn:restamp:problem:unknown-replica', status: 404, detail: 'of a cache' }
    for (const [status, name] of [
      [500, 'PlatformUnavailable'],
      [410, 'AnswerNotUnderstood'],
    ] as const)
      expect(await thrownBy(scripted([reply(status, body)]).callout.catalog.binding(web))).toMatchObject({
        name,
      })
  })

  it.each([
    ['another home', { ...bound, homeStamp: 'n-1' }, 'at n-1 by k1; expected n-2 by k1'],
    ['another key', { ...bound, lastMoveKey: 'k0' }, 'at n-2 by k0; expected n-2 by k1'],
  ])('a success with %s is none', async (_, binding, words) => {
    const { callout } = scripted([reply(200, { kind: 'bound', binding })])
    expect(await thrownBy(callout.catalog.rebind(move))).toMatchObject(notUnderstood(words))
  })

  it('a stale epoch without the binding as it stands is not understood', async () => {
    const { callout } = scripted([refusal('stale-epoch', 412)])
    expect(await thrownBy(callout.catalog.rebind(move))).toMatchObject(notUnderstood('without its binding'))
  })

  it('a fleet, bindings, pools and interlocks that can not be right are refused by what is wrong', async () => {
    const replicas = [{ region: 'north', homeStamp: 'nowhere' }]
    const fleet = {
      regions: [{ name: 'north', stamps: [] }],
      registries: [{ name: 'web', customer: 'c', replicas }],
    }
    const scale = { role: 'registry', nodes: 2, readyNodes: 3, minNodes: 1, maxNodes: 4 }
    const pools = [{ ...scale, epoch: 1, lastChangeKey: null }]
    const interlock = { kind: 'rollout', region: 'south', fromMs: 1, untilMs: null, words: 'one' }
    const answers = [
      reply(200, fleet),
      reply(200, { bindings: [bound, bound] }),
      reply(200, { pools }),
      reply(200, { interlocks: [interlock] }),
    ]
    const { callout } = scripted(answers)

    expect(await thrownBy(callout.catalog.fleet())).toMatchObject(notUnderstood('"nowhere" is no stamp'))
    expect(await thrownBy(callout.catalog.bindings())).toMatchObject(
      notUnderstood('two bindings of web@north'),
    )
    expect(await thrownBy(callout.capacity.pools(to))).toMatchObject(notUnderstood('3 ready of 2 nodes'))
    const asked = { region: 'north', fromMs: 0, toMs: 5 }
    expect(await thrownBy(callout.interlocks.between(asked))).toMatchObject(notUnderstood('of south'))
  })
})

describe('a fault is thrown under a name that says whether a retry may cure it', () => {
  it.each([
    ['PlatformUnavailable', refusal('too-many-requests', 429)],
    ['PlatformUnavailable', refusal('unavailable', 503)],
    ['PlatformUnavailable', reply(502, '<html>', { 'content-type': 'text/html' })],
    ['AccessRefused', refusal('not-signed', 401)],
    ['AccessRefused', reply(403, '')],
    ['RequestRefused', refusal('not-possible', 422)],
    ['RequestRefused', refusal('key-reused', 422)],
  ])('%s', async (name, answer) => {
    expect(await thrownBy(scripted([answer]).callout.catalog.rebind(move))).toMatchObject({ name })
  })

  it('says how long to wait, if the platform does', async () => {
    const { callout } = scripted([reply(429, '', { 'retry-after': '7' })])
    await expect(callout.catalog.bindings()).rejects.toThrow('try again (retry-after 7)')
  })

  it('where no answer comes in time, or at all, or not to its end', async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const slow = scripted([], { fetch: silent, answerMsMax: 20 })
    expect(await thrownBy(slow.callout.catalog.bindings())).toMatchObject({
      name: 'PlatformUnavailable',
      message: expect.stringContaining('gave no whole answer to GET /bindings: no answer within 0.02 s'),
    })
    const gone = scripted([], { baseUrl: 'http://127.0.0.1:1', fetch })
    await expect(gone.callout.catalog.bindings()).rejects.toThrow('gave no whole answer')
    const pieces = ['{"bindings":', '[']
    const breaking = new ReadableStream({
      pull(controller) {
        const piece = pieces.shift()
        if (piece) controller.enqueue(new TextEncoder().encode(piece))
        else controller.error(Object.assign(new Error('terminated'), { cause: { code: 'UND_ERR_SOCKET' } }))
      },
    })
    const answer = () => new Response(breaking, { headers: { 'content-type': 'application/json' } })
    await expect(scripted([answer]).callout.catalog.bindings()).rejects.toThrow('UND_ERR_SOCKET')
  })
})

describe('no error holds what proves who we are', () => {
  const echo = (status: number) => (sent: { readonly headers: Headers }) => {
    const detail = `got ${[...sent.headers].join(' ')} and ${SECRET}`
    const body = { type: 'about:blank', status, detail }
    return reply(status, body)({ method: '', url: '', headers: sent.headers, body: '' })
  }

  it.each([400, 401, 403, 409, 500])('also where the platform shows it (%s)', async (status) => {
    const credential = { getToken: async () => ({ token: 'hush-hush' }) }
    const bearer = { kind: 'bearer', credential, scope: 'api://cp/.default' } as const
    for (const settings of [{}, { auth: bearer }]) {
      const { callout } = scripted([echo(status)], settings)
      const message = String(await thrownBy(callout.catalog.rebind(move)))
      expect(message).toContain('got ')
      expect(message).not.toContain('auth' in settings ? 'hush-hush' : SECRET)
    }
  })

  it('also where it stands in a header', async () => {
    const answer = reply(202, '', { location: `https://elsewhere.example.com/${SECRET}` })
    const message = String(await thrownBy(scripted([answer]).callout.catalog.rebind(move)))
    expect(message).toContain('https://elsewhere.example.com/[hidden]')
    expect(message).not.toContain(SECRET)
  })

  it('an empty token is none', async () => {
    const credential = { getToken: async () => ({ token: '' }) }
    const { callout, sent } = scripted([], {
      auth: { kind: 'bearer', credential, scope: 'api://cp/.default' },
    })
    expect(await thrownBy(callout.catalog.bindings())).toMatchObject({ name: 'AccessRefused' })
    expect(sent).toEqual([])
  })

  it('nor what the identity service said', async () => {
    const getToken = async () => {
      throw Object.assign(new Error('client_secret=hush-hush'), { name: 'CredentialUnavailableError' })
    }
    const auth = { kind: 'bearer', credential: { getToken }, scope: 'api://cp/.default' } as const
    const error = await thrownBy(scripted([], { auth }).callout.catalog.bindings())
    expect(error).toMatchObject({ name: 'AccessRefused' })
    expect(String(error)).toContain('CredentialUnavailableError')
    expect(String(error)).not.toContain('hush-hush')
  })
})
