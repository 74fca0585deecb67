import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type HistoryEvent, type ParentInstance, type StatusName, statusNames } from './history.ts'
import { HubTimers } from './hub-timers.ts'
import { statementOf } from './statements.ts'

/** The row of one orchestration instance. */
export interface InstanceRow {
  readonly id: string
  readonly executionId: string
  readonly name: string
  readonly version: string | null
  readonly status: StatusName
  /** JSON text, or plain text for failure and termination texts. */
  readonly input: string | null
  readonly output: string | null
  readonly customStatus: string | null
  readonly parent: ParentInstance | null
  readonly createdMs: number
  readonly updatedMs: number
}

export interface InboxRow {
  readonly id: number
  readonly instanceId: string
  readonly executionId: string | null
  readonly event: HistoryEvent
}

export interface TaskRow {
  readonly instanceId: string
  readonly executionId: string
  readonly taskId: number
  readonly name: string
  readonly input: string | null
}

type TaskKey = Pick<TaskRow, 'instanceId' | 'executionId' | 'taskId'>

export interface ScheduleRow {
  readonly schedule: string
  readonly lastMs: number | null
  readonly nextMs: number
  readonly updatedMs: number
}

type Row = Readonly<Record<string, unknown>>

/** The hub's tables behind prepared statements. Only `Commits` calls the methods that write. */
export class HubStore {
  readonly timers: HubTimers
  readonly #database: DatabaseSync
  #nextInboxId: number

  constructor(database: DatabaseSync) {
    this.#database = database
    this.timers = new HubTimers(database)
    this.#nextInboxId = Number(this.#one('SELECT max(id) AS top FROM inbox')?.top ?? 0) + 1
  }

