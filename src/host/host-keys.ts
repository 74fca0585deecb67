import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type HostRequest, queryValue } from './http-exchange.ts'
import type { HubStore } from './hub-store.ts'
import { isRecord } from './typed-data.ts'

/** The keys of one hub: they stay the same over restarts, so links that were handed out go on working. */
export interface HostKeys {
  readonly master: string
  readonly function: string
  /** The `durabletask_extension` system key. */
  readonly system: string
}

export function hostKeys(store: HubStore): HostKeys {
  const kept: unknown = JSON.parse(store.meta('keys') ?? 'null')
  if (isRecord(kept))
    return { master: String(kept.master), function: String(kept.function), system: String(kept.system) }
  const keys = { master: newKey(), function: newKey(), system: newKey() }
  store.transaction(() => store.setMeta('keys', JSON.stringify(keys)))
  return keys
}

function newKey(): string {
  return randomBytes(32).toString('hex')
}

export type AuthLevel = 'anonymous' | 'function' | 'admin' | 'system'

/** Whether a request carries a key that is good for the level, as `code` or in `x-functions-key`. */
export function isAllowed(request: HostRequest, level: AuthLevel, keys: HostKeys): boolean {
  if (level === 'anonymous') return true
  const given = request.headers['x-functions-key'] ?? queryValue(request.url, 'code')
  if (given === undefined) return false
  if (level === 'system') return isSame(given, keys.system) || isSame(given, keys.master)
  if (level === 'admin') return isSame(given, keys.master)
  return isSame(given, keys.function) || isSame(given, keys.master)
}

function isSame(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)]
  return a.length === b.length && timingSafeEqual(a, b)
}
