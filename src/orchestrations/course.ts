import type { OrchestrationContext } from 'durable-functions'
import type { RunStatus } from '../domain/run.ts'
import type { Waiting, WaitingFor } from '../domain/waiting.ts'
import { type Orders, ReadOrders, RecordStatus } from '../messages/activities.ts'
import type { BatchOutline, Outline } from '../messages/outline.ts'
import { call, eventOrTimer, nowMs, type Steps, TIMER_MS_MAX } from './durable.ts'

/** One run under way. `tick` numbers its waits, so that no event's name is used twice. */
export interface Course {
  readonly context: OrchestrationContext
  readonly outline: Outline
  tick: number
  /** What a child has recorded last; its clock may be ahead, and an older status would count as a repeat. Epoch ms. */
  recordedMs: number
}

/** Why a run leaves its way. */
export type Leave =
  | { readonly kind: 'aborted' | 'rolledBack'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly by: string; readonly reason: string }
  /** Some batches go home, and then the run goes on from the first of them. */
  | { readonly kind: 'undo'; readonly gates: readonly string[]; readonly reason: string }

export interface Wait {
  readonly status: RunStatus
  readonly waiting: WaitingFor
}

export function* record(course: Course, status: RunStatus, waiting: Waiting | null = null): Steps<void> {
  const { context, outline } = course
  const atMs = Math.max(nowMs(context), course.recordedMs)
  yield* call(context, RecordStatus, { planId: outline.planId, atMs, status, waiting })
}

export function* finish(course: Course, status: RunStatus): Steps<RunStatus> {
  yield* record(course, status)
  return status
}

export function* readOrders(course: Course, gate: string, decidedAfterMs = 0): Steps<Orders> {
  const { planId, digest } = course.outline
  return yield* call(course.context, ReadOrders, { planId, digest, gate, decidedAfterMs })
}

/** Abort before rollback: who asks for both wants no further effect. */
export function leaveOf(orders: Orders): Leave | undefined {
  if (orders.abort !== null) return { kind: 'aborted', reason: orders.abort }
  if (orders.rollback !== null) return { kind: 'rolledBack', reason: orders.rollback }
  if (orders.undo) return { kind: 'undo', ...orders.undo }
  return undefined
}

export function* ordersToLeave(course: Course, batch: BatchOutline): Steps<Leave | undefined> {
  return leaveOf(yield* readOrders(course, batch.gate))
}

/**
 * Waits until `look` finds something in the records, or until the deadline. The wait is recorded, with the event that
 * wakes it, before the last look: whoever writes a record after that look finds in the run which event to raise.
 */
export function* waitFor<T>(
  course: Course,
  wait: Wait,
  look: () => Steps<T | undefined>,
): Steps<T | 'deadline'> {
  const { context } = course
  const early = yield* look()
  if (early !== undefined) return early
  for (;;) {
    course.tick += 1
    const event = `wake-${course.tick}`
    yield* record(course, wait.status, { ...wait.waiting, event, instance: context.df.instanceId })
    const found = yield* look()
    if (found !== undefined) return found
    const untilMs = wait.waiting.untilMs ?? nowMs(context) + TIMER_MS_MAX
    if (wait.waiting.untilMs !== null && nowMs(context) >= untilMs) return 'deadline'
    yield* eventOrTimer(context, event, untilMs)
  }
}
