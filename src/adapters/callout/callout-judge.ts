import type { z } from 'zod'
import {
  AccessRefused,
  AnswerNotUnderstood,
  PlatformUnavailable,
  RequestRefused,
} from '../../ports/platform-faults.ts'
import type { Operation } from './callout-operations.ts'
import { nameOf, Problem, type ProblemName } from './callout-problems.ts'
import type { Received } from './callout-request.ts'

/** What a control plane said to an operation: what was asked for, or one of the refusals that the operation names. */
export type Outcome<Answer, Refusal extends ProblemName> =
  | { readonly kind: 'answer'; readonly value: Answer }
  | { readonly kind: 'refused'; readonly name: Refusal; readonly problem: Problem }

const UNAVAILABLE: readonly number[] = [408, 425, 429]
const ACCESS: readonly number[] = [401, 403]
const WORDS_MAX = 500

/**
 * What a whole answer means. Only a problem document that the operation names is a "no"; any other refusal, and any answer of
 * another shape, is thrown: `PlatformUnavailable`, `AccessRefused`, `RequestRefused` or `AnswerNotUnderstood`.
 */
export function judge<A, B, R extends ProblemName>(
  operation: Pick<Operation<A, B, R>, 'answer' | 'refusals'>,
  received: Received,
): Outcome<A, R> {
  const { status, said } = received
  if (status === 200 || status === 201)
    return { kind: 'answer', value: parsed(operation.answer, received, 'application/json') }
  if (status < 400)
    throw new AnswerNotUnderstood(`${said}; expected 200, 202 or a problem document; no redirect is followed`)
  const problem = problemOf(received)
  const name = problem && nameOf(problem, operation.refusals)
  if (problem && name) return { kind: 'refused', name, problem }
  throw faultOf(received, problem)
}

function faultOf({ status, said, headers }: Received, problem: Problem | undefined): Error {
  const why = problem
    ? `: ${problem.detail.slice(0, WORDS_MAX)}`
    : ', without a problem document that says why'
  const after = headers.get('retry-after')
  if (status >= 500 || UNAVAILABLE.includes(status))
    return new PlatformUnavailable(
      `${said}${why}; try again${after ? ` (retry-after ${after.slice(0, 40)})` : ''}`,
    )
  if (ACCESS.includes(status))
    return new AccessRefused(`${said}${why}; check the secret or role, and the clocks of both sides`)
  if (!problem)
    return new AnswerNotUnderstood(`${said}${why}; expected application/problem+json. Is the base URL right?`)
  return new RequestRefused(`${said}${why}`)
}

/** The problem document of an answer whose status is the document's own. */
function problemOf(received: Received): Problem | undefined {
  if (mediaTypeOf(received) !== 'application/problem+json') return undefined
  const found = Problem.safeParse(jsonOf(received.text)?.value)
  return found.success && found.data.status === received.status ? found.data : undefined
}

/** Throws `AnswerNotUnderstood` with what was found and what was expected. */
function parsed<T>(schema: z.ZodType<T>, received: Received, mediaType: string): T {
  const { said, text } = received
  const found = mediaTypeOf(received)
  if (found !== mediaType)
    throw new AnswerNotUnderstood(`${said} as ${found || 'no content type'}; expected ${mediaType}`)
  const json = jsonOf(text)
  if (!json)
    throw new AnswerNotUnderstood(
      `${said} and ${text.length} characters that are no JSON; expected a document`,
    )
  const result = schema.safeParse(json.value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue?.path.join('.') || 'the document'
  throw new AnswerNotUnderstood(`${said}, but ${where} is not as expected: ${issue?.message}`)
}

function mediaTypeOf({ headers }: Received): string {
  return (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
