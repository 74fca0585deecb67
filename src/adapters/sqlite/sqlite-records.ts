import type { DatabaseSync } from 'node:sqlite'
import type { z } from 'zod'
import {
  COLLECTIONS,
  type Collection,
  type RecordOf,
  type Records,
  type Stored,
} from '../../ports/records.ts'
import { type DatabaseKind, openDatabase, refusing } from './open-database.ts'

const KIND: DatabaseKind = {
  application: 0x52_53_72_31,
  use: 'shared',
  holds: "Restamp's records",
  schema: `CREATE TABLE IF NOT EXISTS records (
    collection TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (collection, id)
  ) STRICT`,
}

/** Sorts behind every id with the prefix: ids are compared by code point. */
const LAST_CHARACTER = '\u{10ffff}'

type Schemas = { readonly [C in Collection]: z.ZodType<RecordOf<C>> }
const SCHEMAS: Schemas = COLLECTIONS

/** Records as JSON documents in one SQLite file; throws `DatabaseRefused` when the file can't be used. */
export class SqliteRecords implements Records {
  readonly #path: string
  readonly #database: DatabaseSync

  constructor(database: string) {
    this.#path = database
    this.#database = openDatabase(database, KIND)
  }

  async read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined> {
    const row = this.#run((database) =>
      database
        .prepare('SELECT id, version, value FROM records WHERE collection = ? AND id = ?')
        .get(collection, id),
    )
    return row === undefined ? undefined : stored(collection, row)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    const text = JSON.stringify(SCHEMAS[collection].parse(value))
    const { changes } = this.#run((database) =>
      database
        .prepare('INSERT INTO records VALUES (?, ?, 1, ?) ON CONFLICT (collection, id) DO NOTHING')
        .run(collection, id, text),
    )
    return changes === 1 ? 'created' : 'exists'
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    const text = JSON.stringify(SCHEMAS[collection].parse(value))
    const { changes } = this.#run((database) =>
      database
        .prepare(
          `UPDATE records SET value = ?, version = version + 1
           WHERE collection = ? AND id = ? AND CAST(version AS TEXT) = ?`,
        )
        .run(text, collection, id, etag),
    )
    return changes === 1 ? 'replaced' : 'stale'
  }

  async list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    const prefix = query.prefix ?? ''
    const rows = this.#run((database) =>
      database
        .prepare(
          `SELECT id, version, value FROM records
           WHERE collection = ? AND id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?`,
        )
        .all(collection, prefix, prefix + LAST_CHARACTER, query.after ?? '', Math.max(0, query.limit)),
    )
    return rows.map((row) => stored(collection, row))
  }

  close(): void {
    this.#database.close()
  }

  #run<T>(work: (database: DatabaseSync) => T): T {
    return refusing(this.#path, KIND, () => work(this.#database))
  }
}

function stored<C extends Collection>(
  collection: C,
  row: Readonly<Record<string, unknown>>,
): Stored<RecordOf<C>> {
  const parsed = SCHEMAS[collection].safeParse(JSON.parse(String(row.value)))
  if (!parsed.success) {
    throw new Error(
      `the record ${collection} ${String(row.id)} does not read back: ${parsed.error.message}; a newer version wrote it, or the file was changed by hand`,
    )
  }
  return { id: String(row.id), value: parsed.data, etag: String(row.version) }
}
