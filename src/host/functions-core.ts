import { registerHooks } from 'node:module'

/** A binding of a registered function, as `@azure/functions` describes it. */
export interface Binding {
  readonly type: string
  readonly direction?: string
  readonly name?: string
  readonly authLevel?: string
  readonly methods?: readonly string[]
  readonly route?: string
  readonly schedule?: string
  readonly runOnStartup?: boolean
  readonly useMonitor?: boolean
}

export interface RetryPolicy {
  readonly retryStrategy?: string | number
  readonly maxRetryCount?: number
  readonly delayInterval?: { readonly seconds?: number }
  readonly minimumInterval?: { readonly seconds?: number }
  readonly maximumInterval?: { readonly seconds?: number }
}

export interface FunctionMetadata {
  readonly name: string
  readonly functionId?: string
  readonly bindings: Readonly<Record<string, Binding>>
  readonly retryOptions?: RetryPolicy
}

export type FunctionCallback = (...inputs: unknown[]) => unknown
export type HookCallback = (context: object) => unknown

/** What `@azure/functions` gives the host to turn an invocation into arguments and a result into a response. */
export interface InvocationModel {
  getArguments(): Promise<{ context: object; inputs: unknown[] }>
  invokeFunction(context: object, inputs: unknown[], callback: FunctionCallback): Promise<unknown>
  getResponse(context: object, result: unknown): Promise<{ returnValue?: unknown }>
}

export interface ProgrammingModel {
  readonly name?: string
  getInvocationModel(context: object): InvocationModel
}

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const
export type HookName = (typeof hookNames)[number]

/** What one host's `load` registered. */
export interface Registrations {
  readonly functions: { metadata: FunctionMetadata; callback: FunctionCallback }[]
  readonly hooks: Map<HookName, HookCallback[]>
}

export type SystemLog = (level: string, category: string, message: string) => void

interface Shared {
  model: ProgrammingModel | undefined
  collecting: { into: Registrations; log: SystemLog } | undefined
  turn: Promise<unknown>
  readonly api: object
}

class Disposable {
  readonly #dispose: () => void
  constructor(dispose: () => void) {
    this.#dispose = dispose
  }
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => items.forEach((item) => void item.dispose()))
  }
  dispose(): void {
    this.#dispose()
  }
}

// The package asks for its core once per process and keeps the answer, so the answer must serve all hosts and
// all copies of this file: it lives on globalThis and sends a registration to the host that is loading.
const key = '@azure/functions-core of the embedded host'
const moduleUrl = 'file:///embedded-host/functions-core.cjs'
const held: { readonly [name: symbol]: Shared | undefined } = globalThis
const shared = held[Symbol.for(key)] ?? install()

function install(): Shared {
  const created: Shared = { model: undefined, collecting: undefined, turn: Promise.resolve(), api: coreApi() }
  Object.defineProperty(globalThis, Symbol.for(key), { value: created })
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url: moduleUrl, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      url === moduleUrl
        ? {
            format: 'commonjs',
            source: `module.exports = globalThis[Symbol.for(${JSON.stringify(key)})].api`,
            shortCircuit: true,
          }
        : next(url, context),
  })
  return created
}

function coreApi(): object {
  return {
    version: '4.0.0',
    hostVersion: '4.0.0',
    Disposable,
    setProgrammingModel: (model: ProgrammingModel) => {
      shared.model = model
    },
    getProgrammingModel: () => shared.model,
    registerFunction,
    registerHook,
    log: (level: string, category: string, message: string) =>
      shared.collecting?.log(level, category, message),
  }
}

function loading(what: string): Registrations {
  if (shared.collecting) return shared.collecting.into
  throw new Error(
    `${what} was registered while no host was loading an app. Register functions and hooks only while load() runs.`,
  )
}

function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  const { functions } = loading(`Function "${metadata.name}"`)
  const id = metadata.functionId ?? metadata.name
  if (functions.some((other) => (other.metadata.functionId ?? other.metadata.name) === id)) {
    throw new Error(
      `A function with id "${id}" has already been registered. Give each function a name of its own.`,
    )
  }
  const entry = { metadata, callback }
  functions.push(entry)
  return new Disposable(() => void functions.splice(functions.indexOf(entry), 1))
}

function registerHook(name: string, callback: HookCallback): Disposable {
  const known = hookNames.find((hook) => hook === name)
  if (!known) {
    const error = new RangeError(`Unrecognized hook "${name}". Expected one of ${hookNames.join(', ')}.`)
    throw Object.assign(error, { isAzureFunctionsSystemError: true })
  }
  const { hooks } = loading(`Hook "${name}"`)
  const list = hooks.get(known) ?? []
  hooks.set(known, [...list, callback])
  return new Disposable(
    () =>
      void hooks.set(
        known,
        (hooks.get(known) ?? []).filter((other) => other !== callback),
      ),
  )
}

/** Runs `load` and returns what it registered. Loads of different hosts wait for each other. */
export async function collectRegistrations(load: () => unknown, log: SystemLog): Promise<Registrations> {
  const before = shared.turn
  let done = () => {}
  shared.turn = new Promise<void>((resolve) => {
    done = resolve
  })
  await before
  const into: Registrations = { functions: [], hooks: new Map() }
  try {
    shared.collecting = { into, log }
    await load()
    return into
  } finally {
    shared.collecting = undefined
    done()
  }
}

/** The model that `@azure/functions` set with its first registration. */
export function programmingModel(): ProgrammingModel {
  if (shared.model) return shared.model
  throw new Error('No function was registered through @azure/functions, so nothing can be invoked.')
}
