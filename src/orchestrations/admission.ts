import type { z } from 'zod'
import type { ReplicaId } from '../domain/ids.ts'
import { blockedBy } from '../domain/waiting.ts'
import { AdmitMoves } from '../messages/activities.ts'
import type { BatchOutline } from '../messages/outline.ts'
import { type Course, readOrders, waitFor } from './course.ts'
import { firstLine } from './cutover.ts'
import { call, nowMs, type Steps } from './durable.ts'

/** What blocks a start is looked at again after so long, at first and at most. */
const FIRST_LOOK_MS = 60_000
const LOOK_EVERY_MS_MAX = 1_800_000
/** After so long a person is asked, not the clock. */
const BLOCKED_MS_MAX = 14 * 86_400_000

export type Admission =
  /** These may move now. `waited`: it took a while, and what was known before is old. */
  | { readonly kind: 'admitted'; readonly replicas: readonly ReplicaId[]; readonly waited: boolean }
  | { readonly kind: 'stopped'; readonly reason: string }

/**
 * Asks which of a batch's replicas may move now, and waits while none may: outside a window, over a budget, against a
 * switch, an interlock or another plan's lease. The wait is on record with its reason; people's orders end it.
 */
export function* admit(
  course: Course,
  batch: BatchOutline,
  replicas: readonly ReplicaId[],
): Steps<Admission> {
  const { context } = course
  const sinceMs = nowMs(context)
  for (let everyMs = FIRST_LOOK_MS; ; everyMs = Math.min(everyMs * 2, LOOK_EVERY_MS_MAX)) {
    const answer = yield* ask(course, batch, replicas)
    if (answer.kind === 'admitted') return { ...answer, waited: nowMs(context) - sinceMs > FIRST_LOOK_MS }
    if (answer.kind === 'refused') return { kind: 'stopped', reason: answer.reason }
    if (nowMs(context) - sinceMs > BLOCKED_MS_MAX)
      return { kind: 'stopped', reason: `blocked for too long: ${answer.reason}` }
    const ordered = yield* waitBlocked(course, batch, { answer, sinceMs, lookAtMs: nowMs(context) + everyMs })
    if (ordered !== 'deadline' && ordered !== 'free') return { kind: 'stopped', reason: ordered.reason }
  }
}

/** Where it can't be told whether moves may start, they may not. */
function* ask(
  { context, outline }: Course,
  { gate }: BatchOutline,
  replicas: readonly ReplicaId[],
): Steps<z.infer<typeof AdmitMoves.output>> {
  const { planId, digest } = outline
  try {
    return yield* call(context, AdmitMoves, { planId, digest, gate, replicas: [...replicas] })
  } catch (error) {
    return { kind: 'refused', reason: `whether ${gate} may start can't be told: ${firstLine(error)}` }
  }
}

interface Blocked {
  readonly answer: {
    readonly rule: string
    readonly reason: string
    readonly untilMs: number | null
    readonly person: boolean
  }
  readonly sinceMs: number
  readonly lookAtMs: number
}

/** Waits until it is time to look again, somebody gives an order, or the block is found gone by a wake. */
function* waitBlocked(
  course: Course,
  batch: BatchOutline,
  { answer, sinceMs, lookAtMs }: Blocked,
): Steps<'deadline' | 'free' | { readonly reason: string }> {
  const { rule, reason, person } = answer
  const { planId } = course.outline
  const untilMs = answer.untilMs ?? lookAtMs
  let looks = 0
  return yield* waitFor(
    course,
    {
      status: { kind: 'blocked', gate: batch.gate, sinceMs, untilMs: answer.untilMs, rule, reason },
      waiting: { ...blockedBy(rule, { planId, gate: batch.gate, sinceMs, untilMs, reason }), person },
    },
    function* (): Steps<'free' | { readonly reason: string } | undefined> {
      const orders = yield* readOrders(course, batch.gate)
      const ordered = orders.abort ?? orders.rollback ?? orders.undo?.reason ?? orders.hold
      if (ordered !== null) return { reason: ordered }
      // The first two looks stand before and after the wait is on record; a later one means that something woke the run.
      looks += 1
      return looks > 2 ? 'free' : undefined
    },
  )
}
