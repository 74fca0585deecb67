import { waitingFor } from '../domain/waiting.ts'
import { HoldRun } from '../messages/activities.ts'
import type { BatchOutline } from '../messages/outline.ts'
import { type Course, type Leave, leaveOf, readOrders, waitFor } from './course.ts'
import { call, nowMs, type Steps } from './durable.ts'

type Answer =
  | { readonly kind: 'open' }
  | { readonly kind: 'held'; readonly reason: string }
  | { readonly kind: 'leave'; readonly leave: Leave }

/** Waits for a person's answer. Only a decision after `askedMs` counts; no answer by the deadline is no. */
export function* passGate(course: Course, batch: BatchOutline, askedMs: number): Steps<Leave | undefined> {
  for (;;) {
    const answer = yield* ask(course, batch, askedMs)
    if (answer !== 'deadline' && answer.kind === 'open') return undefined
    if (answer !== 'deadline' && answer.kind === 'leave') return answer.leave
    const reason =
      answer === 'deadline'
        ? `nobody answered gate ${batch.gate} in time, and no answer means no move`
        : answer.reason
    const leave = yield* waitWhileHeld(course, batch, reason)
    if (leave) return leave
  }
}

function* ask(course: Course, batch: BatchOutline, askedMs: number): Steps<Answer | 'deadline'> {
  const { planId, gateDeadlineMs } = course.outline
  const sinceMs = nowMs(course.context)
  const untilMs = sinceMs + gateDeadlineMs
  const { gate } = batch
  return yield* waitFor(
    course,
    {
      status: { kind: 'awaitingApproval', gate, sinceMs, untilMs },
      waiting: waitingFor({
        kind: 'gate',
        planId,
        gate,
        sinceMs,
        untilMs,
        registries: batch.replicas.length,
      }),
    },
    function* () {
      const orders = yield* readOrders(course, gate, askedMs)
      const leave = leaveOf(orders)
      if (leave) return { kind: 'leave', leave }
      if (orders.decision === 'reject') {
        const rejected = {
          kind: 'rejected',
          by: orders.decidedBy ?? 'an approver',
          reason: orders.reason ?? '',
        } as const
        return { kind: 'leave', leave: rejected }
      }
      if (orders.hold !== null) return { kind: 'held', reason: orders.hold }
      return orders.decision === 'approve' ? { kind: 'open' } : undefined
    },
  )
}

/**
 * Holds the run, with the hold on record like a person's, until somebody resumes it or wants it ended.
 * A rollback that is under way is no news: `rollingBack` waits for a resume or an abort.
 */
export function* waitWhileHeld(
  course: Course,
  batch: BatchOutline,
  reason: string,
  stage: 'movingOn' | 'rollingBack' = 'movingOn',
): Steps<Leave | undefined> {
  const { context, outline } = course
  const { planId } = outline
  const sinceMs = nowMs(context)
  yield* call(context, HoldRun, { planId, reason, atMs: sinceMs })
  const answer = yield* waitFor(
    course,
    {
      status: { kind: 'held', gate: batch.gate, sinceMs, reason },
      waiting: waitingFor({ kind: 'hold', planId, gate: batch.gate, sinceMs, reason }),
    },
    function* (): Steps<'resumed' | Leave | undefined> {
      const orders = yield* readOrders(course, batch.gate)
      const leave = leaveOf(orders)
      if (leave && (stage === 'movingOn' || leave.kind === 'aborted')) return leave
      return orders.hold === null ? 'resumed' : undefined
    },
  )
  return answer === 'resumed' || answer === 'deadline' ? undefined : answer
}
