import type { OrchestrationContext } from 'durable-functions'
import { CheckDrain, FailMove, Prepare, Rebind, Route, Verify } from '../messages/activities.ts'
import { CutoverInput, type CutoverOutcome } from '../messages/outline.ts'
import { call, nowMs, type Steps, sleepUntil } from './durable.ts'
import { callEffect } from './effect.ts'

const FIRST_LOOK_MS = 30_000
const LOOK_EVERY_MS_MAX = 300_000

/** Moves one replica: prepare, rebind, route, drain, verify. It never throws: its parent decides what a failure means. */
export function* cutover(context: OrchestrationContext): Steps<CutoverOutcome> {
  const { drainDeadlineMs, ...step } = CutoverInput.parse(context.df.getInput())
  try {
    const refusal = yield* move(context, step, drainDeadlineMs)
    if (refusal === undefined) return { kind: 'done' }
    return yield* fail(context, step, refusal)
  } catch (error) {
    return yield* fail(context, step, firstLine(error))
  }
}

type Step = Omit<CutoverInput, 'drainDeadlineMs'>

function* move(
  context: OrchestrationContext,
  step: Step,
  drainDeadlineMs: number,
): Steps<string | undefined> {
  for (const effect of [Prepare, Rebind, Route]) {
    const outcome = yield* callEffect(context, effect, step)
    if (outcome.kind === 'refused') return outcome.reason
    if (outcome.kind === 'movedBefore') return undefined
  }
  const refusal = yield* drain(context, step, nowMs(context) + drainDeadlineMs)
  if (refusal !== undefined) return refusal
  const verified = yield* callEffect(context, Verify, step)
  return verified.kind === 'refused' ? verified.reason : undefined
}

/** Waits until traffic has left the old home. At the deadline the activity says what goes on being forwarded. */
function* drain(context: OrchestrationContext, step: Step, deadlineMs: number): Steps<string | undefined> {
  for (let everyMs = FIRST_LOOK_MS; ; everyMs = Math.min(everyMs * 1.5, LOOK_EVERY_MS_MAX)) {
    yield* sleepUntil(context, Math.min(nowMs(context) + everyMs, deadlineMs))
    const look = yield* call(context, CheckDrain, { ...step, deadlineMs })
    if (look.kind === 'refused') return look.reason
    if (look.kind === 'drained' || nowMs(context) >= deadlineMs) return undefined
  }
}

function* fail(context: OrchestrationContext, step: Step, reason: string): Steps<CutoverOutcome> {
  yield* call(context, FailMove, { ...step, reason })
  return { kind: 'failed', replica: step.replica, reason }
}

/** A failure's own words, without what the host wraps around them. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? text)
    .replace(/^(Activity|Orchestrator) function '[^']*' failed:\s*/, '')
    .trim()
}
