import type { OrchestrationContext } from 'durable-functions'
import type { RunStatus } from '../domain/run.ts'
import { waitingFor } from '../domain/waiting.ts'
import {
  CheckLimits,
  FinishUndo,
  HasPassed,
  OpenGate,
  ReadOutline,
  ReportDue,
  TakeLeases,
} from '../messages/activities.ts'
import { type BatchOutline, type ObserveInput, ObserveOutcome, Outline } from '../messages/outline.ts'
import { admit } from './admission.ts'
import {
  type Course,
  finish,
  type Leave,
  leaveOf,
  ordersToLeave,
  readOrders,
  record,
  waitFor,
} from './course.ts'
import { firstLine } from './cutover.ts'
import { call, child, nowMs, type Steps } from './durable.ts'
import { passGate, waitWhileHeld } from './gate.ts'

/** What a run does to the world, forth and back; the way that it goes is the same for all runs. */
export interface Work {
  /** The orchestration that does it. */
  readonly name: 'rebalance' | 'right-size' | 'isolate'
  /** Does a batch. Returns why it stopped, if it did; `nothingToObserve` where nothing of it moved. */
  readonly forth: (
    course: Course,
    batch: BatchOutline,
  ) => Steps<{ readonly reason: string } | 'nothingToObserve' | undefined>
  /** Undoes a batch, or all of the plan (`gate` null), last one first. Returns what is not undone, if anything. */
  readonly back: (
    course: Course,
    undone: { readonly gate: string | null; readonly reason: string; readonly shownGate: string },
  ) => Steps<string | undefined>
}

/** A course with what it does. */
interface Walk extends Course {
  readonly work: Work
}

/**
 * A whole run: one batch after another through gate, limits, cutovers and observation. It decides and waits;
 * what people decided and how far it got are records, so that it can be begun anew. The instance's id is the plan's, and
 * the way it goes is the plan's document: whoever starts it otherwise, or with other batches, starts nothing.
 */
export function* walk(context: OrchestrationContext, work: Work): Steps<RunStatus> {
  const { planId, digest } = Outline.parse(context.df.getInput())
  if (context.df.instanceId !== planId) {
    return { kind: 'aborted', atMs: nowMs(context), reason: `a run of ${planId} has this id and no other` }
  }
  const outline = yield* call(context, ReadOutline, { planId, digest })
  if ((outline.carriedBy ?? 'rebalance') !== work.name) {
    return { kind: 'aborted', atMs: nowMs(context), reason: `${work.name} carries no run of ${planId}` }
  }
  const course: Walk = { context, outline, tick: 0, recordedMs: 0, work }
  yield* call(context, TakeLeases, { planId, digest })
  const { batches } = outline
  for (let at = 0; at <= batches.length; ) {
    const batch = batches[at] ?? batches.at(-1)
    if (!batch) break
    const leave = at < batches.length ? yield* runBatch(course, batch) : yield* awaitReport(course, batch)
    if (leave && leave.kind !== 'undo') return yield* end(course, batch, leave)
    at = leave ? yield* undoSome(course, leave) : at + 1
  }
  return yield* finish(course, { kind: 'completed', atMs: nowMs(context) })
}

/** Takes ordered batches home, last one first, and holds the run; it goes on from the first of them once resumed. */
function* undoSome(course: Walk, { gates, reason }: Leave & { kind: 'undo' }): Steps<number> {
  const { context, outline } = course
  for (const gate of gates.toReversed()) {
    const failure = yield* course.work.back(course, { gate, reason, shownGate: gate })
    // What is not home yet is tried again when the run is taken up: its order stands until all of it is done.
    if (failure) {
      const batch = outline.batches.find((each) => each.gate === gate)
      const leave = batch && (yield* waitWhileHeld(course, batch, failure, 'rollingBack'))
      return leave ? outline.batches.length : outline.batches.findIndex((each) => each.gate === gates[0])
    }
  }
  const words = `${gates.join(', ')} went home by order: ${reason}`
  const { planId } = outline
  yield* call(context, FinishUndo, { planId, atMs: nowMs(context), reason: words })
  return outline.batches.findIndex(({ gate }) => gate === gates[0])
}

/** Takes a batch as far as it goes. A hold, a failure or a reversal asks a person, and then the batch is taken up again. */
function* runBatch(course: Walk, batch: BatchOutline): Steps<Leave | undefined> {
  const { planId, digest } = course.outline
  const before = yield* call(course.context, HasPassed, { planId, digest, gate: batch.gate })
  if (before.passed) return undefined

  let askedMs = 0
  if (before.worse !== undefined) {
    const leave = yield* undo(course, batch, before.worse)
    if (leave) return leave
    askedMs = nowMs(course.context)
  }
  for (;;) {
    // What was reversed is a person's to answer: autonomy has fallen back by then.
    if (askedMs === 0) yield* call(course.context, OpenGate, { planId, digest, gate: batch.gate })
    const gate = yield* passGate(course, batch, askedMs)
    if (gate) return gate

    const start = yield* mayStart(course, batch)
    if (start === 'askAgain') continue
    if (start) return start

    const trouble = yield* attempt(course, batch)
    if (trouble === undefined) return undefined
    if (trouble.kind === 'leave') return trouble.leave
    const leave =
      trouble.kind === 'worse'
        ? yield* undo(course, batch, trouble.reason)
        : yield* waitWhileHeld(course, batch, trouble.reason)
    if (leave) return leave
    // What was approved before a reversal was approved on other evidence: the gate asks anew.
    if (trouble.kind === 'worse') askedMs = nowMs(course.context)
  }
}

