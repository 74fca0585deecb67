import type { DatabaseSync } from 'node:sqlite'
import { HubRefused } from './hub-refused.ts'

/** 'RSTH' in the file's header says that a SQLite file is a hub of this host. */
export const applicationId = 0x52535448

/** One entry takes a hub from schema version i to i + 1; entries are only ever added. */
export const migrations: readonly string[] = [
  `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE instances (
     id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
     input TEXT, output TEXT, custom_status TEXT, parent TEXT,
     created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL
   );
   CREATE INDEX instances_by_status ON instances (status, id);
   CREATE TABLE history (
     instance_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, seq)
   ) WITHOUT ROWID;
   CREATE TABLE inbox (
     id INTEGER PRIMARY KEY, instance_id TEXT NOT NULL, execution_id TEXT, event TEXT NOT NULL
   );
   CREATE INDEX inbox_by_instance ON inbox (instance_id);
   CREATE TABLE tasks (
     instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, task_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT,
     PRIMARY KEY (instance_id, execution_id, task_id)
   ) WITHOUT ROWID;
   CREATE TABLE timers (
     due_ms INTEGER NOT NULL, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL, task_id INTEGER NOT NULL,
     created TEXT NOT NULL, PRIMARY KEY (instance_id, execution_id, task_id)
   ) WITHOUT ROWID;
   CREATE INDEX timers_by_due ON timers (due_ms, instance_id, task_id);
   CREATE TABLE schedules (
     function TEXT PRIMARY KEY, schedule TEXT NOT NULL, last_ms INTEGER, next_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL
   ) WITHOUT ROWID;`,
  // A row of the history holds all events of an episode from here on; rows of one event each stay as they are.
  'SELECT 1',
]

/** The version of a hub's schema, 0 for a new hub; one that this host does not know is refused. */
export function schemaVersion(database: DatabaseSync, steps: readonly string[] = migrations): number {
  const found = Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0)
  if (found <= steps.length) return found
  throw new HubRefused(
    `The hub has schema version ${found}, this host knows versions up to ${steps.length}, and it was left as it is; use a newer version of the host.`,
  )
}

/** Brings a new or older hub to the schema of this host, in one transaction. */
export function migrate(database: DatabaseSync, steps: readonly string[] = migrations): void {
  const found = schemaVersion(database, steps)
  if (found === steps.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    for (const step of steps.slice(found)) database.exec(step)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}; COMMIT`)
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
