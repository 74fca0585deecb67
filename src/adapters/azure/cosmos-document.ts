import { z } from 'zod'

/** Cosmos DB takes no larger document. */
const BYTES_MAX = 2 * 1024 * 1024
/** A value that is larger goes to where payloads are kept: large documents make each write and query dear. */
const INLINE_BYTES_MAX = 512 * 1024

/** Where values are kept that are too large for a document, by name. */
export interface Payloads {
  keep(text: string): Promise<string>
  read(name: string): Promise<string>
}

/**
 * A record as a document. Its partition is the collection and the first part of its id, so that all of a plan lies
 * together and is read without asking other partitions. `writeId` tells whether a write that got no answer was ours.
 */
export interface CosmosDocument {
  readonly id: string
  readonly collection: string
  readonly scope: string
  readonly key: string
  readonly writeId: string
  /** Null where it is kept as a payload. */
  readonly value: object | null
  readonly payload?: string
  /** Seconds after the last write at which the database drops it. */
  readonly ttl?: number
}

/** A document as it is read, with its version. */
export const StoredDocument = z.object({
  key: z.string(),
  writeId: z.string(),
  value: z.unknown(),
  payload: z.string().optional(),
  _etag: z.string(),
})
export type StoredDocument = z.infer<typeof StoredDocument>

/** The key path of both containers. */
export const PARTITION_PATHS = ['/collection', '/scope']

/** The part of an id up to its first slash. */
export function scopeOf(key: string): string {
  const end = key.indexOf('/')
  return end === -1 ? key : key.slice(0, end)
}

/** Cosmos DB forbids `/ \ ? #` in ids: they are written as `~2F` and so on, as is `~` itself. */
export function documentId(key: string): string {
  return encodeURIComponent(key).replaceAll('~', '%7E').replaceAll('%', '~')
}

/** The value in the document, or its payload's name where it is too large. Throws `RecordTooLarge` where nothing keeps payloads. */
export async function placed(
  { collection, key }: Pick<CosmosDocument, 'collection' | 'key'>,
  value: object,
  payloads: Payloads | undefined,
): Promise<Pick<CosmosDocument, 'value' | 'payload'>> {
  const text = JSON.stringify(value)
  const bytes = Buffer.byteLength(text)
  if (payloads && bytes > INLINE_BYTES_MAX) return { value: null, payload: await payloads.keep(text) }
  // Around the value there is little more than its key.
  if (bytes + 4 * key.length + 1024 <= BYTES_MAX) return { value }
  throw new RecordTooLarge(
    `the record ${collection} ${key} has ${bytes} bytes, and Cosmos DB takes ${BYTES_MAX}; set where payloads are kept, or make the plan smaller`,
  )
}

export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge'
}
