import { ZodError } from 'zod'
import { PROBLEM_TYPE, PROBLEMS, type ProblemName } from '../../../src/adapters/callout/callout-problems.ts'

/** A refusal of the contract, on its way out of a server. */
export class PortRefusal extends Error {
  readonly problem: { readonly status: number; readonly [name: string]: unknown }

  constructor(name: ProblemName, detail: string, more: object = {}) {
    super(detail)
    const { status, title } = PROBLEMS[name]
    this.problem = { type: `${PROBLEM_TYPE}${name}`, title, status, detail, ...more }
  }
}

const BY_NAME: Readonly<Record<string, ProblemName>> = {
  ReplicaUnknown: 'unknown-replica',
  StampUnknown: 'unknown-stamp',
  StampNotReady: 'not-ready',
  RangeError: 'not-possible',
}

/** What a port threw, as the contract says it; what nobody knows is a 503. */
export function refusalOf(error: unknown): PortRefusal {
  if (error instanceof PortRefusal) return error
  if (error instanceof ZodError) return new PortRefusal('invalid-request', error.message)
  if (!(error instanceof Error)) return new PortRefusal('unavailable', String(error))
  return new PortRefusal(BY_NAME[error.name] ?? 'unavailable', error.message)
}
