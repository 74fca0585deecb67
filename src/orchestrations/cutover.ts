import type { OrchestrationContext } from 'durable-functions'
import { CheckDrain, FailMove, Prepare, Rebind, Route, Verify } from '../messages/activities.ts'
import { CutoverInput, type CutoverOutcome, type MoveStep } from '../messages/outline.ts'
import { call, nowMs, type Steps, sleepUntil } from './durable.ts'
import { callEffect } from './effect.ts'

const FIRST_LOOK_MS = 30_000
const LOOK_EVERY_MS_MAX = 300_000
const LOOKS_MAX = 1000

/**
 * Moves one replica: prepare, rebind, route, drain, verify. One that fails after its re-bind is taken home again.
 * It never throws: its parent decides what a failure means.
 */
export function* cutover(context: OrchestrationContext): Steps<CutoverOutcome> {
  const { drainDeadlineMs: _, upTo = 'verify', ...step } = CutoverInput.parse(context.df.getInput())
  const failure = yield* attempt(context, step, upTo)
  if (failure === undefined) return { kind: 'done' }
  const { goBack } = failure
  if (goBack === undefined) return { kind: 'failed', replica: step.replica, reason: failure.reason }
  const back = { ...step, direction: 'reverse', sequence: goBack } as const
  const stuck = yield* attempt(context, back, upTo)
  const home = stuck ? `it is not home again: ${stuck.reason}` : 'it was taken home again'
  return { kind: 'failed', replica: step.replica, reason: `${failure.reason}; ${home}` }
}

type Extent = 'route' | 'verify'

interface Failure {
  readonly reason: string
  /** The move that undoes the failed one; undefined where there is nothing to undo. */
  readonly goBack: number | undefined
}

/** Makes one move, forth or back, and records where it failed. */
function* attempt(context: OrchestrationContext, step: MoveStep, upTo: Extent): Steps<Failure | undefined> {
  let reason: string | undefined
  try {
    reason = yield* move(context, step, upTo)
  } catch (error) {
    reason = firstLine(error)
  }
  if (reason === undefined) return undefined
  try {
    const { goBack } = yield* call(context, FailMove, { ...step, reason })
    return { reason, goBack }
  } catch (error) {
    return {
      reason: `${reason}; and its failure could not be recorded: ${firstLine(error)}`,
      goBack: undefined,
    }
  }
}

function* move(context: OrchestrationContext, step: MoveStep, upTo: Extent): Steps<string | undefined> {
  for (const effect of [Prepare, Rebind, Route]) {
    const outcome = yield* callEffect(context, effect, step)
    if (outcome.kind === 'refused') return outcome.reason
    if (outcome.kind === 'movedBefore') return undefined
  }
  if (upTo === 'route') return undefined
  const refusal = yield* drain(context, step)
  if (refusal !== undefined) return refusal
  const verified = yield* callEffect(context, Verify, step)
  return verified.kind === 'refused' ? verified.reason : undefined
}

/** Waits until traffic has left the old home, or goes on being forwarded: the activity tells, by the plan's deadline. */
function* drain(context: OrchestrationContext, step: MoveStep): Steps<string | undefined> {
  let everyMs = FIRST_LOOK_MS
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    yield* sleepUntil(context, nowMs(context) + everyMs)
    const look = yield* call(context, CheckDrain, step)
    if (look.kind === 'refused') return look.reason
    if (look.kind === 'drained') return undefined
    everyMs = Math.min(everyMs * 1.5, LOOK_EVERY_MS_MAX)
  }
  return `${step.replica} was not drained after ${LOOKS_MAX} looks`
}

/** A failure's own words, without what the host wraps around them. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.split('\n')[0] ?? text)
    .replace(/^(Activity|Orchestrator) function '[^']*' failed:\s*/, '')
    .trim()
}
