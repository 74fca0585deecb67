import type { OrchestrationContext } from 'durable-functions'
import type { ActivityMessage, EffectOutcome } from '../messages/activities.ts'
import { call, nowMs, type Steps, sleepUntil } from './durable.ts'

const FIRST_PAUSE_MS = 30_000
const PAUSE_MS_MAX = 300_000
/** Who stops a move half-way for longer is asked about it: the move fails, and its run holds. */
const PAUSED_MS_MAX = 24 * 3_600_000

type Settled = Exclude<EffectOutcome, { kind: 'paused' | 'waiting' }>

/** Makes one effect. While it is paused nothing is done; it is tried again until the pause, or what it waits for, is over. */
export function* callEffect<S>(
  context: OrchestrationContext,
  message: ActivityMessage<S, EffectOutcome>,
  step: S,
): Steps<Settled> {
  const untilMs = nowMs(context) + PAUSED_MS_MAX
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    const outcome = yield* call(context, message, step)
    if (outcome.kind !== 'paused' && outcome.kind !== 'waiting') return outcome
    if (nowMs(context) >= untilMs)
      return {
        kind: 'refused',
        reason: `${outcome.kind} for too long: ${outcome.kind === 'paused' ? outcome.reason : outcome.detail}`,
      }
    yield* sleepUntil(context, nowMs(context) + pauseMs)
  }
}
