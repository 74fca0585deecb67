/** The value forms that cross between a host and the Node worker (the RPC `TypedData`, without collections). */
export interface TypedData {
  readonly string?: string
  readonly json?: string
  readonly bytes?: Uint8Array
  readonly int?: number
  readonly double?: number
  readonly http?: HttpData
}

type NamedValues = Readonly<Record<string, string>>

export interface HttpData {
  readonly method?: string
  readonly url?: string
  readonly headers?: NamedValues
  readonly query?: NamedValues
  readonly params?: NamedValues
  readonly statusCode?: string
  readonly enableContentNegotiation?: boolean
  readonly cookies?: readonly HttpCookie[]
  readonly body?: TypedData
}

/** A nullable of the RPC contract: the value sits in a wrapper, an absent wrapper means null. */
interface Wrapped<T> {
  readonly value?: T
}

export interface HttpCookie {
  readonly name?: string
  readonly value?: string
  readonly domain?: Wrapped<string>
  readonly path?: Wrapped<string>
  readonly expires?: Wrapped<unknown>
  readonly secure?: Wrapped<boolean>
  readonly httpOnly?: Wrapped<boolean>
  readonly sameSite?: string | number
  readonly maxAge?: Wrapped<number>
}

/** An activity's input as the real host sends it: booleans become the words True and False. */
export function activityInput(input: unknown): TypedData {
  if (input === undefined || input === null) return {}
  if (typeof input === 'string') return { string: input }
  if (typeof input === 'boolean') return { string: input ? 'True' : 'False' }
  return { string: JSON.stringify(input) }
}

/**
 * Json.NET takes `$type` and `$id` at the front of an object for its own and drops them, also where they are data,
 * and takes `$values` behind them for the whole value.
 */
export function withoutTypeNames(value: unknown): unknown {
  if (!isRecord(value)) return value
  const entries = Object.entries(value)
  const first = entries.findIndex(([key]) => key !== '$type' && key !== '$id')
  const [name, whole] = entries[first] ?? []
  if (name === '$values' && Array.isArray(whole)) return whole
  return first === 0 ? value : Object.fromEntries(first < 0 ? [] : entries.slice(first))
}

/** An activity's return value as the JSON text that history keeps, or null for nothing. */
export function activityResult(data: unknown): string | null {
  if (!isRecord(data)) return null
  if (typeof data.string === 'string') return JSON.stringify(data.string)
  if (typeof data.json === 'string') return jsonResult(data.json)
  if (data.bytes instanceof Uint8Array) return JSON.stringify(Buffer.from(data.bytes).toString('base64'))
  if (typeof data.int === 'number') return int64(data.int)
  if (typeof data.double === 'number')
    return Number.isFinite(data.double) ? String(data.double) : `"${data.double}"`
  return null
}

function jsonResult(text: string): string {
  return text.startsWith('{"$') ? JSON.stringify(withoutTypeNames(JSON.parse(text))) : text
}

/** Integers travel as 64 bits: what does not fit wraps around, as in the real host. */
function int64(value: number): string {
  return BigInt.asIntN(64, BigInt(value)).toString()
}

/** A value as JSON text, or null for none. */
export function jsonText(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
