import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { OTHER_KEY, OTHER_PATH, WRONG_SECRET } from '../../src/cli/callout-access-checks.ts'
import { NOBODY, NOWHERE } from '../../src/cli/callout-check.ts'
import { failureOf } from '../../src/cli/failure.ts'
import { createProgram } from '../../src/cli/program.ts'
import { type Break, brokenCallout, isSignedBy, SECRET } from './broken-callout.ts'
import { keepingIo } from './run-cli.ts'

const EXAMPLE = new URL('../../examples/callout-server/fleet.json', import.meta.url)
const fleet = JSON.parse(readFileSync(EXAMPLE, 'utf8'))
const WEB = 'web@westeurope'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function serve(broken: Break = {}): Promise<string> {
  const { url, close } = await brokenCallout(fleet, broken)
  stops.push(close)
  return url
}

async function verify(args: readonly string[], secret: string | null = SECRET) {
  const kept = keepingIo()
  const io = { ...kept.io, env: secret === null ? {} : { RESTAMP_CALLOUT_SECRET: secret } }
  try {
    await createProgram(io, '0.0.0').parseAsync(['callout', 'verify', ...args], { from: 'user' })
    return { out: kept.out(), err: kept.err(), exitCode: kept.code() }
  } catch (error) {
    const { words = '', exitCode } = failureOf(error)
    return { out: kept.out(), err: `${kept.err()}${words}`, exitCode }
  }
}

async function failing(broken: Break, ...args: string[]): Promise<string[]> {
  const { out, exitCode } = await verify([await serve(broken), '--json', ...args])
  const { checks, holds } = JSON.parse(out)
  const failed: { name: string }[] = checks.filter(({ outcome }: { outcome: string }) => outcome === 'fails')
  expect([exitCode, holds]).toEqual([failed.length > 0 ? 1 : 0, failed.length === 0])
  return failed.map(({ name }) => name)
}

const json = (body: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  text: JSON.stringify(body),
})
const at =
  (wanted: string, change: (found: Record<string, never[]>) => unknown): NonNullable<Break['says']> =>
  ({ method, path }, answer) =>
    `${method} ${path.split('?')[0]}` === wanted && answer.status !== 401
      ? json(change(JSON.parse(answer.text)))
      : undefined

describe('a control plane that keeps the contract', () => {
  it('passes each check, and nothing is changed', async () => {
    const url = await serve()
    const { out, exitCode } = await verify([url])
    expect(out).toMatch(/a wrong secret is refused +holds +401 urn:restamp:problem:not-signed/)
    expect(out).toMatch(/bindings are those of the fleet +holds +2, each replica once/)
    expect(out).toContain('22 of 22 checks hold, 0 fail.')
    expect(exitCode).toBe(0)
  })

  it('passes a round with a replica, which is home again afterwards, and a second one', async () => {
    const url = await serve()
    for (const epoch of [1, 3]) {
      const { out, exitCode } = await verify([url, '--effects', WEB, '--to', 'weu-02'])
      expect(out).toContain(`it is at weu-01, epoch ${epoch}`)
      expect(out).toMatch(
        /a re-bind back binds, and the route follows +holds +web@westeurope is bound to weu-01/,
      )
      expect(out).toContain('30 of 30 checks hold, 0 fail.')
      expect(exitCode).toBe(0)
    }
  })

  it('is asked for nothing that it does not offer', async () => {
    for (const [offer, count] of Object.entries({
      interlocks: 9,
      traffic: 13,
      capacity: 13,
      provisioning: 13,
    })) {
      const says = at('GET /', (found) => ({ ...found, offers: [offer] }))
      const { out, exitCode } = await verify([await serve({ says })])
      expect(out).toMatch(/the fleet is whole +not checked +it offers no catalog/)
      expect([offer, out.match(/ holds /g)?.length, exitCode]).toEqual([offer, count, 0])
    }
  })
})

