import { AnswerNotUnderstood, PlatformUnavailable } from '../../ports/platform-faults.ts'
import { boundedText } from './bounded-text.ts'
import { type CalloutAuth, proofOf } from './callout-auth.ts'
import { reasonOf } from './request-failed.ts'

/** Where a control plane is and how it is spoken to. */
export interface CalloutPlace {
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly auth: CalloutAuth
  readonly nowMs: () => number
  readonly fetch: typeof fetch
  readonly pause: (ms: number) => Promise<void>
  /** How long one answer may take. */
  readonly answerMsMax: number
}

export interface Asked {
  readonly method: 'GET' | 'PUT' | 'POST'
  /** Below the base URL, with its query. */
  readonly path: string
  /** Empty for a read. */
  readonly key: string
  readonly body: string
  readonly bytesMax: number
}

/** An answer as it came, with nothing in it that proves who we are, and in words where it came from. */
export interface Received {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Such as `cp.example.com answered GET /fleet with 200`. */
  readonly said: string
}

/** Sends one request and reads its answer to the end. Throws `PlatformUnavailable`, `AnswerNotUnderstood`, `AccessRefused`. */
export async function send(place: CalloutPlace, asked: Asked): Promise<Received> {
  const { method, path, key, body, bytesMax } = asked
  const { host } = new URL(place.baseUrl)
  const proof = await proofOf(place.auth, asked, place.nowMs())
  const headers = {
    ...{ accept: 'application/json, application/problem+json', ...proof.headers },
    ...(method === 'GET' ? {} : { 'idempotency-key': key, 'content-type': 'application/json' }),
  }
  // A redirect would carry a signed effect to somebody whom nobody named, so it is an answer like another: a wrong one.
  const more = { redirect: 'manual', signal: AbortSignal.timeout(place.answerMsMax) } as const
  const sent = method === 'GET' ? {} : { body }
  const broken = (error: unknown) => {
    const reason = reasonOf(error, place.answerMsMax)
    return new PlatformUnavailable(`${host} gave no whole answer to ${method} ${path}: ${reason}; try again`)
  }
  let response: Response
  let read: Awaited<ReturnType<typeof boundedText>>
  try {
    response = await place.fetch(`${place.baseUrl}${path}`, { method, headers, ...sent, ...more })
    read = await boundedText(response, bytesMax)
  } catch (error) {
    throw broken(error)
  }
  const said = `${host} answered ${method} ${path} with ${response.status}`
  if (read.kind === 'tooLarge')
    throw new AnswerNotUnderstood(`${said} and more than ${bytesMax} bytes; expected a smaller answer`)
  // A server that shows what it got would show our secret in an error of ours.
  const hide = (text: string) => text.replaceAll(proof.hidden, '[hidden]')
  const shown = new Headers()
  for (const [name, value] of response.headers) shown.set(name, hide(value))
  return { status: response.status, headers: shown, text: hide(read.text), said }
}
