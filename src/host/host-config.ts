import { availableParallelism } from 'node:os'
import type { RetryPolicy } from './functions-core.ts'
import { filled, type Settings, timeSpanMs } from './settings.ts'
import { isRecord } from './typed-data.ts'
import { type Versioning, versioning } from './versioning.ts'

/** What the host takes from host.json; keys that it does not know are ignored, as the real host does. */
export interface HostConfig {
  readonly functions: readonly string[] | undefined
  readonly http: HttpConfig
  readonly hubName: string
  readonly activitiesMax: number
  readonly orchestratorsMax: number
  /** Per generation of an orchestration. */
  readonly actionsMax: number
  readonly versioning: Versioning
  readonly storeInputs: boolean
  readonly anyStateReplaceable: boolean
  /** Undefined is no limit. */
  readonly functionTimeoutMs: number | undefined
  /** For functions without retry options of their own. */
  readonly retry: RetryPolicy | undefined
  /** Whether orchestrations pass the trace context of their start on. */
  readonly isTraced: boolean
  /** Whether durable clients have an endpoint of their own beside the public API. */
  readonly hasRpcEndpoint: boolean
}

/** How HTTP functions are reached. */
export interface HttpConfig {
  readonly routePrefix: string
  /** So many run at once; the others wait. */
  readonly concurrentMax: number
  /** So many run or wait; one more is answered 429. */
  readonly outstandingMax: number
  readonly customHeaders: Readonly<Record<string, string>>
}

type Section = Readonly<Record<string, unknown>>

const functionTimeoutDefaultMs = 30 * 60_000
const functionTimeoutMinMs = 1000
const perCoreMax = 10
const actionsMaxDefault = 100_000
const hubNameDefault = 'TestHubName'

/** Reads host.json as the real host does: names in any case, every value overridable by a setting. */
export function hostConfig(file: Section, settings: Settings): HostConfig {
  const root = overridden(file, settings)
  const durable = section(root, 'extensions', 'durableTask')
  const tracing = section(durable, 'tracing')
  return {
    functions: list(member(root, 'functions')),
    http: httpConfig(section(root, 'extensions', 'http')),
    hubName: filled(text(durable, 'hubName') ?? settings.WEBSITE_SITE_NAME ?? hubNameDefault, settings),
    activitiesMax: positive(durable, 'maxConcurrentActivityFunctions', perCoreMax * availableParallelism()),
    orchestratorsMax: positive(
      durable,
      'maxConcurrentOrchestratorFunctions',
      perCoreMax * availableParallelism(),
    ),
    actionsMax: positive(durable, 'maxOrchestrationActions', actionsMaxDefault),
    versioning: versioning({
      defaultVersion: text(durable, 'defaultVersion'),
      match: text(durable, 'versionMatchStrategy'),
      otherwise: text(durable, 'versionFailureStrategy'),
    }),
    storeInputs: isTrue(durable, 'storeInputsInOrchestrationHistory'),
    anyStateReplaceable: text(durable, 'overridableExistingInstanceStates')?.toLowerCase() === 'anystate',
    hasRpcEndpoint: text(durable, 'localRpcEndpointEnabled')?.toLowerCase() !== 'false',
    functionTimeoutMs: functionTimeout(text(root, 'functionTimeout')),
    retry: retryPolicy(section(root, 'retry')),
    isTraced:
      isTrue(tracing, 'distributedTracingEnabled') && text(tracing, 'version')?.toLowerCase() === 'v2',
  }
}

function httpConfig(http: Section): HttpConfig {
  const headers = section(http, 'customHeaders')
  return {
    routePrefix: (text(http, 'routePrefix') ?? 'api').replace(/^\/+|\/+$/g, ''),
    concurrentMax: bound(http, 'maxConcurrentRequests'),
    outstandingMax: bound(http, 'maxOutstandingRequests'),
    customHeaders: Object.fromEntries(Object.keys(headers).map((name) => [name, text(headers, name) ?? ''])),
  }
}

/** -1 is no bound. */
function bound(http: Section, name: string): number {
  const given = text(http, name) ?? '-1'
  const value = Number(given)
  if (value === -1) return Number.POSITIVE_INFINITY
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`host.json: extensions.http.${name} is ${given}; expected a whole number above 0, or -1.`)
}

/** The plan of the real host that this one stands for has no upper bound; -1 means none at all. */
function functionTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return functionTimeoutDefaultMs
  if (value.trim() === '-1') return undefined
  const ms = timeSpanMs(value)
  if (ms !== undefined && ms >= functionTimeoutMinMs) return ms
  throw new Error(
    `host.json: functionTimeout is "${value}"; expected a time span of 00:00:01 or more, or -1 for none.`,
  )
}

function retryPolicy(given: Section): RetryPolicy | undefined {
  const strategy = text(given, 'strategy')
  if (strategy === undefined) return undefined
  const span = (name: string) => {
    const ms = timeSpanMs(text(given, name) ?? '')
    return ms === undefined ? undefined : { seconds: ms / 1000 }
  }
  const [delay, least, most] = [span('delayInterval'), span('minimumInterval'), span('maximumInterval')]
  return {
    retryStrategy: strategy,
    maxRetryCount: Number(text(given, 'maxRetryCount') ?? 0),
    ...(delay ? { delayInterval: delay } : {}),
    ...(least ? { minimumInterval: least } : {}),
    ...(most ? { maximumInterval: most } : {}),
  }
}

function positive(durable: Section, name: string, otherwise: number): number {
  const given = text(durable, name)
  const value = Number(given ?? otherwise)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`host.json: extensions.durableTask.${name} is ${given}; expected a whole number above 0.`)
}

function isTrue(of: Section, name: string): boolean {
  return text(of, name)?.toLowerCase() === 'true'
}

/** A list that settings add to comes as an object with numbers for names. */
function list(value: unknown): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.values(value).filter((name) => typeof name === 'string')
}

/** Every scalar counts as text: a setting that overrides a value is text, too. */
function text(of: Section, name: string): string | undefined {
  const value = member(of, name)
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isScalar ? String(value) : undefined
}

function section(of: Section, ...path: readonly string[]): Section {
  let found = of
  for (const name of path) {
    const inner = member(found, name)
    if (!isRecord(inner)) return {}
    found = inner
  }
  return found
}

function member(of: Section, name: string): unknown {
  return of[ownKey(of, name)]
}

function ownKey(of: Section, name: string): string {
  return Object.keys(of).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name
}

/** `AzureFunctionsJobHost__a__b` overrides the value at a.b of host.json. */
function overridden(file: Section, settings: Settings): Section {
  let result = file
  for (const [name, value] of Object.entries(settings)) {
    const [prefix, ...path] = name.split('__')
    if (prefix?.toLowerCase() === 'azurefunctionsjobhost' && path.length)
      result = withValue(result, path, value)
  }
  return result
}

function withValue(of: Section, [first = '', ...rest]: readonly string[], value: string): Section {
  const key = ownKey(of, first)
  const inner = of[key]
  if (rest.length === 0) return { ...of, [key]: value }
  return { ...of, [key]: withValue(isRecord(inner) || Array.isArray(inner) ? { ...inner } : {}, rest, value) }
}