describe('a control plane that breaks one rule fails the check of that rule', () => {
  const reads: [string, Break][] = [
    ['answers, and says what it offers', { says: at('GET /', () => 'hello') }],
    ['clocks agree', { says: at('GET /', (found) => ({ ...found, nowMs: Number(found.nowMs) + 120_000 })) }],
    ['no signature is refused', { trusts: ({ headers }) => !headers['x-restamp-signature'] }],
    ['a wrong secret is refused', { trusts: (request) => isSignedBy(WRONG_SECRET, request) }],
    ['an old signature is refused', { trusts: ({ headers }) => offSeconds(headers) < -600 }],
    ['a signature of the future is refused', { trusts: ({ headers }) => offSeconds(headers) > 600 }],
    ['a signature for another path is refused', { trusts: ({ path }) => path === OTHER_PATH }],
    ['a changed body is refused', { trusts: ({ body }) => body.endsWith(' ') }],
    ['a changed key is refused', { trusts: ({ key }) => key === OTHER_KEY }],
    [
      'an unknown path is a 404 that says so',
      { says: ({ path }) => (path === '/restamp-verify-none' ? { text: 'no' } : undefined) },
    ],
    ['an effect without a key is refused', { reads: ({ key }) => ({ key: key || 'any' }) }],
    [
      'a body of another shape is refused',
      { says: ({ body }) => (body === '{"restamp-verify":true}' ? json({}) : undefined) },
    ],
    [
      'bindings are those of the fleet',
      { says: at('GET /bindings', ({ bindings }) => ({ bindings: bindings?.slice(1) })) },
    ],
    [
      'an unknown replica has no binding',
      {
        says: at(`GET /bindings/${NOBODY}`, () => ({
          ...{ replica: NOBODY, homeStamp: 'weu-01', epoch: 1, lastMoveKey: null },
        })),
      },
    ],
    [
      'routes are the same one by one',
      { says: at('GET /routes', () => ({ routes: [{ replica: WEB, stamp: 'weu-02' }] })) },
    ],
    [
      'an unknown replica has no route',
      { says: at(`GET /routes/${NOBODY}`, () => ({ stamp: 'weu-01', ttlSeconds: 60 })) },
    ],
    [
      'what a home serves is told',
      {
        says: at(`GET /stamps/weu-01/replicas/${WEB}/residue`, (found) => ({
          ...{ ...found, lastRequestAtMs: Date.now() + 600_000 },
        })),
      },
    ],
    ['pools are those of the fleet', { says: at('GET /stamps/weu-01/pools', () => ({ pools: [] })) }],
    [
      'an unknown stamp has no pools',
      {
        says: ({ path }) =>
          path === `/stamps/${NOWHERE}/pools`
            ? { status: 500, text: '', headers: { 'content-type': 'text/plain' } }
            : undefined,
      },
    ],
    [
      'a stamp that nobody made is absent',
      { says: at(`GET /made-stamps/${NOWHERE}`, () => ({ kind: 'creating', key: 'k' })) },
    ],
    ['interlocks are told', { says: at('GET /interlocks', () => ({ interlocks: null })) }],
  ]
  it.each(reads)('%s', async (name, broken) => {
    expect(await failing(broken)).toEqual([name])
  })

  it('a fleet that is not whole fails whatever rests on it', async () => {
    const failed = await failing({ says: at('GET /fleet', (found) => ({ ...found, regions: [] })) })
    expect(failed[0]).toBe('the fleet is whole')
  })
})

