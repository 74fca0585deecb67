import { randomUUID } from 'node:crypto'
import type { FunctionApp, RegisteredFunction } from './function-app.ts'
import { programmingModel } from './functions-core.ts'
import { timeSpanText } from './settings.ts'
import { noTrace, type TraceContext } from './trace-context.ts'
import type { TypedData } from './typed-data.ts'

interface LogEntry {
  readonly level: string
  readonly category: string
  readonly message: string
}

export type Log = (entry: LogEntry) => void

export interface Invocation {
  readonly input: TypedData
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>
  readonly retryContext?: object
  /** Where the caller of an HTTP function reached this host: links lead back there. */
  readonly origin?: string
  readonly trace?: TraceContext
}

interface PostInvocation {
  readonly inputs: unknown[]
  result: unknown
  error: unknown
}

export type Outcome =
  | {
      readonly kind: 'ok'
      readonly returnValue: unknown
      /** What the function returned, before it was converted. */
      readonly result: unknown
    }
  | { readonly kind: 'failed' | 'timedOut'; readonly message: string; readonly stack: string }

export interface InvokerOptions {
  readonly app: FunctionApp
  readonly log: Log
  readonly clientBinding: (origin: string | undefined) => string
  /** In real time; undefined is no limit. */
  readonly functionTimeoutMs: number | undefined
}

/** Node's timers hold no more; a longer limit is none. */
const timerMaxMs = 2 ** 31 - 1

/** Invokes functions of an app the way the Node worker does: hooks around the handler, then the converted result. */
export class Invoker {
  readonly #options: InvokerOptions
  /** One object each for all hooks of the app; that of an invocation is its own. */
  readonly #appHookData = {}
  readonly #appOnlyHookData = {}

  constructor(options: InvokerOptions) {
    this.#options = options
  }

  async appStart(functionAppDirectory: string): Promise<void> {
    await this.#appHooks('appStart', { functionAppDirectory })
  }

  async appTerminate(): Promise<void> {
    await this.#appHooks('appTerminate', {})
  }

  invoke(target: RegisteredFunction, invocation: Invocation): Promise<Outcome> {
    const invocationId = randomUUID()
    const { functionTimeoutMs: limitMs } = this.#options
    const outcome = this.#outcome(target, invocation, invocationId)
    // An orchestrator never waits for anything but its history, so there is nothing to cut short.
    if (limitMs === undefined || limitMs > timerMaxMs || target.kind === 'orchestration') return outcome
    return this.#within(limitMs, outcome, { name: target.name, invocationId })
  }

  async #outcome(target: RegisteredFunction, invocation: Invocation, invocationId: string): Promise<Outcome> {
    try {
      return { kind: 'ok', ...(await this.#run(target, invocation, invocationId)) }
    } catch (error) {
      return failure(error)
    }
  }

  /** What comes after the time is dropped. The real host ends the worker process here, with all else that it runs. */
  async #within(
    limitMs: number,
    outcome: Promise<Outcome>,
    { name, invocationId }: { readonly name: string; readonly invocationId: string },
  ): Promise<Outcome> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Outcome>((resolve) => {
      timer = setTimeout(() => {
        const limit = timeSpanText(limitMs)
        const message = `Timeout value of ${limit} exceeded by function 'Functions.${name}' (Id: '${invocationId}').`
        this.#options.log({ level: 'error', category: `Function.${name}`, message })
        const text = `Timeout value of ${limit} was exceeded by function: Functions.${name}`
        resolve({ kind: 'timedOut', message: text, stack: '' })
      }, limitMs).unref()
    })
    try {
      return await Promise.race([outcome, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #run(
    target: RegisteredFunction,
    { input, triggerMetadata, retryContext, origin, trace = noTrace }: Invocation,
    invocationId: string,
  ): Promise<{ returnValue: unknown; result: unknown }> {
    const { app, clientBinding } = this.#options
    const { triggerName, clients } = target
    const shared: { hookData: object; appHookData: object; invocationContext?: object } = {
      hookData: {},
      appHookData: this.#appHookData,
    }
    const core = {
      invocationId,
      metadata: target.metadata,
      state: 'preInvocationHooks',
      request: {
        inputData: [
          { name: triggerName, data: input },
          ...clients.map((name) => ({ name, data: { string: clientBinding(origin) } })),
        ],
        triggerMetadata: triggerMetadata ?? {},
        traceContext: { ...trace, attributes: {} },
        ...(retryContext ? { retryContext } : {}),
      },
      log: (level: string, category: string, message: string) =>
        this.#write(target, shared, { level, category, message }),
    }
    const model = programmingModel().getInvocationModel(core)
    const { context, inputs } = await model.getArguments()
    shared.invocationContext = context
    const before = { ...shared, inputs, functionCallback: target.callback }
    for (const hook of app.hooks('preInvocation')) await hook(before)

    core.state = 'invocation'
    const after: PostInvocation = { ...shared, inputs: before.inputs, result: null, error: null }
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback)
    } catch (error) {
      after.error = error
    }
    core.state = 'postInvocationHooks'
    for (const hook of app.hooks('postInvocation')) await hook(after)
    if (after.error !== undefined && after.error !== null) throw after.error

    const { returnValue } = await model.getResponse(context, after.result)
    return { returnValue, result: after.result }
  }

  /** Log hooks may change what the app logs, not what is logged about it. */
  #write(target: RegisteredFunction, shared: object, entry: LogEntry): void {
    const seen = { ...shared, ...entry }
    for (const hook of this.#options.app.hooks('log')) hook(seen)
    const isOwn = entry.category === 'user'
    const { level, message } = isOwn ? seen : entry
    this.#options.log({ level, category: `Function.${target.name}${isOwn ? '.User' : ''}`, message })
  }

  async #appHooks(name: 'appStart' | 'appTerminate', more: object): Promise<void> {
    const context = { hookData: this.#appOnlyHookData, appHookData: this.#appHookData, ...more }
    for (const hook of this.#options.app.hooks(name)) await hook(context)
  }
}

/** What a thrown value becomes on its way through the worker: always an Error. */
function failure(thrown: unknown): Outcome {
  if (thrown instanceof Error) return { kind: 'failed', message: thrown.message, stack: thrown.stack ?? '' }
  const message =
    typeof thrown === 'string' ? thrown : typeof thrown === 'object' ? json(thrown) : String(thrown)
  return { kind: 'failed', message, stack: new Error(message).stack ?? '' }
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return String(value)
  }
}
