import { type Callout, type CalloutSettings, createCallout } from '../../../src/adapters/callout/callout.ts'
import { HandClock } from '../../twin/a-twin.ts'

export const SECRET = 'a-secret-of-both-sides'
export const BASE_URL = 'https://cp.example.com/restamp/v1'

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

type Reply = (sent: Sent) => Response | Promise<Response>

/** An answer as a platform sends it. */
export function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return () => new Response(text, { status, headers: { 'content-type': type, ...headers } })
}

/** A refusal of the contract. */
export function refusal(name: string, status: number, more: object = {}): Reply {
  return reply(status, { type: `urn:restamp:problem:${name}`, status, detail: `of ${name}`, ...more })
}

/** The adapter against answers in the order given; the last one goes on. */
export function scripted(replies: readonly Reply[], settings: Partial<CalloutSettings> = {}) {
  const sent: Sent[] = []
  const pauses: number[] = []
  const callout: Callout = createCallout({
    baseUrl: BASE_URL,
    auth: { kind: 'hmac', secret: SECRET },
    clock: new HandClock(),
    pause: async (ms) => {
      pauses.push(ms)
    },
    fetch: async (input, init) => {
      const { method, url, headers } = new Request(input, { ...init, signal: null })
      const one = { method, url, headers, body: String(init?.body ?? '') }
      const next = replies[Math.min(sent.length, replies.length - 1)]
      sent.push(one)
      if (!next) throw new Error('a platform without answers')
      return next(one)
    },
    ...settings,
  })
  return { callout, sent, pauses }
}
