import { ListLanded } from '../messages/activities.ts'
import { CutoverOutcome } from '../messages/outline.ts'
import { type Course, record } from './course.ts'
import { call, child, nowMs, type Steps } from './durable.ts'

/**
 * Moves back what landed, last one first and one at a time: of one batch, or of the whole plan (`gate` null).
 * Returns why it stopped half-way, if it did; whoever takes it up again goes on where it stopped.
 */
export function* reverse(
  course: Course,
  gate: string | null,
  reason: string,
  shownGate: string,
): Steps<string | undefined> {
  const { context, outline } = course
  const { planId, digest, drainDeadlineMs } = outline
  yield* record(course, { kind: 'reversing', gate: shownGate, sinceMs: nowMs(context), reason })
  const landed = yield* call(context, ListLanded, { planId, digest, gate })
  for (const move of landed.replicas) {
    const input = {
      planId,
      digest,
      gate: move.gate,
      replica: move.replica,
      direction: 'reverse',
      drainDeadlineMs,
    }
    const outcome = CutoverOutcome.parse(yield child(context, 'cutover', input))
    if (outcome.kind === 'failed') return `the reversal stopped at ${outcome.replica}: ${outcome.reason}`
  }
  return undefined
}
