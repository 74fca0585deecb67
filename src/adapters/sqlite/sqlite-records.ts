import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { z } from 'zod'
import {
  COLLECTIONS,
  type Collection,
  type RecordOf,
  type Records,
  type Stored,
} from '../../ports/records.ts'
import { type DatabaseKind, openDatabase, refusing } from './open-database.ts'
import { ParsedRecords } from './parsed-records.ts'

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

const SQL = {
  read: 'SELECT id, version, value FROM records WHERE collection = ? AND id = ?',
  create: 'INSERT INTO records VALUES (?, ?, 1, ?) ON CONFLICT (collection, id) DO NOTHING',
  replace: `UPDATE records SET value = ?, version = version + 1
    WHERE collection = ? AND id = ? AND CAST(version AS TEXT) = ?`,
  list: `SELECT id, version, value FROM records
    WHERE collection = ? AND id >= ? AND id < ? AND id > ? ORDER BY id LIMIT ?`,
}

type Schemas = { readonly [C in Collection]: z.ZodType<RecordOf<C>> }
const SCHEMAS: Schemas = COLLECTIONS

/** Records as JSON documents in one SQLite file; throws `DatabaseRefused` when the file can't be used. */
export class SqliteRecords implements Records {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<keyof typeof SQL, StatementSync>()
  readonly #parsed = new ParsedRecords()

  constructor(database: string) {
    this.#path = database
    this.#database = openDatabase(database, KIND)
  }

  async read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined> {
    const row = this.#run('read', (statement) => statement.get(collection, id))
    return row === undefined ? undefined : this.#stored(collection, row)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    const text = JSON.stringify(SCHEMAS[collection].parse(value))
    const { changes } = this.#run('create', (statement) => statement.run(collection, id, text))
    return changes === 1 ? 'created' : 'exists'
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    const text = JSON.stringify(SCHEMAS[collection].parse(value))
    const { changes } = this.#run('replace', (statement) => statement.run(text, collection, id, etag))
    return changes === 1 ? 'replaced' : 'stale'
  }

  async list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    const prefix = query.prefix ?? ''
    const limit = Math.max(0, query.limit)
    const rows = this.#run('list', (statement) =>
      statement.all(collection, prefix, prefix + LAST_CHARACTER, query.after ?? '', limit),
    )
    return rows.map((row) => this.#stored(collection, row))
  }

  close(): void {
    this.#database.close()
  }

  #run<T>(name: keyof typeof SQL, work: (statement: StatementSync) => T): T {
    return refusing(this.#path, KIND, () => work(this.#statement(name)))
  }

  #statement(name: keyof typeof SQL): StatementSync {
    const known = this.#statements.get(name)
    if (known) return known
    const statement = this.#database.prepare(SQL[name])
    this.#statements.set(name, statement)
    return statement
  }

  #stored<C extends Collection>(collection: C, row: Readonly<Record<string, unknown>>): Stored<RecordOf<C>> {
    const id = String(row.id)
    const text = String(row.value)
    const read = { id, version: Number(row.version), text }
    const value = this.#parsed.value(collection, read, () => parsed(collection, id, text))
    return { id, value, etag: String(row.version) }
  }
}

function parsed<C extends Collection>(collection: C, id: string, text: string): RecordOf<C> {
  const read = SCHEMAS[collection].safeParse(JSON.parse(text))
  if (read.success) return read.data
  throw new Error(
    `the record ${collection} ${id} does not read back: ${read.error.message}; a newer version wrote it, or the file was changed by hand`,
  )
}
