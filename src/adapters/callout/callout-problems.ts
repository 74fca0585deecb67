import { z } from 'zod'
import { Binding } from './callout-shapes.ts'

/** Every refusal of the contract: its status and title. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'key-missing': { status: 400, title: 'A PUT or POST needs an Idempotency-Key' },
  'not-signed': { status: 401, title: 'Signature or token is missing, wrong or too old' },
  'not-allowed': { status: 403, title: 'This caller may not do this' },
  'not-found': { status: 404, title: 'There is no such resource' },
  'unknown-replica': { status: 404, title: 'There is no such replica' },
  'unknown-pool': { status: 404, title: 'The stamp has no such pool' },
  'not-routed': { status: 404, title: 'The replica has no route of this platform' },
  taken: { status: 409, title: 'A stamp of this name is there under another key' },
  'not-ready': { status: 409, title: 'The stamp can not take replicas yet' },
  'not-ours': { status: 409, title: 'The stamp was made under another key' },
  'in-use': { status: 409, title: 'Replicas are bound to the stamp' },
  'stale-epoch': { status: 412, title: 'Somebody else changed it since' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unknown-stamp': { status: 422, title: 'The region has no such stamp' },
  'key-reused': { status: 422, title: 'The Idempotency-Key came before with another request' },
  'not-possible': { status: 422, title: 'This can not be done, however often it is asked' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'This can not be served now' },
} as const
export type ProblemName = keyof typeof PROBLEMS

/** What any operation may answer besides its own refusals. */
export const ANYWHERE = [
  ...(['invalid-request', 'not-signed', 'not-allowed', 'not-found'] as const),
  ...(['not-possible', 'too-many-requests', 'unavailable'] as const),
] satisfies readonly ProblemName[]

/** What any PUT or POST may answer besides. */
export const AT_EFFECTS = ['key-missing', 'too-large', 'key-reused'] as const satisfies readonly ProblemName[]

export const PROBLEM_TYPE = 'urn:restamp:problem:'

/** A refusal as RFC 9457 `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string().optional(),
  status: z.int(),
  detail: z.string(),
  /** With `stale-epoch` of a binding: how it stands. */
  binding: Binding.optional(),
})
export type Problem = z.infer<typeof Problem>

/** Which refusal of the contract a problem is; undefined where it is none, or comes with another status than its own. */
export function nameOf<N extends ProblemName>(problem: Problem, among: readonly N[]): N | undefined {
  return among.find(
    (name) => problem.type === `${PROBLEM_TYPE}${name}` && problem.status === PROBLEMS[name].status,
  )
}
