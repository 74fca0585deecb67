export interface Target {
  readonly baseUrl: string
  readonly systemKey: string
}

export interface Status {
  readonly runtimeStatus: string
  readonly output: unknown
  readonly input: unknown
  readonly customStatus: unknown
  readonly createdTime: string
  readonly historyEvents?: readonly { readonly EventType: string; readonly [name: string]: unknown }[]
}

const api = ({ baseUrl, systemKey }: Target, path: string) =>
  `${baseUrl}/runtime/webhooks/durabletask/${path}${path.includes('?') ? '&' : '?'}code=${systemKey}`

/** Any request to the management API, by its path below the API's base. */
export function request(
  host: Target,
  method: string,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(api(host, path), { ...init, method, redirect: 'manual' })
}

export async function start(host: Target, name: string, id: string, input: unknown): Promise<number> {
  const response = await fetch(api(host, `orchestrators/${name}/${id}`), {
    method: 'POST',
    body: JSON.stringify(input),
  })
  return response.status
}

export async function raise(host: Target, id: string, name: string, data: unknown): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(api(host, `instances/${id}/raiseEvent/${name}`), {
    method: 'POST',
    headers,
    body: JSON.stringify(data),
  })
  return response.status
}

export async function control(host: Target, id: string, verb: string, reason = ''): Promise<number> {
  return (await fetch(api(host, `instances/${id}/${verb}?reason=${reason}`), { method: 'POST' })).status
}

export async function instance(host: Target, id: string, query = ''): Promise<Status> {
  return (await fetch(api(host, `instances/${id}${query}`))).json()
}

/** The status document of an instance once it has ended, with its history. */
export function end(host: Target, id: string): Promise<Status> {
  const isOver = ({ runtimeStatus }: Status) => /Completed|Failed|Terminated/.test(runtimeStatus)
  return until(() => instance(host, id, '?showHistory=true'), isOver)
}

/** Polls until the predicate holds; gives up after a while with what it saw last. */
export async function until<T>(
  look: () => Promise<T> | T,
  holds: (seen: T) => boolean,
  waitMaxMs = 30_000,
): Promise<T> {
  const endMs = Date.now() + waitMaxMs
  for (;;) {
    const seen = await look()
    if (holds(seen)) return seen
    if (Date.now() > endMs) throw new Error(`Waited in vain; last seen: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
