import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { HubRefused } from './hub-refused.ts'
import { applicationId, schemaVersion } from './hub-schema.ts'

const headerBytes = 100

/** Refuses a file that is no sound hub without writing a byte to it; a missing or empty file may become a hub. */
export function checkHubFile(file: string): void {
  if (!existsSync(file)) return
  const header = readHeader(file)
  if (header.length === 0) return
  const found = header.length === headerBytes ? header.readUInt32BE(68) : 0
  const isSqlite = header.toString('latin1', 0, 15) === 'SQLite format 3'
  // A hub killed while it was being made has its identity in the log only, and no application id in the header yet.
  const unfinished = isSqlite && found === 0 && hasLog(file)
  if (!isSqlite || (found !== applicationId && !unfinished)) {
    throw new HubRefused(
      `The file ${file} is not a hub of this host and was left as it is; choose another path.`,
    )
  }
  const problem = hasLog(file) ? problemOfCopy(file) : problemOf(`${pathToFileURL(file)}?immutable=1`)
  if (problem === undefined) return
  throw new HubRefused(
    `The hub ${file} is corrupt (${problem}) and was left as it is; restore a copy or choose another path.`,
  )
}

function hasLog(file: string): boolean {
  return existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0
}

function readHeader(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const header = Buffer.alloc(headerBytes)
    return header.subarray(0, readSync(descriptor, header, 0, headerBytes, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** After a kill the log is part of the hub, and SQLite would write the file just by opening it. So it opens a copy. */
function problemOfCopy(file: string): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'hub-check-'))
  try {
    const copy = join(dir, 'hub')
    copyFileSync(file, copy)
    copyFileSync(`${file}-wal`, `${copy}-wal`)
    return problemOf(copy)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function problemOf(location: string): string | undefined {
  try {
    const database = new DatabaseSync(location, { readOnly: location.startsWith('file:') })
    try {
      const found = String(database.prepare('PRAGMA quick_check(1)').get()?.quick_check)
      if (found !== 'ok') return found.replaceAll('\n', ' ')
      schemaVersion(database)
      return undefined
    } finally {
      database.close()
    }
  } catch (error) {
    if (error instanceof HubRefused) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
