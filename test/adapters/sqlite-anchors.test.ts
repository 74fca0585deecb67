import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { anchorsContract } from '../ports/anchors.contract.ts'

anchorsContract('SqliteAnchors', async () => new SqliteAnchors(':memory:'))

test('an anchor in the file can be neither changed nor taken away, by another program neither', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-anchors-'))
  try {
    const path = join(folder, 'anchors.db')
    const anchors = new SqliteAnchors(path)
    await anchors.keep({ chain: 'plan-1', number: 1, hash: 'a'.repeat(64), atMs: 1 })
    anchors.close()

    const other = new DatabaseSync(path)
    expect(() => other.exec("UPDATE anchors SET hash = 'b'")).toThrow('never changed')
    expect(() => other.exec('DELETE FROM anchors')).toThrow('never taken away')
    other.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
