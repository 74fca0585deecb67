import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostConfig, hostConfig } from './host-config.ts'
import type { Settings } from './settings.ts'
import { isRecord } from './typed-data.ts'

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
  const localHost = isRecord(local.Host) ? local.Host : {}
  const port = typeof localHost.LocalHttpPort === 'number' ? localHost.LocalHttpPort : undefined
  return { settings, host: hostConfig(file, settings), port }
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
