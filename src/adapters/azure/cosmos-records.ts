import { randomUUID } from 'node:crypto'
import type { Container, FeedOptions, Item, SqlQuerySpec } from '@azure/cosmos'
import type { z } from 'zod'
import {
  COLLECTIONS,
  type Collection,
  type RecordOf,
  type Records,
  type Stored,
} from '../../ports/records.ts'
import {
  asked,
  CONFLICT,
  codeOf,
  isUnanswered,
  NOT_FOUND,
  PRECONDITION_FAILED,
  TRIES_MAX,
  written,
} from './cosmos-answers.ts'
import {
  type CosmosDocument,
  documentId,
  type Payloads,
  placed,
  StoredDocument,
  scopeOf,
} from './cosmos-document.ts'

const DAY_SECONDS = 86_400
/** What is only looked at for a while. Everything else stays: an auditor may ask for it years later. */
const KEPT_DAYS: Partial<Record<Collection, number>> = { scans: 90, notices: 90, answers: 7 }

type Schemas = { readonly [C in Collection]: z.ZodType<RecordOf<C>> }
const SCHEMAS: Schemas = COLLECTIONS

/**
 * Records as documents of Cosmos DB (NoSQL). The audit has a container of its own, since the app's identity may only add
 * to it. Every write is one document under one condition; reads need an account with strong consistency. A write whose
 * answer got lost, or that the SDK repeated by itself, is recognised by its own id. What is too large for a
 * document is kept as a payload. Throws `RecordTooLarge`.
 */
export class CosmosRecords implements Records {
  readonly #records: Container
  readonly #audit: Container

  readonly #payloads: Payloads | undefined

  constructor(containers: { readonly records: Container; readonly audit: Container }, payloads?: Payloads) {
    this.#records = containers.records
    this.#audit = containers.audit
    this.#payloads = payloads
  }

  async read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined> {
    const found = await this.#found(collection, id)
    return found && this.#stored(collection, found)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    const document = await this.#documentOf(collection, id, value)
    for (let attempt = 1; ; attempt += 1) {
      try {
        await written(() => this.#container(collection).items.create(document))
        return 'created'
      } catch (error) {
        const found = await this.#afterwards(collection, id, { error, refusedAs: CONFLICT })
        if (found) return found.writeId === document.writeId ? 'created' : 'exists'
        if (attempt === TRIES_MAX) throw error
      }
    }
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    const document = await this.#documentOf(collection, id, value)
    const accessCondition = { type: 'IfMatch', condition: etag }
    for (let attempt = 1; ; attempt += 1) {
      try {
        await written(() => this.#item(collection, id).replace(document, { accessCondition }))
        return 'replaced'
      } catch (error) {
        if (codeOf(error) === NOT_FOUND) return 'stale'
        const found = await this.#afterwards(collection, id, { error, refusedAs: PRECONDITION_FAILED })
        if (found?.writeId === document.writeId) return 'replaced'
        if (found && found._etag !== etag) return 'stale'
        // The version that was to be replaced still stands, so this write was never made.
        if (attempt === TRIES_MAX) throw error
      }
    }
  }

  async list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    if (query.limit <= 0) return []
    const { spec, options } = listing(collection, query)
    const pages = this.#container(collection).items.query<unknown>(spec, options)
    const documents: StoredDocument[] = []
    while (documents.length < query.limit && pages.hasMoreResults()) {
      const { resources } = await asked(() => pages.fetchNext())
      documents.push(...(resources ?? []).map((resource) => StoredDocument.parse(resource)))
    }
    return Promise.all(documents.slice(0, query.limit).map((document) => this.#stored(collection, document)))
  }

  /** What stands after a write that was refused as `refusedAs`, or whose outcome nobody knows; other errors are thrown on. */
  async #afterwards(
    collection: Collection,
    id: string,
    { error, refusedAs }: { readonly error: unknown; readonly refusedAs: number },
  ): Promise<StoredDocument | undefined> {
    const code = codeOf(error)
    if (code !== refusedAs && !isUnanswered(code)) throw error
    return this.#found(collection, id)
  }

  async #found(collection: Collection, id: string): Promise<StoredDocument | undefined> {
    const { resource } = await asked(() => this.#item(collection, id).read<object>())
    return resource === undefined ? undefined : StoredDocument.parse(resource)
  }

  async #documentOf<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<CosmosDocument> {
    const days = KEPT_DAYS[collection]
    const parsed = SCHEMAS[collection].parse(value)
    return {
      ...{ id: documentId(id), collection, scope: scopeOf(id), key: id, writeId: randomUUID() },
      ...(await placed({ collection, key: id }, parsed, this.#payloads)),
      ...(days === undefined ? {} : { ttl: days * DAY_SECONDS }),
    }
  }

  async #stored<C extends Collection>(
    collection: C,
    { key, value, payload, _etag }: StoredDocument,
  ): Promise<Stored<RecordOf<C>>> {
    const parsed = SCHEMAS[collection].safeParse(payload === undefined ? value : await this.#payload(payload))
    if (parsed.success) return { id: key, value: parsed.data, etag: _etag }
    throw new Error(
      `the record ${collection} ${key} does not read back: ${parsed.error.message}; a newer version wrote it, or the document was changed by hand`,
    )
  }

  async #payload(name: string): Promise<unknown> {
    if (!this.#payloads)
      throw new Error(`a record refers to the payload ${name}; set where payloads are kept`)
    return JSON.parse(await this.#payloads.read(name))
  }

  #item(collection: Collection, id: string): Item {
    return this.#container(collection).item(documentId(id), [collection, scopeOf(id)])
  }

  #container(collection: Collection): Container {
    return collection === 'audit' ? this.#audit : this.#records
  }
}

/** A prefix that names its first part whole is asked of one partition, any other of all that hold the collection. */
function listing(
  collection: Collection,
  {
    prefix = '',
    after = '',
    limit,
  }: { readonly prefix?: string; readonly after?: string; readonly limit: number },
): { readonly spec: SqlQuerySpec; readonly options: FeedOptions } {
  const isOfOne = prefix.includes('/')
  return {
    spec: {
      query:
        'SELECT * FROM c WHERE c.collection = @collection AND STARTSWITH(c.key, @prefix) AND c.key > @after ORDER BY c.key',
      parameters: [
        { name: '@collection', value: collection },
        { name: '@prefix', value: prefix },
        { name: '@after', value: after },
      ],
    },
    options: {
      maxItemCount: Math.min(limit, 1000),
      ...(isOfOne ? { partitionKey: [collection, scopeOf(prefix)] } : {}),
    },
  }
}