  transaction(work: () => void): void {
    this.#run('BEGIN IMMEDIATE')
    try {
      work()
      this.#run('COMMIT')
    } catch (error) {
      this.timers.forget()
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Gives some freed pages back to the file system, at the end the log's as well; says whether there are more. */
  shrink(): boolean {
    this.#database.exec('PRAGMA incremental_vacuum(2000)')
    const isMore = Number(this.#one('PRAGMA freelist_count')?.freelist_count) > 0
    if (!isMore) this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    return isMore
  }

  meta(name: string): string | undefined {
    return text(this.#one('SELECT value FROM meta WHERE name = ?', name)?.value) ?? undefined
  }

  setMeta(name: string, value: string): void {
    this.#run('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', name, value)
  }

  instance(id: string): InstanceRow | undefined {
    const row = this.#one('SELECT * FROM instances WHERE id = ?', id)
    return row && instanceRow(row)
  }

  /** Instances in the order of their ids, from `fromId` on, read page by page so that writes may come between. */
  *instances(fromId: string): Generator<InstanceRow> {
    const page = this.#statement('SELECT * FROM instances WHERE id >= ? ORDER BY id LIMIT 500')
    for (let from: string | undefined = fromId; from !== undefined; ) {
      const rows: InstanceRow[] = page.all(from).map(instanceRow)
      yield* rows
      const last = rows.length === 500 ? rows.at(-1) : undefined
      from = last && `${last.id}\u0000`
    }
  }

  putInstance(row: InstanceRow): void {
    this.#run(
      'INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      row.id,
      row.executionId,
      row.name,
      row.version,
      row.status,
      row.input,
      row.output,
      row.customStatus,
      row.parent && JSON.stringify(row.parent),
      row.createdMs,
      row.updatedMs,
    )
  }

  /** What an episode may change of an instance that is there. */
  updateInstance(row: InstanceRow): void {
    const { executionId, status, input, output, customStatus, createdMs, updatedMs, id } = row
    this.#run(
      'UPDATE instances SET execution_id = ?, status = ?, input = ?, output = ?, custom_status = ?, created_ms = ?, updated_ms = ? WHERE id = ?',
      ...[executionId, status, input, output, customStatus, createdMs, updatedMs, id],
    )
  }

  /** An instance's history: the JSON of its events, joined by commas. */
  history(instanceId: string): string {
    return this.#statement('SELECT event FROM history WHERE instance_id = ? ORDER BY seq')
      .all(instanceId)
      .map(({ event }) => String(event))
      .join(',')
  }

  /** Appends the events of one episode, joined by commas; `seq` is the number of events before them. */
  appendHistory(instanceId: string, seq: number, events: string): void {
    this.#run('INSERT INTO history VALUES (?, ?, ?)', instanceId, seq, events)
  }

  dropHistory(instanceId: string): void {
    this.#run('DELETE FROM history WHERE instance_id = ?', instanceId)
  }

  dropInstance(instanceId: string): void {
    this.dropHistory(instanceId)
    this.timers.dropOf(instanceId)
    for (const table of ['instances WHERE id', 'inbox WHERE instance_id', 'tasks WHERE instance_id']) {
      this.#run(`DELETE FROM ${table} = ?`, instanceId)
    }
  }

  newInboxId(): number {
    return this.#nextInboxId++
  }

  putInbox({ id, instanceId, executionId, event }: InboxRow): void {
    this.#run('INSERT INTO inbox VALUES (?, ?, ?, ?)', id, instanceId, executionId, JSON.stringify(event))
  }

  dropInbox(id: number): void {
    this.#run('DELETE FROM inbox WHERE id = ?', id)
  }

  inbox(): InboxRow[] {
    return this.#statement('SELECT * FROM inbox ORDER BY id')
      .all()
      .map((row) => ({
        id: Number(row.id),
        instanceId: String(row.instance_id),
        executionId: text(row.execution_id),
        event: JSON.parse(String(row.event)),
      }))
  }

  /** An orchestrator that decides otherwise may schedule another under the id of one that still runs. */
  putTask({ instanceId, executionId, taskId, name, input }: TaskRow): void {
    const sql = 'INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?)'
    this.#run(sql, instanceId, executionId, taskId, name, input)
  }

  dropTask({ instanceId, executionId, taskId }: TaskKey): void {
    const sql = 'DELETE FROM tasks WHERE instance_id = ? AND execution_id = ? AND task_id = ?'
    this.#run(sql, instanceId, executionId, taskId)
  }

  tasks(): TaskRow[] {
    return this.#statement('SELECT * FROM tasks')
      .all()
      .map((row) => ({
        instanceId: String(row.instance_id),
        executionId: String(row.execution_id),
        taskId: Number(row.task_id),
        name: String(row.name),
        input: text(row.input),
      }))
  }

  schedule(name: string): ScheduleRow | undefined {
    const row = this.#one('SELECT * FROM schedules WHERE function = ?', name)
    if (!row) return undefined
    return {
      schedule: String(row.schedule),
      lastMs: row.last_ms === null ? null : Number(row.last_ms),
      nextMs: Number(row.next_ms),
      updatedMs: Number(row.updated_ms),
    }
  }

  putSchedule(name: string, { schedule, lastMs, nextMs, updatedMs }: ScheduleRow): void {
    this.#run(
      'INSERT OR REPLACE INTO schedules VALUES (?, ?, ?, ?, ?)',
      name,
      schedule,
      lastMs,
      nextMs,
      updatedMs,
    )
  }

  #one(sql: string, ...values: (string | number)[]): Row | undefined {
    return this.#statement(sql).get(...values)
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    this.#statement(sql).run(...values)
  }

  #statement(sql: string): StatementSync {
    return statementOf(this.#database, sql)
  }
}

function instanceRow(row: Row): InstanceRow {
  const found = String(row.status)
  const status = statusNames.find((name) => name === found)
  if (!status) throw new Error(`Instance ${row.id} has the unknown status ${found} in the hub.`)
  return {
    id: String(row.id),
    executionId: String(row.execution_id),
    name: String(row.name),
    version: text(row.version),
    status,
    input: text(row.input),
    output: text(row.output),
    customStatus: text(row.custom_status),
    parent: row.parent === null ? null : JSON.parse(String(row.parent)),
    createdMs: Number(row.created_ms),
    updatedMs: Number(row.updated_ms),
  }
}

function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
