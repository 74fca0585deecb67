import { EventType, type HistoryEvent } from './history.ts'
import type { WalkOptions, WalkResult } from './walk.ts'

export type Done = (outcome: 'ok' | 'failed') => void

/** Tasks that are listed more than once: each is begun once, and every place that lists it hears of its end. */
export class RepeatedTasks {
  readonly #ended = new Map<number, 'ok' | 'failed'>()
  readonly #waiting = new Map<number, Done[]>()

  start(task: number, done: Done, begin: (done: Done) => void): void {
    const outcome = this.#ended.get(task)
    const others = this.#waiting.get(task)
    if (outcome) done(outcome)
    else if (others) others.push(done)
    else {
      const waiting = [done]
      this.#waiting.set(task, waiting)
      begin((how) => {
        this.#ended.set(task, how)
        for (const hear of waiting) hear(how)
      })
    }
  }
}

/**
 * How a failed orchestrator ends by its history alone: with nothing new, once its activities and children have ended.
 * What it listed reaches the host as JSON only, where repeated tasks can't be told from others.
 */
export function failedByHistory(
  history: readonly HistoryEvent[],
  failure: NonNullable<WalkOptions['failure']>,
): WalkResult {
  const open = new Set<number>()
  let isSuspended = false
  let ending: WalkResult['ending']
  for (const event of history) {
    const { EventType: type, EventId: id, TaskScheduledId: ended } = event
    if (type === EventType.TaskScheduled || type === EventType.SubOrchestrationInstanceCreated) open.add(id)
    if (ended !== undefined) open.delete(ended)
    if (type === EventType.ExecutionSuspended) isSuspended = true
    if (type === EventType.ExecutionResumed) isSuspended = false
    if (type === EventType.ExecutionTerminated) ending ??= { kind: 'terminated', reason: event.Input ?? null }
  }
  if (open.size === 0 && !isSuspended) ending ??= { kind: 'failed', ...failure, cause: 'orchestrator' }
  return { decisions: [], ending, carried: [] }
}
