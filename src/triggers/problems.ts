import type { HttpResponseInit } from '@azure/functions'
import { PROBLEM_TYPE, PROBLEMS, type ProblemName } from '../messages/problems.ts'

/** A refusal as RFC 9457 `application/problem+json`. */
export function problem(
  name: ProblemName,
  detail: string,
  more: { readonly state?: string; readonly allowed?: readonly string[] } = {},
): HttpResponseInit {
  const { status, title } = PROBLEMS[name]
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: `${PROBLEM_TYPE}${name}`, title, status, detail, ...more }),
  }
}
