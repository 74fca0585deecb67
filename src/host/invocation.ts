import { randomUUID } from 'node:crypto'
import type { FunctionApp, RegisteredFunction } from './function-app.ts'
import { programmingModel } from './functions-core.ts'
import type { TypedData } from './typed-data.ts'

export type Log = (entry: { level: string; category: string; message: string }) => void

export interface Invocation {
  readonly input: TypedData
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>
  readonly retryContext?: object
  /** Where the caller of an HTTP function reached this host: links lead back there. */
  readonly origin?: string
}

interface PostInvocation {
  readonly inputs: unknown[]
  result: unknown
  error: unknown
}

export type Outcome =
  | { readonly kind: 'ok'; readonly returnValue: unknown }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string }

/** Invokes functions of an app the way the Node worker does: hooks around the handler, then the converted result. */
export class Invoker {
  readonly #app: FunctionApp
  readonly #log: Log
  readonly #clientBinding: (origin: string | undefined) => string
  readonly #appHookData = {}

  constructor(options: {
    readonly app: FunctionApp
    readonly log: Log
    readonly clientBinding: (origin: string | undefined) => string
  }) {
    this.#app = options.app
    this.#log = options.log
    this.#clientBinding = options.clientBinding
  }

  async invoke(target: RegisteredFunction, invocation: Invocation): Promise<Outcome> {
    try {
      return { kind: 'ok', returnValue: await this.#run(target, invocation) }
    } catch (error) {
      return failure(error)
    }
  }

  async #run(
    target: RegisteredFunction,
    { input, triggerMetadata, retryContext, origin }: Invocation,
  ): Promise<unknown> {
    const { triggerName, clients } = target
    const core = {
      invocationId: randomUUID(),
      metadata: target.metadata,
      state: 'preInvocationHooks',
      request: {
        inputData: [
          { name: triggerName, data: input },
          ...clients.map((name) => ({ name, data: { string: this.#clientBinding(origin) } })),
        ],
        triggerMetadata: triggerMetadata ?? {},
        ...(retryContext ? { retryContext } : {}),
      },
      log: (level: string, category: string, message: string) =>
        this.#write(target, { level, category, message }),
    }
    const model = programmingModel().getInvocationModel(core)
    const { context, inputs } = await model.getArguments()
    const hookData = {}
    const shared = { hookData, appHookData: this.#appHookData, invocationContext: context }
    const before = { ...shared, inputs, functionCallback: target.callback }
    for (const hook of this.#app.hooks('preInvocation')) await hook(before)

    core.state = 'invocation'
    const after: PostInvocation = { ...shared, inputs: before.inputs, result: null, error: null }
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback)
    } catch (error) {
      after.error = error
    }
    core.state = 'postInvocationHooks'
    for (const hook of this.#app.hooks('postInvocation')) await hook(after)
    if (after.error !== undefined && after.error !== null) throw after.error

    const { returnValue } = await model.getResponse(context, after.result)
    return returnValue
  }

  #write(target: RegisteredFunction, entry: { level: string; category: string; message: string }): void {
    const category = entry.category === 'user' ? `Function.${target.name}.User` : `Function.${target.name}`
    this.#log({ level: entry.level, category, message: entry.message })
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
