import type { OrchestrationContext } from 'durable-functions'
import type { RunStatus } from '../domain/run.ts'
import { MakeStamp, RemoveStamp } from '../messages/activities.ts'
import type { BatchOutline } from '../messages/outline.ts'
import { admit } from './admission.ts'
import { type Course, readOrders, record } from './course.ts'
import { firstLine } from './cutover.ts'
import { nowMs, type Steps } from './durable.ts'
import { callEffect } from './effect.ts'
import { moveAll } from './rebalance.ts'
import { reverse } from './reversal.ts'
import { walk } from './walk.ts'

const PROVISION = 'provision'

/**
 * A run onto a stamp that is not there yet: its first batch makes the stamp and checks it, the others are moves like any.
 * What can't be made is removed again at once; after a rollback the stamp is removed once everybody is home.
 */
export function* isolate(context: OrchestrationContext): Steps<RunStatus> {
  return yield* walk(context, { name: 'isolate', forth: makeOrMove, back: moveHomeAndRemove })
}

function* makeOrMove(
  course: Course,
  batch: BatchOutline,
): Steps<{ readonly reason: string } | 'nothingToObserve' | undefined> {
  if (batch.phase !== PROVISION) return yield* moveAll(course, batch)
  const { gate } = batch
  const orders = yield* readOrders(course, gate)
  const ordered = orders.abort ?? orders.rollback ?? orders.undo?.reason ?? orders.hold
  if (ordered !== null) return { reason: ordered }
  const admission = yield* admit(course, batch, batch.replicas)
  if (admission.kind === 'stopped') return { reason: admission.reason }
  yield* record(course, { kind: 'moving', gate, sinceMs: nowMs(course.context) })
  const failure = yield* made(course, gate, MakeStamp)
  // Its own check is all the observation that a stamp without anybody on it needs.
  if (failure === undefined) return 'nothingToObserve'
  const left = yield* made(course, gate, RemoveStamp)
  const words = left === undefined ? 'what was made was removed again' : `it is not removed: ${left}`
  return { reason: `the stamp was not made: ${failure}; ${words}` }
}

function* moveHomeAndRemove(
  course: Course,
  undone: { readonly gate: string | null; readonly reason: string; readonly shownGate: string },
): Steps<string | undefined> {
  const failure = yield* reverse(course, undone)
  // A batch that goes home leaves the stamp for those that may still come.
  if (failure !== undefined || undone.gate !== null) return failure
  const left = yield* made(course, undone.shownGate, RemoveStamp)
  return left === undefined ? undefined : `all are home, and the stamp is not removed: ${left}`
}

/** Makes one effect on the stamp; undefined where it is made, else why not. */
function* made(
  { context, outline }: Course,
  gate: string,
  message: typeof MakeStamp | typeof RemoveStamp,
): Steps<string | undefined> {
  const { planId, digest } = outline
  try {
    const outcome = yield* callEffect(context, message, { planId, digest, gate })
    return outcome.kind === 'refused' ? outcome.reason : undefined
  } catch (error) {
    return firstLine(error)
  }
}
