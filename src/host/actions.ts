import { isRecord, withoutTypeNames } from './typed-data.ts'

export interface RetryOptions {
  readonly firstMs: number
  readonly attemptsMax: number
  readonly backoff: number
  readonly intervalMaxMs: number
  readonly timeoutMs: number
}

/** An action of an orchestrator's answer, as the worker sends it. */
export type Action = Kind & {
  /** Which of the worker's tasks it is, where that is known: a task may be listed more than once. */
  readonly task?: number
}

type Kind =
  | {
      readonly kind: 'activity'
      readonly name: string
      readonly input: unknown
      readonly retry?: RetryOptions
    }
  | {
      readonly kind: 'child'
      readonly name: string
      readonly instanceId: string | undefined
      readonly input: unknown
      readonly version: string | undefined
      readonly retry?: RetryOptions
    }
  | { readonly kind: 'continueAsNew'; readonly input: unknown }
  | { readonly kind: 'timer'; readonly fireAtMs: number; readonly canceled: boolean }
  | { readonly kind: 'waitForEvent'; readonly name: string }
  | { readonly kind: 'any' | 'all'; readonly children: readonly Action[] }
  | { readonly kind: 'unsupported'; readonly what: string }

/** What the worker answers to one episode. */
export interface OrchestratorState {
  readonly isDone: boolean
  readonly actions: readonly Action[]
  /** JSON text, or null where the orchestrator returned nothing. */
  readonly output: string | null
  /** JSON text, or null where none was set. */
  readonly customStatus: string | null
  readonly error: string | undefined
  readonly failureDetails: Readonly<Record<string, unknown>> | undefined
}

const dayMs = 86_400_000

const unsupported: ReadonlyMap<unknown, string> = new Map([
  [7, 'callEntity'],
  [8, 'callHttp'],
  [9, 'signalEntity'],
  [10, 'signalEntity'],
  [13, 'lock'],
  [14, 'release of a lock'],
])

/** `own` is the same answer before it became JSON: only there one task that is listed twice is one object. */
export function orchestratorState(value: unknown, own?: unknown): OrchestratorState {
  if (!isRecord(value))
    throw new Error('The worker answered an orchestration with something that is no object.')
  const actions = actionsAt(listed(value.actions), 'actions[0]')
  return {
    isDone: value.isDone === true,
    actions: isRecord(own) ? withTasks(actions, listed(own.actions), new Map()) : actions,
    output: jsonText(value.output),
    customStatus: jsonText(value.customStatus),
    error: typeof value.error === 'string' ? value.error : undefined,
    failureDetails: isRecord(value.failureDetails) ? value.failureDetails : undefined,
  }
}

function listed(actions: unknown): readonly unknown[] {
  const [first] = Array.isArray(actions) ? actions : []
  return Array.isArray(first) ? first : []
}

function withTasks(
  actions: readonly Action[],
  own: readonly unknown[],
  numbers: Map<unknown, number>,
): readonly Action[] {
  return actions.map((one, i) => {
    const object = own[i]
    if (!isRecord(object)) return one
    const task = numbers.get(object) ?? numbers.size
    numbers.set(object, task)
    if (one.kind !== 'any' && one.kind !== 'all') return { ...one, task }
    const inner = Array.isArray(object.compoundActions) ? object.compoundActions : []
    return { ...one, task, children: withTasks(one.children, inner, numbers) }
  })
}

function jsonText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(withoutTypeNames(value))
}

function actionsAt(values: unknown, path: string): Action[] {
  return Array.isArray(values) ? values.map((value, index) => action(value, `${path}[${index}]`)) : []
}

function action(value: unknown, path: string): Action {
  if (!isRecord(value)) throw new Error('The worker listed an action that is no object.')
  const name = String(value.functionName)
  switch (value.actionType) {
    case 0:
      return { kind: 'activity', name, input: withoutTypeNames(value.input) }
    case 1:
      return {
        kind: 'activity',
        name,
        input: withoutTypeNames(value.input),
        retry: retryOptions(value.retryOptions),
      }
    case 2:
      return { ...child(value), name }
    case 3:
      return { ...child(value), name, retry: retryOptions(value.retryOptions) }
    case 4:
      return { kind: 'continueAsNew', input: withoutTypeNames(value.input) }
    case 5:
      return { kind: 'timer', fireAtMs: dueAt(value.fireAt, path), canceled: value.isCanceled === true }
    case 6:
      return { kind: 'waitForEvent', name: String(value.externalEventName) }
    case 11:
    case 12: {
      const children = actionsAt(value.compoundActions, `${path}.compoundActions`)
      return { kind: value.actionType === 11 ? 'any' : 'all', children }
    }
    default:
      return {
        kind: 'unsupported',
        what: unsupported.get(value.actionType) ?? `action type ${value.actionType}`,
      }
  }
}

/** An invalid Date arrives as null; .NET knows the years 1 to 9999. The texts are those of Json.NET. */
function dueAt(fireAt: unknown, path: string): number {
  const ms = typeof fireAt === 'string' && /^(?!0000)\d{4}-/.test(fireAt) ? Date.parse(fireAt) : Number.NaN
  if (!Number.isNaN(ms)) return ms
  throw new Error(
    typeof fireAt === 'string'
      ? `Could not convert string to DateTime: ${fireAt}. Path '${path}.fireAt'.`
      : `Error converting value {null} to type 'System.DateTime'. Path '${path}.fireAt'.`,
  )
}

function child(value: Readonly<Record<string, unknown>>) {
  const instanceId = typeof value.instanceId === 'string' && value.instanceId ? value.instanceId : undefined
  const version = typeof value.version === 'string' ? value.version : undefined
  return { kind: 'child' as const, instanceId, input: withoutTypeNames(value.input), version }
}

function retryOptions(value: unknown): RetryOptions {
  const options = isRecord(value) ? value : {}
  const number = (name: string, otherwise: number) => {
    const found = options[name]
    return typeof found === 'number' && found > 0 ? found : otherwise
  }
  return {
    firstMs: number('firstRetryIntervalInMilliseconds', 1),
    attemptsMax: number('maxNumberOfAttempts', 1),
    backoff: number('backoffCoefficient', 1),
    intervalMaxMs: number('maxRetryIntervalInMilliseconds', 6 * dayMs),
    timeoutMs: number('retryTimeoutInMilliseconds', Number.POSITIVE_INFINITY),
  }
}
