import type { OrchestrationContext } from 'durable-functions'
import type { RunStatus } from '../domain/run.ts'
import { ChangeMinimum, ListLowerings } from '../messages/activities.ts'
import type { BatchOutline, LoweringStep } from '../messages/outline.ts'
import { admit } from './admission.ts'
import { type Course, readOrders, record } from './course.ts'
import { firstLine } from './cutover.ts'
import { call, nowMs, type Steps } from './durable.ts'
import { callEffect } from './effect.ts'
import { walk } from './walk.ts'

/**
 * A run that lowers minimums step by step, each behind its gate and its proof of headroom, and observed like a batch of
 * moves; what made things worse is restored, last one first.
 */
export function* rightSize(context: OrchestrationContext): Steps<RunStatus> {
  return yield* walk(context, { name: 'right-size', forth: lowerAll, back: restoreAll })
}

/** One pool after another. Before each, people's orders are heard and it is asked whether it may start now. */
function* lowerAll(
  course: Course,
  batch: BatchOutline,
): Steps<{ readonly reason: string } | 'nothingToObserve' | undefined> {
  const { context, outline } = course
  const { planId, digest } = outline
  const { gate } = batch
  const asked = { planId, digest, gate, direction: 'lower' } as const
  const { changes } = yield* call(context, ListLowerings, asked)
  if (changes.length === 0) return 'nothingToObserve'
  for (const change of changes) {
    const orders = yield* readOrders(course, gate)
    const ordered = orders.abort ?? orders.rollback ?? orders.undo?.reason ?? orders.hold
    if (ordered !== null) return { reason: ordered }
    const admission = yield* admit(course, batch, batch.replicas)
    if (admission.kind === 'stopped') return { reason: admission.reason }
    yield* record(course, { kind: 'moving', gate, sinceMs: nowMs(context) })
    const refusal = yield* made(course, { ...change, planId, digest, direction: 'lower' })
    if (refusal !== undefined)
      return { reason: `the minimum of ${change.stamp} ${change.pool} was not lowered: ${refusal}` }
  }
  return undefined
}

/** A pool that can't be restored keeps no other from it. */
function* restoreAll(
  course: Course,
  {
    gate,
    reason,
    shownGate,
  }: { readonly gate: string | null; readonly reason: string; readonly shownGate: string },
): Steps<string | undefined> {
  const { context, outline } = course
  const { planId, digest } = outline
  yield* record(course, { kind: 'reversing', gate: shownGate, sinceMs: nowMs(context), reason })
  const { changes } = yield* call(context, ListLowerings, { planId, digest, gate, direction: 'restore' })
  const failures: string[] = []
  for (const change of changes) {
    const refusal = yield* made(course, { ...change, planId, digest, direction: 'restore' })
    if (refusal !== undefined) failures.push(`${change.stamp} ${change.pool}: ${refusal}`)
  }
  return failures.length === 0 ? undefined : `the minimums were not all restored: ${failures.join('; ')}`
}

/** Makes one change; undefined where it is made, else why not. */
function* made({ context }: Course, step: LoweringStep): Steps<string | undefined> {
  try {
    const outcome = yield* callEffect(context, ChangeMinimum, step)
    return outcome.kind === 'refused' ? outcome.reason : undefined
  } catch (error) {
    return firstLine(error)
  }
}
