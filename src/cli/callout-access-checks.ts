import { z } from 'zod'
import { PROBLEM_TYPE, PROBLEMS, type ProblemName } from '../adapters/callout/callout-problems.ts'
import { type Received, send } from '../adapters/callout/callout-request.ts'
import { SIGNATURE_HEADER } from '../adapters/callout/signature.ts'
import { type Check, expect, NOBODY, NOWHERE, NotChecked, sendRaw, type UnderCheck } from './callout-check.ts'
import { duration } from './figures.ts'
import { jsonOf } from './json-of.ts'

const SKEW_MS_MAX = 60_000
/** Far outside of any window that a signature may be good for. */
const OFF_MS = 20 * 60_000
/** Not the secret of anybody. */
export const WRONG_SECRET = 'restamp-verify-a-wrong-secret'

const KEY = 'restamp-verify/one'
export const OTHER_KEY = 'restamp-verify/other'
export const OTHER_PATH = '/?restamp-verify=other'

const Stated = z.object({ type: z.string(), status: z.int() })

/** What any control plane must do before anything else of it is believed. None of these has an effect, whatever the server does. */
export const ACCESS_CHECKS: readonly Check[] = [
  {
    ...{ name: 'clocks agree', offer: null },
    run: async ({ capabilities, place }) => {
      const offMs = Math.abs(capabilities.nowMs - place.nowMs())
      const found = `its clock is ${duration(offMs)} from ours`
      expect(offMs <= SKEW_MS_MAX, `${found}; expected at most ${duration(SKEW_MS_MAX)}`)
      return found
    },
  },
  access('no signature is refused', (under) =>
    sendRaw(under, {}, (url, _, headers) => {
      headers.delete(SIGNATURE_HEADER)
      return { url }
    }),
  ),
  access('a wrong secret is refused', ({ place }) =>
    ask({ ...place, auth: { kind: 'hmac', secret: WRONG_SECRET } }),
  ),
  access('an old signature is refused', ({ place }) =>
    ask({ ...place, nowMs: () => place.nowMs() - OFF_MS }),
  ),
  access('a signature of the future is refused', ({ place }) =>
    ask({ ...place, nowMs: () => place.nowMs() + OFF_MS }),
  ),
  access('a signature for another path is refused', (under) =>
    sendRaw(under, {}, (url) => ({ url: url.replace(/\/$/, OTHER_PATH) })),
  ),
  access('a changed body is refused', (under) => {
    const { body, other, ...asked } = harmless(under)
    return sendRaw(under, { ...asked, body }, (url, init) => {
      init.body = other
      return { url }
    })
  }),
  access('a changed key is refused', (under) => {
    const { other: _, ...asked } = harmless(under)
    return sendRaw(under, asked, (url, _init, headers) => {
      headers.set('idempotency-key', OTHER_KEY)
      return { url }
    })
  }),
  problem('an unknown path is a 404 that says so', 'not-found', (under) =>
    sendRaw(under, { path: '/restamp-verify-none' }, (url) => ({ url })),
  ),
  problem('an effect without a key is refused', 'key-missing', (under) => {
    const { other: _, ...asked } = harmless(under)
    return sendRaw(under, { ...asked, key: '' }, (url, _init, headers) => {
      headers.delete('idempotency-key')
      return { url }
    })
  }),
  problem('a body of another shape is refused', 'invalid-request', (under) => {
    const { other: _, ...asked } = harmless(under)
    return sendRaw(under, { ...asked, body: '{"restamp-verify":true}' }, (url) => ({ url }))
  }),
]

function ask(place: UnderCheck['place']): Promise<Received> {
  return send(place, { method: 'GET', path: '/', key: '', body: '', bytesMax: 2 ** 20 })
}

function access(name: string, sent: (under: UnderCheck) => Promise<Received>): Check {
  return problem(name, 'not-signed', sent)
}

function problem(name: string, wanted: ProblemName, sent: (under: UnderCheck) => Promise<Received>): Check {
  return {
    ...{ name, offer: null },
    run: async (under) => {
      const received = await sent(under)
      const stated = Stated.safeParse(jsonOf(received.text)).data
      const { status } = PROBLEMS[wanted]
      const type = `${PROBLEM_TYPE}${wanted}`
      const found = stated
        ? `${received.status} ${stated.type}`
        : `${received.status} without a problem document`
      const isIt = received.status === status && stated?.status === status && stated.type === type
      expect(isIt, `${found}; expected ${status} ${type}`)
      return found
    },
  }
}

/** An effect on what nobody has, of a port that is offered, and the same with another body. */
function harmless({ capabilities: { offers } }: UnderCheck) {
  const of = (path: string, body: object) => {
    const text = JSON.stringify(body)
    return { method: 'PUT', path, key: KEY, body: text, other: `${text} ` } as const
  }
  if (offers.includes('catalog'))
    return of(`/bindings/${NOBODY}`, { to: NOWHERE, expectedEpoch: 1, moveKey: KEY })
  if (offers.includes('traffic')) return of(`/routes/${NOBODY}`, { to: NOWHERE, moveKey: KEY, epoch: 1 })
  if (offers.includes('capacity')) return of(`/stamps/${NOWHERE}/pools/none/minimum`, { minNodes: 0 })
  if (offers.includes('provisioning'))
    return { ...of(`/made-stamps/${NOWHERE}/remove`, { key: KEY }), method: 'POST' } as const
  throw new NotChecked('it offers nothing that has an effect')
}
