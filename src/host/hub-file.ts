import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { checkHubFile } from './hub-check.ts'
import { HubRefused } from './hub-refused.ts'
import { applicationId, migrate } from './hub-schema.ts'
import { isRecord } from './typed-data.ts'

export interface HubFile {
  readonly database: DatabaseSync
  close(): void
}

/** Opens or creates a hub and holds it exclusively. A file that is not a sound hub is refused and left as it is. */
export function openHubFile(path: string): HubFile {
  if (path === 'memory') return memoryHub()
  const file = resolve(path)
  const lock = takeLock(file)
  try {
    checkHubFile(file)
    const database = openDatabase(file)
    writeFileSync(
      ownerPath(file),
      `${JSON.stringify({ pid: process.pid, since: new Date().toISOString() })}\n`,
    )
    return { database, close: () => closeAll(file, [database, lock]) }
  } catch (error) {
    closeAll(file, [lock])
    throw refusal(error, file)
  }
}

/** Copies a hub that no process uses; it is as it was, whatever becomes of the copy. */
export function copyHubFile(path: string, to: string): void {
  const file = resolve(path)
  const lock = takeLock(file)
  try {
    checkHubFile(file)
    copyFileSync(file, to)
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${to}-wal`)
  } catch (error) {
    throw refusal(error, file)
  } finally {
    lock.close()
  }
}

/** A hub that is gone once it is closed. */
export function memoryHub(): HubFile {
  const database = new DatabaseSync(':memory:')
  migrate(database)
  return { database, close: () => database.close() }
}

/** The lock is SQLite's own on a side file: it vanishes with a killed process and keeps a refused hub untouched. */
function takeLock(file: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    if (existsSync(file) && !statSync(file).isFile()) {
      throw new HubRefused(`The hub ${file} is not a file; give the path of a file.`)
    }
    mkdirSync(dirname(file), { recursive: true })
    lock = new DatabaseSync(`${file}-lock`, { timeout: 0 })
    lock.exec(`PRAGMA application_id = ${applicationId}; BEGIN EXCLUSIVE`)
    return lock
  } catch (error) {
    lock?.close()
    throw refusal(error, file)
  }
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // The first of these has to come before the journal mode, which writes the header of a new file.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL')
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec(
      'PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 67108864',
    )
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function closeAll(file: string, databases: readonly DatabaseSync[]): void {
  rmSync(ownerPath(file), { force: true })
  for (const database of databases) database.close()
}

function ownerPath(file: string): string {
  return `${file}-owner`
}

const reasons: ReadonlyMap<number, (file: string) => string> = new Map([
  [5, (file) => `The hub ${file} is in use by ${owner(file)}; stop it first or choose another hub.`],
  [8, (file) => `The hub ${file} cannot be written; check its permissions.`],
  [11, (file) => `The hub ${file} is corrupt and was left as it is; restore a copy or choose another path.`],
  [
    13,
    (file) =>
      `The disk of the hub ${file} is full; free some space and start again, nothing committed is lost.`,
  ],
  [14, (file) => `The hub ${file} cannot be opened; check the path and its permissions.`],
  [26, (file) => `The file ${file} is not a hub of this host and was left as it is; choose another path.`],
])

/** Any error of opening or writing a hub as a refusal in one sentence. */
export function refusal(error: unknown, file: string): HubRefused {
  if (error instanceof HubRefused) return error
  const text = error instanceof Error ? error.message : String(error)
  const code = isCoded(error) ? error.errcode & 0xff : 0
  const known = reasons.get(code)?.(file)
  return new HubRefused(known ?? `The hub ${file} cannot be used: ${text}.`, { cause: error })
}

function isCoded(error: unknown): error is { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

function owner(file: string): string {
  try {
    const held: unknown = JSON.parse(readFileSync(ownerPath(file), 'utf8'))
    if (isRecord(held)) return `process ${held.pid} (since ${held.since})`
  } catch {
    // The other process has not written its name yet.
  }
  return 'another process'
}
