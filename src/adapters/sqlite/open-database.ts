import { DatabaseSync } from 'node:sqlite'

/** How long a statement waits for another connection of ours before it gives up. */
const BUSY_TIMEOUT_MS = 2_000

/** SQLite's primary result codes (https://sqlite.org/rescode.html) that a person can do something about. */
const CODES: Readonly<Record<number, string>> = {
  5: 'is locked by another process; end that one, or name another file',
  6: 'is locked by another process; end that one, or name another file',
  8: 'can not be written; give this user write permission for the file and its folder, or name another file',
  10: 'could not be read or written (disk error); look after the disk, then start again',
  11: 'is damaged; move it away, or restore it from a copy',
  13: 'could not grow because the disk is full; free some space, then start again',
  14: 'can not be opened or created; check that its folder is there and may be written',
  26: 'is no SQLite database; move it away, or name another file',
}

/** A database file that can't be used; the message is one sentence that says what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

/** What a file is for: `application` is written into its header, so that one kind of file isn't taken for another. */
export interface DatabaseKind {
  readonly application: number
  readonly holds: string
  readonly schema: string
  /** Whether one connection keeps the file to itself: its owner remembers what it read. */
  readonly use: 'alone' | 'shared'
}

/** Opens or creates a database with WAL and full sync; throws `DatabaseRefused`. */
export function openDatabase(path: string, kind: DatabaseKind): DatabaseSync {
  return refusing(path, kind, () => {
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
    try {
      prepareDatabase(database, path, kind)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  })
}

/** Runs `work` and turns SQLite's refusals into `DatabaseRefused`; other errors pass. */
export function refusing<T>(path: string, kind: DatabaseKind, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = resultCode(error)
    const words = code === undefined ? undefined : CODES[code & 0xff]
    if (words === undefined) throw error
    throw new DatabaseRefused(`${path} (${kind.holds}) ${words}.`, { cause: error })
  }
}

function prepareDatabase(database: DatabaseSync, path: string, kind: DatabaseKind): void {
  const application = Number(database.prepare('PRAGMA application_id').get()?.application_id)
  if (application !== kind.application) {
    const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_master').get()?.n)
    if (application !== 0 || tables > 0) {
      throw new DatabaseRefused(
        `${path} is another program's database, expected ${kind.holds}; name another file.`,
      )
    }
  }
  if (kind.use === 'alone') database.exec('PRAGMA locking_mode = EXCLUSIVE')
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('BEGIN IMMEDIATE')
  database.exec(`${kind.schema}; PRAGMA application_id = ${kind.application}`)
  database.exec('COMMIT')
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}
