import type { HistoryEvent } from './history.ts'
import type { TaskRow } from './hub-store.ts'

/** Where a commit comes from; fault injection names these points. */
export type CommitPoint = 'start' | 'event' | 'control' | 'episode' | 'purge' | 'schedule' | 'clock'

export type Delivery = 'now' | 'late' | 'twice' | 'lost'

/** Where a test may disturb a host. The host runs the same code with and without. */
export interface FaultPoints {
  /** May throw, which ends the host as a crash would: before a batch is committed, or just after. */
  commit?(phase: 'before' | 'after', points: readonly CommitPoint[]): void
  /** How a message reaches its instance; a lost one comes again only after a restart. */
  deliver?(event: HistoryEvent): Delivery
  /** Whether the result of an activity that ran is lost, so that it runs again. */
  loseResult?(task: TaskRow): boolean
}
