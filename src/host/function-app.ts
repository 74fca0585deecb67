import type {
  Binding,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  Registrations,
} from './functions-core.ts'
import { type Settings, settingNamed } from './settings.ts'

export type TriggerKind = 'orchestration' | 'activity' | 'entity' | 'http' | 'timer'

export interface RegisteredFunction {
  readonly name: string
  readonly kind: TriggerKind
  readonly trigger: Binding
  readonly triggerName: string
  /** Names of the bindings that want a durable client. */
  readonly clients: readonly string[]
  readonly metadata: FunctionMetadata
  readonly callback: FunctionCallback
}

const kinds: ReadonlyMap<string, TriggerKind> = new Map([
  ['orchestrationtrigger', 'orchestration'],
  ['activitytrigger', 'activity'],
  ['entitytrigger', 'entity'],
  ['httptrigger', 'http'],
  ['timertrigger', 'timer'],
])

/** The functions of one host by kind; durable names ignore case, as in the extension. */
export class FunctionApp {
  readonly functions: readonly RegisteredFunction[]
  readonly #hooks: ReadonlyMap<HookName, readonly HookCallback[]>
  readonly #byKind = new Map<TriggerKind, Map<string, RegisteredFunction>>()

  constructor(
    registrations: Registrations,
    options: { readonly only: readonly string[] | undefined; readonly settings: Settings },
  ) {
    this.#hooks = registrations.hooks
    const all = registrations.functions.map(({ metadata, callback }) => describe(metadata, callback))
    refuseNamesThatDifferInCase(all)
    const only = options.only?.map((name) => name.toLowerCase())
    this.functions = all.filter(
      ({ name }) => (!only || only.includes(name.toLowerCase())) && !isDisabled(name, options.settings),
    )
    for (const one of this.functions) {
      const named = this.#byKind.get(one.kind) ?? new Map<string, RegisteredFunction>()
      this.#byKind.set(one.kind, named.set(one.name.toLowerCase(), one))
    }
  }

  hooks(name: HookName): readonly HookCallback[] {
    return this.#hooks.get(name) ?? []
  }

  find(kind: TriggerKind, name: string): RegisteredFunction | undefined {
    return this.#byKind.get(kind)?.get(name.toLowerCase())
  }

  ofKind(kind: TriggerKind): readonly RegisteredFunction[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])]
  }

  /** What the real host says about a durable function that is not there. */
  missing(kind: 'orchestration' | 'activity' | 'entity', name: string): string {
    const [word, article] =
      kind === 'orchestration' ? (['orchestrator', 'an'] as const) : ([kind, 'an'] as const)
    const known = this.ofKind(kind).map((one) => `'${one.name}'`)
    const hint = known.length
      ? `The following are the known ${word} functions: ${known.join(', ')}.`
      : `No ${word} functions are currently registered!`
    return `The function '${name}' doesn't exist, is disabled, or is not ${article} ${word} function. Additional info: ${hint}`
  }
}

function describe(metadata: FunctionMetadata, callback: FunctionCallback): RegisteredFunction {
  const bindings = Object.entries(metadata.bindings)
  const found = bindings.find(([, binding]) => /trigger$/i.test(binding.type))
  if (!found) throw new Error(`Function "${metadata.name}" has no trigger binding.`)
  const [triggerName, trigger] = found
  const kind = kinds.get(trigger.type.toLowerCase())
  if (!kind) {
    throw new Error(
      `Function "${metadata.name}" has a trigger of type ${trigger.type}; the embedded host runs http, timer, orchestration and activity triggers.`,
    )
  }
  const clients = bindings
    .filter(([, { type }]) => type.toLowerCase() === 'durableclient')
    .map(([name]) => name)
  return { name: metadata.name, kind, trigger, triggerName, clients, metadata, callback }
}

/** The real host does not start at all with two such functions, of whatever kinds. */
function refuseNamesThatDifferInCase(all: readonly RegisteredFunction[]): void {
  const seen = new Map<string, string>()
  for (const { name } of all) {
    const other = seen.get(name.toLowerCase())
    if (other !== undefined) {
      throw new Error(
        `Functions "${other}" and "${name}" differ only in case; the host does not start with such names. Rename one.`,
      )
    }
    seen.set(name.toLowerCase(), name)
  }
}

function isDisabled(name: string, settings: Settings): boolean {
  const value =
    settingNamed(settings, `AzureWebJobs.${name}.Disabled`) ??
    settingNamed(settings, `AzureWebJobs_${name}_Disabled`)
  return value !== undefined && /^(true|1)$/i.test(value)
}
