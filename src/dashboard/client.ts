import type { Problem } from '../messages/api.ts'

const ANSWER_TIMEOUT_MS = 15_000

/** What came of one request. `refused` is an answer that says no; `lost` is no answer at all. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly body: T }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'lost'; readonly words: string }

export interface Client {
  get<T>(path: string): Promise<Answer<T>>
  post<T>(path: string, body: unknown): Promise<Answer<T>>
}

/**
 * A client of the HTTP API under /api/v1, by the token of this start, or without one by the browser's own session, as on Azure.
 * `onSignedOut` is told of each answer that nobody is signed in.
 */
export function createClient(token: string | null, onSignedOut: () => void): Client {
  const send = async <T>(path: string, init: RequestInit): Promise<Answer<T>> => {
    const answer = await ask<T>(`/api/v1${path}`, {
      ...init,
      headers: { ...init.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      cache: 'no-store',
      credentials: token === null ? 'same-origin' : 'omit',
      // Whoever is no longer signed in is sent to a sign-in page, which is no answer.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    })
    if (answer.kind === 'signedOut') onSignedOut()
    return answer
  }
  return {
    get: (path) => send(path, {}),
    post: (path, body) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}

async function ask<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(url, init)
    if (response.status === 401 || response.type === 'opaqueredirect') return { kind: 'signedOut' }
    const text = await response.text()
    if (!response.ok) return { kind: 'refused', problem: problemOf(response, text) }
    const body: T = text === '' ? null : JSON.parse(text)
    return { kind: 'ok', body }
  } catch (error) {
    return { kind: 'lost', words: error instanceof Error ? error.message : String(error) }
  }
}

/** The problem document of a refusal; one made up of the status where the body is none. */
function problemOf(response: Response, text: string): Problem {
  const type = response.headers.get('content-type') ?? ''
  if (type.includes('json')) {
    const problem: Problem = JSON.parse(text)
    if (typeof problem?.detail === 'string') return problem
  }
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: `The server answered ${response.status} ${response.statusText} without saying why.`,
  }
}
