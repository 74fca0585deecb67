import type { DatabaseSync } from 'node:sqlite'
import { statementOf } from './statements.ts'

export interface TimerRow {
  readonly dueMs: number
  readonly instanceId: string
  readonly executionId: string
  readonly taskId: number
  readonly created: string
}

/** The timers of a hub. Which one is the first is remembered, since a host asks again and again whether any is due. */
export class HubTimers {
  readonly #database: DatabaseSync
  /** Virtual time in ms; infinite where there is none, undefined while it is not known. */
  #firstMs: number | undefined

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  put({ dueMs, instanceId, executionId, taskId, created }: TimerRow): void {
    if (this.#firstMs !== undefined) this.#firstMs = Math.min(this.#firstMs, dueMs)
    const sql = 'INSERT INTO timers VALUES (?, ?, ?, ?, ?)'
    statementOf(this.#database, sql).run(dueMs, instanceId, executionId, taskId, created)
  }

  drop({ instanceId, executionId, taskId }: Omit<TimerRow, 'dueMs' | 'created'>): void {
    this.#firstMs = undefined
    const sql = 'DELETE FROM timers WHERE instance_id = ? AND execution_id = ? AND task_id = ?'
    statementOf(this.#database, sql).run(instanceId, executionId, taskId)
  }

  dropOf(instanceId: string): void {
    this.#firstMs = undefined
    statementOf(this.#database, 'DELETE FROM timers WHERE instance_id = ?').run(instanceId)
  }

  /** What was written has been taken back. */
  forget(): void {
    this.#firstMs = undefined
  }

  /** Timers that are due, in the order in which they fire: by due time, then instance, then task id. */
  due(nowMs: number, max: number): TimerRow[] {
    if (this.#first() > nowMs) return []
    return statementOf(
      this.#database,
      'SELECT * FROM timers WHERE due_ms <= ? ORDER BY due_ms, instance_id, task_id LIMIT ?',
    )
      .all(nowMs, max)
      .map((row) => ({
        dueMs: Number(row.due_ms),
        instanceId: String(row.instance_id),
        executionId: String(row.execution_id),
        taskId: Number(row.task_id),
        created: String(row.created),
      }))
  }

  /** When the next timer after `nowMs` is due. */
  nextMs(nowMs: number): number | undefined {
    const first = this.#first()
    if (first > nowMs) return Number.isFinite(first) ? first : undefined
    const sql = 'SELECT due_ms FROM timers WHERE due_ms > ? ORDER BY due_ms LIMIT 1'
    const row = statementOf(this.#database, sql).get(nowMs)
    return row && Number(row.due_ms)
  }

  #first(): number {
    this.#firstMs ??= Number(
      statementOf(this.#database, 'SELECT min(due_ms) AS first FROM timers').get()?.first ??
        Number.POSITIVE_INFINITY,
    )
    return this.#firstMs
  }
}
