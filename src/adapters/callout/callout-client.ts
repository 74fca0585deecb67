import { randomUUID } from 'node:crypto'
import { AnswerNotUnderstood, PlatformUnavailable } from '../../ports/platform-faults.ts'
import { judge, type Outcome } from './callout-judge.ts'
import type { Operation } from './callout-operations.ts'
import type { ProblemName } from './callout-problems.ts'
import { type Asked, type CalloutPlace, type Received, send } from './callout-request.ts'

const MIB = 2 ** 20
const ANSWER_BYTES_MAX = { small: MIB, large: 64 * MIB } as const
/** An effect that is not done by then is asked for again by the durable layer, under the same key. */
const SETTLE_MS_MAX = 60_000
const LOOKS_MAX = 60
const RETRY_AFTER_SECONDS_MAX = 30
const RETRY_AFTER_SECONDS_DEFAULT = 2

interface Given {
  readonly at?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number>>
  /** Names the effect, so that its repeat is known; one of its own for what may be done again. */
  readonly key?: string
}

/** Asks a control plane, and follows what it does in the background until it is done. */
export class CalloutClient {
  readonly #place: CalloutPlace

  constructor(place: CalloutPlace) {
    this.#place = place
  }

  /** Throws `PlatformUnavailable`, `AnswerNotUnderstood`, `AccessRefused` or `RequestRefused`. */
  async ask<A, B, R extends ProblemName>(
    operation: Operation<A, B, R>,
    given: Given & { readonly body?: B },
  ): Promise<Outcome<A, R>> {
    const { method, size } = operation
    const path = pathOf(operation.path, given)
    const key = method === 'GET' ? '' : (given.key ?? randomUUID())
    const body = given.body === undefined ? '' : JSON.stringify(given.body)
    const bytesMax = ANSWER_BYTES_MAX[size]
    const asked = { method, path, key, body, bytesMax }
    const first = await send(this.#place, asked)
    return judge(operation, first.status === 202 ? await this.#settled(first, asked) : first)
  }

  /** Asks what has no refusal of its own. */
  async read<A, B>(operation: Operation<A, B, never>, given: Given): Promise<A> {
    const outcome = await this.ask(operation, given)
    return outcome.kind === 'answer' ? outcome.value : outcome.name
  }

  /** What an effect in the background came to, within limits. */
  async #settled(first: Received, asked: Asked): Promise<Received> {
    const path = this.#locationOf(first, asked.path)
    let waitedMs = 0
    let latest = first
    for (let look = 0; look < LOOKS_MAX && waitedMs < SETTLE_MS_MAX; look++) {
      const waitMs = Math.min(retryAfterSeconds(latest) * 1000, SETTLE_MS_MAX - waitedMs)
      await this.#place.pause(waitMs)
      waitedMs += waitMs
      latest = await send(this.#place, { ...asked, method: 'GET', path, key: '', body: '' })
      if (latest.status !== 202) return latest
    }
    throw new PlatformUnavailable(
      `${first.said} and was not done after ${waitedMs / 1000} s; try again, which goes on with the same effect`,
    )
  }

  /** Where to look, below the base URL: our signature is for nobody else. */
  #locationOf({ headers, said }: Received, askedPath: string): string {
    const { baseUrl } = this.#place
    const text = headers.get('location') ?? ''
    const from = `${baseUrl}${askedPath}`
    const url = text !== '' && URL.canParse(text, from) ? new URL(text, from).href : ''
    if (!url.startsWith(`${baseUrl}/`))
      throw new AnswerNotUnderstood(
        `${said} and Location "${text.slice(0, 200)}"; expected one below the base URL`,
      )
    return url.slice(baseUrl.length)
  }
}

/** Ids and roles hold nothing that needs an escape but the `@`, which a path may have as it is. */
function pathOf(template: string, { at = {}, query = {} }: Given): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(at[name] ?? '').replaceAll('%40', '@'),
  )
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) search.set(name, String(value))
  return search.size > 0 ? `${path}?${search}` : path
}

function retryAfterSeconds({ headers }: Received): number {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,9}$/.test(text)
    ? Math.min(Number(text), RETRY_AFTER_SECONDS_MAX)
    : RETRY_AFTER_SECONDS_DEFAULT
}
