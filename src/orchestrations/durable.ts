import type { OrchestrationContext, Task } from 'durable-functions'
import { RetryOptions } from 'durable-functions'
import type { ActivityMessage } from '../messages/activities.ts'

/** What an orchestration and its parts are: generators of durable tasks that return a value. */
export type Steps<T> = Generator<Task, T, unknown>

/** No single timer runs longer: the real host cuts longer ones into chunks, which can't be cancelled half-way. */
export const TIMER_MS_MAX = 5 * 86_400_000

/** Retries go on for some four minutes: as long as new nodes take to be ready. */
const ATTEMPTS_MAX = 8
const FIRST_RETRY_MS = 5_000
const RETRY_MS_MAX = 60_000

/** The time that this replay stands at, epoch ms. */
export function nowMs(context: OrchestrationContext): number {
  return context.df.currentUtcDateTime.getTime()
}

function retries(): RetryOptions {
  const options = new RetryOptions(FIRST_RETRY_MS, ATTEMPTS_MAX)
  options.backoffCoefficient = 2
  options.maxRetryIntervalInMilliseconds = RETRY_MS_MAX
  return options
}

/** Calls an activity, again where it throws; the answer is checked against its message. */
export function* call<I, O>(
  context: OrchestrationContext,
  message: ActivityMessage<I, O>,
  input: I,
): Steps<O> {
  return message.output.parse(yield context.df.callActivityWithRetry(message.name, retries(), input))
}

/** Starts a child under the parent's version; the task is to be yielded exactly once. */
export function child(context: OrchestrationContext, name: string, input: unknown): Task {
  return context.df.callSubOrchestrator(name, input, undefined, context.df.version)
}

/** Waits until an instant, in timers of at most `TIMER_MS_MAX`. */
export function* sleepUntil(context: OrchestrationContext, untilMs: number): Steps<void> {
  while (nowMs(context) < untilMs) {
    yield context.df.createTimer(new Date(Math.min(untilMs, nowMs(context) + TIMER_MS_MAX)))
  }
}

/**
 * Waits for an event or an instant, whichever is first; an instant further off than `TIMER_MS_MAX` ends the wait early.
 * The name may be waited for only once in an instance: a wait that lost its race swallows the next event of its name.
 */
export function* eventOrTimer(
  context: OrchestrationContext,
  event: string,
  untilMs: number,
): Steps<'event' | 'timer'> {
  const woken = context.df.waitForExternalEvent(event)
  const timer = context.df.createTimer(new Date(Math.min(untilMs, nowMs(context) + TIMER_MS_MAX)))
  const winner = yield context.df.Task.any([woken, timer])
  if (winner === timer) return 'timer'
  timer.cancel()
  return 'event'
}

/** Runs one fresh task an item, all at once; each is made and yielded exactly once. */
export function* inParallel<T>(
  context: OrchestrationContext,
  items: readonly T[],
  toTask: (item: T) => Task,
): Steps<readonly unknown[]> {
  const answers = yield context.df.Task.all(items.map(toTask))
  return Array.isArray(answers) ? answers : []
}
