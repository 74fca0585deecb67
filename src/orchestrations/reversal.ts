import { ListLanded } from '../messages/activities.ts'
import { CutoverOutcome } from '../messages/outline.ts'
import { type Course, record } from './course.ts'
import { call, child, inParallel, nowMs, type Steps } from './durable.ts'

/**
 * Moves back what landed, last one first: of one batch, or of the whole plan (`gate` null). All traffic is led home before
 * anything drains, since what made things worse does so until its traffic is gone. Returns what is not home again, if
 * anything; whoever takes it up again goes on where it stopped.
 */
export function* reverse(
  course: Course,
  {
    gate,
    reason,
    shownGate,
  }: { readonly gate: string | null; readonly reason: string; readonly shownGate: string },
): Steps<string | undefined> {
  yield* record(course, { kind: 'reversing', gate: shownGate, sinceMs: nowMs(course.context), reason })
  for (const upTo of ['route', 'verify'] as const) {
    const failures = yield* takeHome(course, gate, upTo)
    if (failures.length > 0) return `the reversal stopped at ${failures.join('; ')}`
  }
  return undefined
}

/** One pass over all that landed. A replica that fails keeps no other one away from home. */
function* takeHome(course: Course, gate: string | null, upTo: 'route' | 'verify'): Steps<string[]> {
  const { context, outline } = course
  const { planId, digest, drainDeadlineMs, cutoversMax } = outline
  const { replicas } = yield* call(context, ListLanded, { planId, digest, gate })
  const failures: string[] = []
  for (let at = 0; at < replicas.length; at += cutoversMax) {
    const answers = yield* inParallel(context, replicas.slice(at, at + cutoversMax), (move) =>
      child(context, 'cutover', {
        ...{ planId, digest, drainDeadlineMs, upTo },
        ...{ gate: move.gate, replica: move.replica, sequence: move.sequence, direction: 'reverse' },
      }),
    )
    for (const outcome of answers.map((answer) => CutoverOutcome.parse(answer)))
      if (outcome.kind === 'failed') failures.push(`${outcome.replica}: ${outcome.reason}`)
  }
  return failures
}
