import { z } from 'zod'
import type { Action } from '../domain/principal.ts'
import type { ProblemName } from './problems.ts'

/** One thing that can be asked of the API, below `/api/v1/`: what it takes, what it answers, and by which names it refuses. */
export interface Operation<Body extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> {
  /** That of its function. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** What whoever asks must be allowed to do; some operations ask for more, by what is in the body. */
  readonly action: Action
  readonly summary: string
  /** None of them is required but where it says so. */
  readonly query: Readonly<Record<string, QueryPart>>
  readonly body: Body
  readonly status: 200 | 201 | 202
  readonly answer: Answer
  /** Beside those that any operation gives: `ANYWHERE`, and with a body `WITH_BODY`. */
  readonly refusals: readonly ProblemName[]
  /** Whether it may be asked for on a plan’s status as it was seen, by If-Match. */
  readonly onStatus?: boolean
  /** How much of what one person may ask it takes; 1 where it says nothing. */
  readonly weight?: number
  /** Where a body may be larger than those of people. */
  readonly bodyBytesMax?: number
  /** Where whoever asks is known by a signature over the body. */
  readonly proof?: 'body'
}

export interface QueryPart {
  readonly schema: z.ZodType
  readonly words: string
  readonly required?: true
}

export const ANYWHERE: readonly ProblemName[] = [
  'not-signed-in',
  'not-allowed',
  'too-often',
  'dependency-failed',
]
/** The last two where a request has an Idempotency-Key. */
export const WITH_BODY: readonly ProblemName[] = [
  'invalid-request',
  'too-large',
  'not-json',
  'under-way',
  'key-reused',
]

/** The schema of a request without a body. */
export const NoBody = z.unknown()

type Rest<A extends z.ZodType> = Partial<
  Pick<Operation, 'query' | 'refusals' | 'action' | 'bodyBytesMax' | 'proof' | 'weight' | 'onStatus'>
> & { readonly answer: A }

/** A question that anybody may ask who may read. */
export function question<A extends z.ZodType>(
  name: string,
  path: string,
  summary: string,
  rest: Rest<A>,
): Operation<typeof NoBody, A> {
  return {
    ...{ name, method: 'GET', path, summary, body: NoBody, status: 200 },
    ...{ action: 'read', query: {}, refusals: [], ...rest },
  }
}

/** What changes something. Most are only noted here, and done after the answer: 202. */
export function request<B extends z.ZodType, A extends z.ZodType>(
  name: string,
  path: string,
  summary: string,
  rest: Rest<A> & { readonly action: Action; readonly body: B; readonly status?: 200 | 201 | 202 },
): Operation<B, A> {
  return { name, method: 'POST', path, summary, status: 202, query: {}, refusals: [], ...rest }
}

/** What is asked with an operation: the parts of its path, its query without what is undefined, and its body. */
export interface Asked {
  readonly parts?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
}

/** Where an operation is asked, below `/api/v1/`, each part encoded. Throws `RangeError` where a part is not named. */
export function pathOf(
  { name, path }: Pick<Operation, 'name' | 'path'>,
  { parts = {}, query = {} }: Asked,
): string {
  const place = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => {
    const value = parts[part]
    if (value === undefined) throw new RangeError(`${name} was asked without its ${part}`)
    return encodeURIComponent(value)
  })
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, value)
  return search.size > 0 ? `${place}?${search}` : place
}
