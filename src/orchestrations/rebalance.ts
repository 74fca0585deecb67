import type { OrchestrationContext } from 'durable-functions'
import type { ReplicaId } from '../domain/ids.ts'
import type { RunStatus } from '../domain/run.ts'
import { ListDue } from '../messages/activities.ts'
import { type BatchOutline, CutoverOutcome } from '../messages/outline.ts'
import { admit } from './admission.ts'
import { type Course, readOrders, record } from './course.ts'
import { call, child, inParallel, nowMs, type Steps } from './durable.ts'
import { reverse } from './reversal.ts'
import { walk } from './walk.ts'

/** A run that moves replicas: the cutovers of each batch forth, and the way home where it made things worse. */
export function* rebalance(context: OrchestrationContext): Steps<RunStatus> {
  return yield* walk(context, { name: 'rebalance', forth: moveAll, back: reverse })
}

/**
 * The batch's cutovers, some at once. Before each chunk people's orders are heard, and it is asked who of the rest may
 * move now. Returns why it stopped, if it did.
 */
export function* moveAll(
  course: Course,
  batch: BatchOutline,
): Steps<{ readonly reason: string } | 'nothingToObserve' | undefined> {
  const { context, outline } = course
  const { planId, digest, drainDeadlineMs } = outline
  for (let done: readonly ReplicaId[] = []; ; ) {
    // Listed anew before each chunk: somebody may have skipped one of the rest.
    const due = yield* call(context, ListDue, { planId, digest, gate: batch.gate })
    const sequenceOf = new Map(due.replicas.map(({ replica, sequence }) => [replica, sequence]))
    const left = due.replicas.map(({ replica }) => replica).filter((replica) => !done.includes(replica))
    if (left.length === 0) return due.replicas.length === 0 ? 'nothingToObserve' : undefined
    const orders = yield* readOrders(course, batch.gate)
    const ordered = orders.abort ?? orders.rollback ?? orders.undo?.reason ?? orders.hold
    if (ordered !== null) return { reason: ordered }
    const asked = left.slice(0, outline.cutoversMax)
    const admission = yield* admit(course, batch, asked)
    if (admission.kind === 'stopped') return { reason: admission.reason }
    const chunk = admission.replicas
    // All that was asked for has been skipped meanwhile.
    if (chunk.length === 0) {
      done = [...done, ...asked]
      continue
    }
    yield* record(course, { kind: 'moving', gate: batch.gate, sinceMs: nowMs(context) })
    const answers = yield* inParallel(context, chunk, (replica) => {
      const move = { gate: batch.gate, replica, sequence: sequenceOf.get(replica), direction: 'forward' }
      return child(context, 'cutover', { planId, digest, ...move, drainDeadlineMs })
    })
    const failed = answers
      .map((answer) => CutoverOutcome.parse(answer))
      .find((outcome) => outcome.kind === 'failed')
    if (failed) return { reason: `${failed.replica} did not move: ${failed.reason}` }
    done = [...done, ...chunk]
  }
}
