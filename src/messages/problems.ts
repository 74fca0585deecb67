/** Every refusal of the API: its status and title. The type is `/problems/NAME`, which docs/api.md explains. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'not-signed-in': { status: 401, title: 'Nobody is signed in' },
  'not-allowed': { status: 403, title: 'This person may not do this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'wrong-state': { status: 409, title: 'This makes no sense in the present state' },
  'other-digest': { status: 409, title: 'The plan is not the one that was meant' },
  'answered-already': { status: 409, title: 'The gate has an answer already' },
  'evidence-outdated': { status: 409, title: 'What was seen is too old to decide on' },
  'conflicting-answer': { status: 409, title: 'The gate has another answer already, which stands' },
  'too-large': { status: 413, title: 'The body is too large' },
  'changed-meanwhile': { status: 412, title: 'It is no longer as it was seen' },
  'not-json': { status: 415, title: 'The request is not JSON' },
  'key-reused': { status: 422, title: 'The key came with another request before' },
  'under-way': { status: 409, title: 'The same request is under way' },
  'too-often': { status: 429, title: 'Asked too often' },
  // Azure Monitor delivers again what was answered by this, and by no other failure of ours.
  'try-again': { status: 503, title: 'This can not be taken in now' },
  'dependency-failed': { status: 502, title: 'Something that Restamp depends on failed' },
} as const
export type ProblemName = keyof typeof PROBLEMS
export const PROBLEM_TYPE = '/problems/'
