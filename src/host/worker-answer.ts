import { type OrchestratorState, orchestratorState } from './actions.ts'
import type { FailureDetails } from './history.ts'
import type { Outcome } from './invocation.ts'
import { isTooDeep, tooDeepAt } from './json-depth.ts'
import type { Leniences } from './leniences.ts'
import { isRecord } from './typed-data.ts'

/** How an orchestrator failed by itself; `output` is what its status shows, `reason` what its history keeps. */
export interface OrchestratorFailure {
  readonly reason: string
  readonly details: string | null
  readonly output: string
  readonly failureDetails: FailureDetails | null
}

export interface WorkerAnswer {
  readonly state: OrchestratorState
  readonly failure: OrchestratorFailure | undefined
}

const marker = '$OutOfProcData$:'
const customStatusKbMax = 16
const nothing: OrchestratorState = {
  isDone: false,
  actions: [],
  output: null,
  customStatus: null,
  error: undefined,
  failureDetails: undefined,
}

/** Reads what the worker said to one episode of the orchestrator `name`. */
export function workerAnswer(name: string, outcome: Outcome, leniences: Leniences = {}): WorkerAnswer {
  try {
    return readAnswer(name, outcome, leniences)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { state: nothing, failure: plainFailure(name, text) }
  }
}

function readAnswer(name: string, outcome: Outcome, { repeatedTasks }: Leniences): WorkerAnswer {
  if (outcome.kind === 'ok') {
    const { returnValue } = outcome
    const json = isRecord(returnValue) && typeof returnValue.json === 'string' ? returnValue.json : 'null'
    const value: unknown = JSON.parse(json)
    if (isTooDeep(value)) throw new Error(`One or more errors occurred. (${tooDeepAt(json)})`)
    const state = orchestratorState(value, repeatedTasks ? outcome.result : undefined)
    return withinLimits(name, { state, failure: undefined })
  }
  const at = outcome.message.indexOf(marker)
  if (at < 0) {
    const text = `One or more errors occurred. (Result: Failure\nException: ${outcome.message}\nStack: ${outcome.stack})`
    return { state: nothing, failure: plainFailure(name, text) }
  }
  const state = orchestratorState(JSON.parse(outcome.message.slice(at + marker.length)))
  // The real host takes a thrown value without a message for no failure at all and leaves the instance Running.
  const error =
    state.error ?? 'The orchestrator threw a value that has no message. Throw an Error with a message.'
  const failure = plainFailure(name, error)
  const details = state.failureDetails && failureDetailsOf(state.failureDetails)
  if (!details) return withinLimits(name, { state, failure })
  const output = `${details.ErrorType}: ${details.ErrorMessage}`
  return withinLimits(name, { state, failure: { ...failure, output, failureDetails: details } })
}

function plainFailure(name: string, error: string): OrchestratorFailure {
  const reason = `Orchestrator function '${name}' failed: ${error}`
  return { reason, details: `Message: ${error}, StackTrace: `, output: reason, failureDetails: null }
}

function withinLimits(name: string, answer: WorkerAnswer): WorkerAnswer {
  const sizeKb = Math.floor(((answer.state.customStatus?.length ?? 0) * 2) / 1024)
  if (sizeKb <= customStatusKbMax) return answer
  const text =
    `The UTF-16 size of the JSON-serialized payload must not exceed ${customStatusKbMax} KB. ` +
    `The current payload size is ${sizeKb} KB.`
  return { state: nothing, failure: plainFailure(name, text) }
}

/** Failure details arrive with names in either case, depending on who wrote them. */
export function failureDetailsOf(value: Readonly<Record<string, unknown>>): FailureDetails | undefined {
  const read = (name: string) => value[name] ?? value[name.charAt(0).toLowerCase() + name.slice(1)]
  const type = read('ErrorType')
  const message = read('ErrorMessage')
  if (typeof type !== 'string' || typeof message !== 'string') return undefined
  const stack = read('StackTrace')
  const inner = read('InnerFailure')
  return {
    ErrorType: type,
    ErrorMessage: message,
    StackTrace: typeof stack === 'string' ? stack : null,
    InnerFailure: isRecord(inner) ? (failureDetailsOf(inner) ?? null) : null,
    IsNonRetriable: read('IsNonRetriable') === true,
    Properties: read('Properties') ?? null,
  }
}
