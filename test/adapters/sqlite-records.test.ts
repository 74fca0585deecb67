import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DatabaseRefused } from '../../src/adapters/sqlite/open-database.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { PlanId } from '../../src/domain/ids.ts'
import { recordsContract } from '../ports/records.contract.ts'

recordsContract('SqliteRecords', async () => new SqliteRecords(':memory:'))

describe('the file of the records', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'restamp-records-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('keeps what was written for the next process', async () => {
    const path = join(folder, 'records.sqlite')
    const value = { planId: PlanId.parse('plan-1'), hold: null, rollback: null, abort: null }
    const first = new SqliteRecords(path)
    await first.create('controls', 'plan-1', value)
    first.close()

    const second = new SqliteRecords(path)
    expect((await second.read('controls', 'plan-1'))?.value).toEqual(value)
    second.close()
  })

  it('hands out what it has parsed as long as nobody wrote, and nobody may change it in place', async () => {
    const path = join(folder, 'records.sqlite')
    const value = { planId: PlanId.parse('plan-1'), hold: null, rollback: null, abort: null }
    const one = new SqliteRecords(path)
    const other = new SqliteRecords(path)
    await one.create('controls', 'plan-1', value)
    const read = await one.read('controls', 'plan-1')
    const [listed] = await one.list('controls', { limit: 1 })

    expect(listed?.value).toBe(read?.value)
    expect(Object.isFrozen(read?.value)).toBe(true)
    const hold = { by: 'operator', atMs: 1, reason: 'a look first' }
    await other.replace('controls', 'plan-1', { ...value, hold }, read?.etag ?? '')
    expect((await one.read('controls', 'plan-1'))?.value.hold).toEqual(hold)
    one.close()
    other.close()
  })

  it('is refused in one sentence when it is no database', () => {
    const path = join(folder, 'notes.txt')
    writeFileSync(path, 'these are notes, and there are more than a hundred bytes of them; '.repeat(20))

    expect(() => new SqliteRecords(path)).toThrow(/notes\.txt .* is no SQLite database/)
  })

  it("is refused when it is another program's database", () => {
    const path = join(folder, 'other.sqlite')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE theirs (id INTEGER)')
    other.close()

    expect(() => new SqliteRecords(path)).toThrow(/another program's database/)
  })

  it('is refused when its folder is not there', () => {
    const inNoFolder = () => new SqliteRecords(join(folder, 'none', 'records.sqlite'))
    expect(inNoFolder).toThrow(DatabaseRefused)
    expect(inNoFolder).toThrow(/can not be opened/)
  })

  it.skipIf(process.getuid?.() === 0)('is refused when it may not be written', () => {
    const path = join(folder, 'records.sqlite')
    new SqliteRecords(path).close()
    chmodSync(path, 0o444)

    expect(() => new SqliteRecords(path)).toThrow(/can not be written/)
  })
})
