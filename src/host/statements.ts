import type { DatabaseSync, StatementSync } from 'node:sqlite'

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>()

/** A statement of a database, prepared once, also for a host that starts anew over a hub which stayed open. */
export function statementOf(database: DatabaseSync, sql: string): StatementSync {
  const all = prepared.get(database) ?? new Map<string, StatementSync>()
  prepared.set(database, all)
  const statement = all.get(sql) ?? database.prepare(sql)
  all.set(sql, statement)
  return statement
}