/** Takes a batch home that made things worse, and then waits for a person; a resume goes on with what is not home yet. */
function* undo(course: Walk, batch: BatchOutline, reason: string): Steps<Leave | undefined> {
  for (;;) {
    const failure = yield* course.work.back(course, { gate: batch.gate, reason, shownGate: batch.gate })
    const words = failure ?? `${batch.gate} was reversed: ${reason}`
    const leave = yield* waitWhileHeld(course, batch, words)
    if (leave ?? failure === undefined) return leave
  }
}

/** Waits until the batch may start. What was answered before a wait may have expired: the gate is looked at again. */
function* mayStart(course: Course, batch: BatchOutline): Steps<Leave | 'askAgain' | undefined> {
  yield* record(course, { kind: 'checking', gate: batch.gate })
  const admission = yield* admit(course, batch, batch.replicas)
  if (admission.kind === 'admitted') return admission.waited ? 'askAgain' : undefined
  return (yield* waitWhileHeld(course, batch, admission.reason)) ?? 'askAgain'
}

type Trouble =
  | { readonly kind: 'held' | 'worse'; readonly reason: string }
  | { readonly kind: 'leave'; readonly leave: Leave }

function* attempt(course: Walk, batch: BatchOutline): Steps<Trouble | undefined> {
  try {
    return yield* doAndObserve(course, batch)
  } catch (error) {
    return { kind: 'held', reason: `a step kept failing: ${firstLine(error)}` }
  }
}

function* doAndObserve(course: Walk, batch: BatchOutline): Steps<Trouble | undefined> {
  const { context, outline } = course
  const { planId, digest } = outline
  const limits = yield* call(context, CheckLimits, { planId, digest, gate: batch.gate })
  if (limits.kind === 'refused') return { kind: 'held', reason: limits.reason }

  const stopped = yield* course.work.forth(course, batch)
  if (stopped === 'nothingToObserve') return undefined
  if (stopped) return { kind: 'held', reason: stopped.reason }

  const seen = yield* observeBatch(course, batch)
  switch (seen.kind) {
    case 'betterOrEqual':
      return undefined
    case 'notEnoughEvidence':
      return { kind: 'held', reason: `not enough evidence to let ${batch.gate} pass: ${seen.words}` }
    case 'ordered': {
      const leave = yield* ordersToLeave(course, batch)
      return leave ? { kind: 'leave', leave } : { kind: 'held', reason: seen.words }
    }
    case 'worse':
      return { kind: 'worse', reason: seen.words }
    default:
      return seen.kind satisfies never
  }
}

function* observeBatch(course: Course, batch: BatchOutline): Steps<ObserveOutcome> {
  const { context, outline } = course
  const sinceMs = Math.max(nowMs(context), course.recordedMs)
  const input: ObserveInput = {
    planId: outline.planId,
    digest: outline.digest,
    region: outline.region,
    gate: batch.gate,
    sinceMs,
    untilMs: sinceMs + batch.observeForMs,
    evaluateEveryMs: outline.evaluateEveryMs,
    tick: 0,
  }
  const outcome = ObserveOutcome.parse(yield child(context, 'observe', input))
  course.recordedMs = Math.max(course.recordedMs, outcome.atMs ?? 0)
  return outcome
}

/** The before/after table compares the same weekday and hours, so a run ends when these have passed once more. */
function* awaitReport(course: Course, batch: BatchOutline): Steps<Leave | undefined> {
  const { planId, digest } = course.outline
  const sinceMs = nowMs(course.context)
  const { atMs } = yield* call(course.context, ReportDue, { planId, digest })
  for (;;) {
    const answer = yield* waitFor(
      course,
      {
        status: { kind: 'observing', gate: batch.gate, sinceMs, untilMs: atMs },
        waiting: waitingFor({ kind: 'report', planId, sinceMs, untilMs: atMs }),
      },
      () => heldOrLeave(course, batch),
    )
    if (answer === 'deadline') return undefined
    if (answer.kind !== 'held') return answer
    const leave = yield* waitWhileHeld(course, batch, answer.reason)
    if (leave) return leave
  }
}

function* heldOrLeave(
  course: Course,
  { gate }: BatchOutline,
): Steps<Leave | { readonly kind: 'held'; readonly reason: string } | undefined> {
  const orders = yield* readOrders(course, gate)
  return leaveOf(orders) ?? (orders.hold === null ? undefined : { kind: 'held', reason: orders.hold })
}

function* end(course: Walk, batch: BatchOutline, leave: Leave): Steps<RunStatus> {
  const atMs = nowMs(course.context)
  if (leave.kind === 'aborted') return yield* finish(course, { kind: 'aborted', atMs, reason: leave.reason })
  // Only a way home that is stuck leads here, and then a person decided otherwise.
  if (leave.kind === 'undo') return yield* end(course, batch, { kind: 'aborted', reason: leave.reason })
  if (leave.kind === 'rejected') {
    return yield* finish(course, {
      kind: 'rejected',
      atMs,
      gate: batch.gate,
      by: leave.by,
      reason: leave.reason,
    })
  }
  const failure = yield* course.work.back(course, { gate: null, reason: leave.reason, shownGate: batch.gate })
  if (failure) {
    const next = yield* waitWhileHeld(course, batch, failure, 'rollingBack')
    return yield* end(course, batch, next ?? leave)
  }
  return yield* finish(course, { kind: 'rolledBack', atMs: nowMs(course.context), reason: leave.reason })
}