describe('a round ends at the first check that fails, and the replica is home again', () => {
  const round = ['--effects', WEB, '--to', 'weu-02']
  const rebinding = (
    step: string,
    says: (binding: object, key: string) => Partial<ReturnType<typeof json>>,
  ) => ({
    says: (({ method, path, body }, answer) => {
      if (method !== 'PUT' || !path.startsWith('/bindings/web') || !body.includes(`/${step}"`))
        return undefined
      return says(JSON.parse(answer.text).binding ?? {}, JSON.parse(body).moveKey)
    }) satisfies Break['says'],
  })
  const stale = (binding: object) => ({
    ...{ status: 412, headers: { 'content-type': 'application/problem+json' } },
    text: JSON.stringify({ type: 'urn:restamp:problem:stale-epoch', status: 412, detail: 'no', binding }),
  })
  const rounds: [string, Break][] = [
    ['a re-bind at the expected epoch binds', rebinding('there', stale)],
    ['a repeat of it changes nothing', rebinding('there', (binding) => json({ kind: 'bound', binding }))],
    [
      'a stale epoch is refused and changes nothing',
      {
        reads: ({ body }) => ({
          body: body.includes('/late"') ? body.replace('Epoch":1', 'Epoch":2') : body,
        }),
      },
    ],
    [
      'an unknown stamp is refused and changes nothing',
      rebinding('nowhere', (_, lastMoveKey) =>
        json({ kind: 'bound', binding: { replica: WEB, homeStamp: NOWHERE, epoch: 9, lastMoveKey } }),
      ),
    ],
    [
      'a route leads there, also when it is set again',
      { says: at(`GET /routes/${WEB}`, () => ({ stamp: 'weu-01', ttlSeconds: 60 })) },
    ],
    [
      'a route of an older epoch is refused and changes nothing',
      {
        says: ({ path, body }) =>
          path === `/routes/${WEB}` && body.includes('/late"') ? json({ kind: 'routed' }) : undefined,
      },
    ],
  ]
  it.each(rounds)('%s', async (name, broken) => {
    const url = await serve(broken)
    const { out, exitCode } = await verify([url, '--json', ...round])
    const { checks }: { checks: { name: string; outcome: string }[] } = JSON.parse(out)
    expect(checks.filter(({ outcome }) => outcome === 'fails').map((check) => check.name)).toEqual([name])
    expect(checks.at(-1)).toMatchObject({ name: 'after that it is home again', outcome: 'holds' })
    expect(exitCode).toBe(1)
  })

  it('what can not be led home is said', async () => {
    const reads: Break['reads'] = ({ body }) => ({
      body: body.includes('/back"') ? body.replace('Epoch":2', 'Epoch":1') : body,
    })
    expect(await failing({ reads }, ...round)).toEqual([
      'a re-bind back binds, and the route follows',
      'after that it is home again',
    ])
  })

  it('a replica that is not there, or is there already, is not moved', async () => {
    const none = await failing({}, '--effects', 'none@westeurope', '--to', 'weu-02')
    expect(none).toEqual(['none@westeurope can be moved to weu-02'])
    expect(await failing({}, '--effects', WEB, '--to', 'weu-01')).toEqual([`${WEB} can be moved to weu-01`])
  })
})

describe('wrong usage', () => {
  it('a secret comes from the environment, and is never shown', async () => {
    const none = await verify(['http://127.0.0.1:1'], null)
    expect([none.err, none.exitCode]).toEqual([
      expect.stringContaining('RESTAMP_CALLOUT_SECRET is not set'),
      2,
    ])
    const short = await verify(['http://127.0.0.1:1'], 'guess-me')
    expect([short.err, short.exitCode]).toEqual([expect.not.stringContaining('guess-me'), 2])
    const { out, exitCode } = await verify(['http://127.0.0.1:1'])
    expect([out, exitCode]).toEqual([expect.stringContaining('gave no whole answer'), 1])
    expect(out).not.toContain(SECRET)
  })

  it.each([
    ['--effects', WEB],
    ['--to', 'weu-02'],
    ['--effects', 'web', '--to', 'weu-02'],
  ])('%s %s', async (...args) => {
    const { err, exitCode } = await verify(['http://127.0.0.1:1', ...args])
    expect([err, exitCode]).toEqual([expect.stringContaining('belong together'), 2])
  })
})

function offSeconds(headers: Readonly<Record<string, unknown>>): number {
  const seconds = /^t=(\d+),/.exec(String(headers['x-restamp-signature'] ?? ''))?.[1]
  return seconds === undefined ? 0 : Number(seconds) - Date.now() / 1000
}
