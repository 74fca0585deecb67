import { z } from 'zod'

/** Cosmos DB takes no larger document. */
const BYTES_MAX = 2 * 1024 * 1024

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
  readonly value: object
  /** Seconds after the last write at which the database drops it. */
  readonly ttl?: number
}

/** A document as it is read, with its version. */
export const StoredDocument = z.object({
  key: z.string(),
  writeId: z.string(),
  value: z.unknown(),
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

/** Throws `RecordTooLarge`: what is cut off would be missed later. */
export function checkSize(document: CosmosDocument): CosmosDocument {
  const bytes = Buffer.byteLength(JSON.stringify(document))
  if (bytes <= BYTES_MAX) return document
  throw new RecordTooLarge(
    `the record ${document.collection} ${document.key} has ${bytes} bytes, and Cosmos DB takes ${BYTES_MAX}; make the plan smaller`,
  )
}

export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge'
}
