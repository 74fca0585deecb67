import type { DatabaseSync, StatementSync } from 'node:sqlite'

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>()

/** A statement of a database, prepared once, also for a host that starts anew over a hub which stayed open. */
export function statementOf(database: DatabaseSync, sql: string): StatementSync {
  let all = prepared.get(database)
  if (!all) {
    all = new Map()
    prepared.set(database, all)
  }
  let statement = all.get(sql)
  if (!statement) {
    statement = database.prepare(sql)
    all.set(sql, statement)
  }
  return statement
}
