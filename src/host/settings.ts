import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from './typed-data.ts'

export type Settings = Readonly<Record<string, string>>

/** What the host takes from host.json; keys that it does not know are ignored, as the real host does. */
export interface HostConfig {
  readonly functions: readonly string[] | undefined
  readonly routePrefix: string
  readonly hubName: string
  readonly activitiesMax: number
  readonly defaultVersion: string | undefined
  readonly storeInputs: boolean
  readonly anyStateReplaceable: boolean
  readonly functionTimeoutMs: number | undefined
}

export interface AppSettings {
  readonly settings: Settings
  readonly host: HostConfig
  readonly port: number | undefined
}

/** Reads host.json and local.settings.json of an app folder. */
export function readAppSettings(appDir: string, overrides: Settings = {}): AppSettings {
  const local = readJson(join(appDir, 'local.settings.json'), 'optional')
  const settings = { ...texts(local.Values), ...definedTexts(process.env), ...overrides }
  const file = readJson(join(appDir, 'host.json'), 'required')
  if (file.version !== '2.0') {
    throw new Error(`host.json of ${appDir} has version ${JSON.stringify(file.version)}; expected "2.0".`)
  }
  const host = hostConfig(overridden(file, settings), settings)
  const localHost = isRecord(local.Host) ? local.Host : {}
  const port = typeof localHost.LocalHttpPort === 'number' ? localHost.LocalHttpPort : undefined
  return { settings, host, port }
}

function hostConfig(file: Readonly<Record<string, unknown>>, settings: Settings): HostConfig {
  const durable = at(file, 'extensions', 'durableTask')
  const prefix = at(file, 'extensions', 'http').routePrefix
  const functions = Array.isArray(file.functions)
    ? file.functions.filter((name) => typeof name === 'string')
    : undefined
  const activities = Number(durable.maxConcurrentActivityFunctions ?? 20)
  if (!(activities > 0)) {
    throw new Error(
      `host.json: extensions.durableTask.maxConcurrentActivityFunctions is ${activities}; expected 1 or more.`,
    )
  }
  return {
    functions,
    routePrefix: typeof prefix === 'string' ? prefix.replace(/^\/+|\/+$/g, '') : 'api',
    hubName: filled(String(durable.hubName ?? settings.WEBSITE_SITE_NAME ?? 'TestHubName'), settings),
    activitiesMax: activities,
    defaultVersion: typeof durable.defaultVersion === 'string' ? durable.defaultVersion : undefined,
    storeInputs: String(durable.storeInputsInOrchestrationHistory).toLowerCase() === 'true',
    anyStateReplaceable: String(durable.overridableExistingInstanceStates).toLowerCase() === 'anystate',
    functionTimeoutMs:
      typeof file.functionTimeout === 'string' ? timeSpanMs(file.functionTimeout) : undefined,
  }
}

/** A .NET time span, `[d.]hh:mm:ss[.fff]`, in ms. `24:00:00` is read as 24 days, as .NET does for hours beyond 23. */
export function timeSpanMs(text: string): number | undefined {
  const match = /^(-)?(?:(\d+)\.)?(\d+):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, minus, days = '0', first = '0', minutes = '0', seconds = '0', fraction = ''] = match
  const overflow = Number(first) > 23 && match[2] === undefined
  const day = overflow ? Number(first) : Number(days)
  const hour = overflow ? Number(minutes) : Number(first)
  const minute = overflow ? Number(seconds) : Number(minutes)
  const second = overflow ? 0 : Number(seconds)
  const ms = (((day * 24 + hour) * 60 + minute) * 60 + second) * 1000 + Number(`0.${fraction || '0'}`) * 1000
  return minus ? -ms : ms
}

/** Puts the values of settings in place of `%NAME%`. */
export function filled(text: string, settings: Settings): string {
  return text.replace(/%([^%]+)%/g, (_whole, name: string) => {
    const value = settingNamed(settings, name)
    if (value === undefined)
      throw new Error(`Setting "${name}", named in "${text}", is not set. Add it to local.settings.json.`)
    return value
  })
}

/** Setting names ignore case. */
export function settingNamed(settings: Settings, name: string): string | undefined {
  if (settings[name] !== undefined) return settings[name]
  const wanted = name.toLowerCase()
  return Object.entries(settings).find(([key]) => key.toLowerCase() === wanted)?.[1]
}

/** `AzureFunctionsJobHost__a__b` overrides the value at a.b of host.json. */
function overridden(
  file: Readonly<Record<string, unknown>>,
  settings: Settings,
): Readonly<Record<string, unknown>> {
  let result = file
  for (const [name, value] of Object.entries(settings)) {
    const [prefix, ...path] = name.split('__')
    if (prefix?.toLowerCase() === 'azurefunctionsjobhost' && path.length)
      result = withValue(result, path, value)
  }
  return result
}

function withValue(
  object: Readonly<Record<string, unknown>>,
  [first = '', ...rest]: readonly string[],
  value: string,
): Readonly<Record<string, unknown>> {
  const key = Object.keys(object).find((name) => name.toLowerCase() === first.toLowerCase()) ?? first
  const inner = object[key]
  return { ...object, [key]: rest.length ? withValue(isRecord(inner) ? inner : {}, rest, value) : value }
}

function at(
  value: Readonly<Record<string, unknown>>,
  ...path: readonly string[]
): Readonly<Record<string, unknown>> {
  let found = value
  for (const key of path) {
    const inner = found[key]
    if (!isRecord(inner)) return {}
    found = inner
  }
  return found
}

function readJson(path: string, need: 'optional' | 'required'): Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (need === 'optional') return {}
    throw new Error(`${path} cannot be read. A Functions app folder needs it, at least {"version":"2.0"}.`, {
      cause: error,
    })
  }
  const value = parsed(text.replace(/^\uFEFF/, ''), path)
  if (isRecord(value)) return value
  throw new Error(`${path} holds no JSON object.`)
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${path} is not valid JSON: ${error instanceof Error ? error.message : error}`)
  }
}

function texts(value: unknown): Settings {
  if (!isRecord(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, String(item)]))
}

/** Only non-empty variables of the environment win over local.settings.json. */
function definedTexts(env: NodeJS.ProcessEnv): Settings {
  const set: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value) set[name] = value
  return set
}
