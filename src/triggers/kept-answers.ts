import type { HttpResponseInit } from '@azure/functions'
import { sha256Hex } from '../domain/canonical.ts'
import { Digest } from '../domain/ids.ts'
import type { KeptAnswer } from '../domain/kept-answer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Records, Stored } from '../ports/records.ts'
import { problem } from './problems.ts'

/** Nothing takes so long: who began it was killed, and whoever sends it again may take it over. */
const TAKES_MS_MAX = 5 * 60_000
const KEY = /^[\x21-\x7e]{1,200}$/

interface Keyed {
  readonly by: string
  readonly key: string
  /** All that makes one request differ from another. */
  readonly request: readonly string[]
}

/**
 * Answers of requests that came with an `Idempotency-Key`: sent again, whether or not the first answer arrived, a request does
 * nothing and gets what it got. A failure of ours is not kept, so that it can be tried again.
 */
export class KeptAnswers {
  readonly #records: Records
  readonly #clock: Clock

  constructor(records: Records, clock: Clock) {
    this.#records = records
    this.#clock = clock
  }

  async once(keyed: Keyed, work: () => Promise<HttpResponseInit>): Promise<HttpResponseInit> {
    if (!KEY.test(keyed.key))
      return problem('invalid-request', 'Idempotency-Key: expected 1 to 200 visible ASCII characters')
    const id = sha256Hex(`${keyed.by}\n${keyed.key}`)
    const begun: KeptAnswer = {
      by: keyed.by,
      request: Digest.parse(sha256Hex(JSON.stringify(keyed.request))),
      begunAtMs: Math.round(this.#clock.nowMs()),
      answer: null,
    }
    if ((await this.#records.create('answers', id, begun)) === 'exists') {
      const before = await this.#records.read('answers', id)
      const again = before && this.#again(before, begun)
      if (again) return again
      if (before && (await this.#records.replace('answers', id, begun, before.etag)) === 'stale')
        return underWay()
    }
    try {
      const given = await work()
      const isOurs = (given.status ?? 200) >= 500
      // What was done is done, also where that can't be noted.
      await this.#keep(id, begun, isOurs ? letGo(begun) : kept(begun, given)).catch(() => undefined)
      return given
    } catch (error) {
      await this.#keep(id, begun, letGo(begun))
      throw error
    }
  }

  /** What a request gets whose key was used before; undefined where it is to be taken over. */
  #again({ value }: Stored<KeptAnswer>, begun: KeptAnswer): HttpResponseInit | undefined {
    if (value.request !== begun.request)
      return problem(
        'key-reused',
        'this Idempotency-Key came with another request before; take a new one for each thing that you want done',
      )
    if (value.answer)
      return {
        status: value.answer.status,
        headers: { ...value.answer.headers, 'idempotency-replayed': 'true' },
        body: value.answer.body,
      }
    return begun.begunAtMs - value.begunAtMs < TAKES_MS_MAX ? underWay() : undefined
  }

  /** Whoever has taken it over meanwhile keeps what is theirs. */
  async #keep(id: string, begun: KeptAnswer, value: KeptAnswer): Promise<void> {
    const stored = await this.#records.read('answers', id)
    if (stored?.value.answer === null && stored.value.begunAtMs === begun.begunAtMs)
      await this.#records.replace('answers', id, value, stored.etag)
  }
}

/** Begun so long ago that the next one takes it over. */
function letGo(begun: KeptAnswer): KeptAnswer {
  return { ...begun, begunAtMs: begun.begunAtMs - TAKES_MS_MAX }
}

function kept(
  begun: KeptAnswer,
  { status = 200, headers = {}, jsonBody, body }: HttpResponseInit,
): KeptAnswer {
  const text = jsonBody === undefined ? String(body ?? '') : JSON.stringify(jsonBody)
  const type = { 'content-type': 'application/json', ...Object.fromEntries(new Headers(pairsOf(headers))) }
  return { ...begun, answer: { status, headers: type, body: text } }
}

function pairsOf(headers: NonNullable<HttpResponseInit['headers']>): [string, string][] {
  return Object.entries(headers).map(([name, value]) => [name, String(value)])
}

function underWay(): HttpResponseInit {
  return problem('under-way', 'the same request is under way; send it again in some seconds for its answer')
}
