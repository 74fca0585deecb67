import type { FaultPoints } from './fault-points.ts'
import type { FunctionApp } from './function-app.ts'
import { EventType, type FailureDetails, type HistoryEvent, newEvent } from './history.ts'
import type { TaskRow } from './hub-store.ts'
import type { InFlight } from './in-flight.ts'
import type { Invoker, Outcome } from './invocation.ts'
import { noTrace, type TaskTrace, taskContext } from './trace-context.ts'
import { activityInput, activityResult, isRecord, type TypedData } from './typed-data.ts'
import { failureDetailsOf } from './worker-answer.ts'

export interface ActivityOptions {
  readonly app: FunctionApp
  readonly invoker: Invoker
  readonly inFlight: InFlight
  readonly concurrencyMax: number
  readonly nowMs: () => number
  /** Where the activity was scheduled, if that is in a trace. */
  readonly traceOf: (task: TaskRow) => TaskTrace | undefined
  readonly deliver: (task: TaskRow, event: HistoryEvent) => void
  readonly faults: FaultPoints | undefined
}

const timeText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)?$/

/** Runs committed activity tasks, at most so many at once. The result stays in memory until an episode commits it. */
export class Activities {
  readonly #options: ActivityOptions
  readonly #waiting: TaskRow[] = []
  #running = 0
  #stopped = false

  constructor(options: ActivityOptions) {
    this.#options = options
  }

  /** The task counts as in flight from now on. */
  add(task: TaskRow): void {
    this.#options.inFlight.enter()
    this.#waiting.push(task)
    this.#next()
  }

  stop(): void {
    this.#stopped = true
  }

  #next(): void {
    while (!this.#stopped && this.#running < this.#options.concurrencyMax) {
      const task = this.#waiting.shift()
      if (!task) return
      this.#running += 1
      void this.#run(task).finally(() => {
        this.#running -= 1
        this.#next()
        this.#options.inFlight.leave()
      })
    }
  }

  async #run(task: TaskRow): Promise<void> {
    const event = await this.#event(task)
    if (this.#stopped) return
    if (this.#options.faults?.loseResult?.(task)) {
      this.add(task)
      return
    }
    this.#options.deliver(task, event)
  }

  async #event(task: TaskRow): Promise<HistoryEvent> {
    const { app, invoker, nowMs, traceOf } = this.#options
    const found = app.find('activity', task.name)
    // The real host schedules nothing here and the instance hangs for ever.
    if (!found)
      return failed(task, nowMs(), {
        reason: `Activity function '${task.name}' failed:  ${app.missing('activity', task.name)}`,
      })
    const value: unknown = task.input === null ? null : JSON.parse(task.input)
    const input = activityInput(value)
    const triggerMetadata = metadata(task.instanceId, found.triggerName, { value, input })
    const trace = traceOf(task)
    const outcome = await invoker.invoke(found, {
      ...{ input, triggerMetadata },
      trace: trace ? taskContext(trace) : noTrace,
    })
    return completionOf(task, outcome, nowMs())
  }
}

/** Members of an input that is an object come last, so one of them may hide `data` or `instanceId`. */
function metadata(
  instanceId: string,
  triggerName: string,
  { value, input }: { value: unknown; input: TypedData },
): Record<string, TypedData> {
  const members = isRecord(value) ? Object.entries(value) : []
  const shownMembers = members.filter(([, member]) => member !== null && !Array.isArray(member))
  return {
    [triggerName]: input,
    data: value === null ? {} : { string: JSON.stringify(value) },
    instanceId: { string: JSON.stringify(instanceId) },
    ...Object.fromEntries(shownMembers.map(([name, member]) => [name, memberData(member)])),
  }
}

/** Json.NET reads a text that looks like a time as one, and it is written again in another form. */
function memberData(member: unknown): TypedData {
  if (typeof member !== 'string' || !timeText.test(member)) return activityInput(member)
  const ms = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(member) ? member : `${member}Z`)
  if (Number.isNaN(ms)) return activityInput(member)
  const [year, month, day, time] = new Date(ms).toISOString().split(/[-T.]/)
  return { string: `${month}/${day}/${year} ${time}` }
}

function completionOf(task: TaskRow, outcome: Outcome, atMs: number): HistoryEvent {
  if (outcome.kind === 'ok') {
    const Result = activityResult(outcome.returnValue)
    return newEvent(EventType.TaskCompleted, atMs, { TaskScheduledId: task.taskId, Result })
  }
  if (outcome.kind === 'timedOut')
    return failed(task, atMs, { reason: `Activity function '${task.name}' failed: ${outcome.message}` })
  const details = thrownDetails(outcome.message)
  if (details) {
    const reason = `Activity function '${task.name}' failed with an unhandled exception.`
    return failed(task, atMs, { reason, details })
  }
  // The real host cuts the message out of a larger text: two blanks stay in front, "Stack:" in it ends it.
  const [message = ''] = outcome.message.split('\nStack:')
  return failed(task, atMs, { reason: `Activity function '${task.name}' failed:  ${message}` })
}

function failed(
  task: TaskRow,
  atMs: number,
  failure: { reason: string; details?: FailureDetails },
): HistoryEvent {
  return newEvent(EventType.TaskFailed, atMs, {
    TaskScheduledId: task.taskId,
    Reason: failure.reason,
    Details: failure.details ? null : '',
    FailureDetails: failure.details ?? null,
  })
}

/** The SDK puts failure details as JSON in place of the error's message. */
function thrownDetails(message: string): FailureDetails | undefined {
  if (!message.startsWith('{"errorType"')) return undefined
  try {
    const value: unknown = JSON.parse(message)
    return isRecord(value) ? failureDetailsOf(value) : undefined
  } catch {
    return undefined
  }
}
