import type { HistoryEvent } from './history.ts'
import type { TaskRow } from './hub-store.ts'

/** Where a commit comes from; fault injection names these points. */
export type CommitPoint = 'start' | 'event' | 'control' | 'episode' | 'purge' | 'schedule' | 'clock'

/** An overtaken message waits until another has reached its instance; one that is lost comes again after a restart. */
export type Delivery = 'now' | 'late' | 'overtaken' | 'twice' | 'lost'

/** Where a test may disturb a host. The host runs the same code with and without. */
export interface FaultPoints {
  /** May throw, which ends the host as a crash would: before a batch is committed, or just after. */
  commit?(phase: 'before' | 'after', points: readonly CommitPoint[]): void
  deliver?(event: HistoryEvent): Delivery
  /** A message that was to be overtaken really was. */
  overtook?(): void
  /** Whether the result of an activity that ran is lost, so that it runs again. */
  loseResult?(task: TaskRow): boolean
  /** By how much the wall clock jumps just now, back if negative; asked at each look at a clock that runs. */
  wallJumpMs?(): number
}
