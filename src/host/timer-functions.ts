import type { Commits } from './commits.ts'
import type { FunctionApp, RegisteredFunction } from './function-app.ts'
import type { RetryPolicy } from './functions-core.ts'
import type { HubStore, ScheduleRow } from './hub-store.ts'
import type { InFlight } from './in-flight.ts'
import type { Invoker, Log } from './invocation.ts'
import { parseSchedule, type Schedule } from './schedule.ts'
import { filled, type Settings } from './settings.ts'
import type { TimeSource } from './timeline.ts'

export interface TimerFunctionsOptions {
  readonly app: FunctionApp
  readonly invoker: Invoker
  readonly inFlight: InFlight
  readonly store: HubStore
  readonly commits: Commits
  readonly settings: Settings
  /** For functions without retry options of their own. */
  readonly retry: RetryPolicy | undefined
  readonly nowMs: () => number
  readonly log: Log
  /** A run has ended, so the time of the next one is known. */
  readonly onScheduled: () => void
}

interface Timer {
  readonly target: RegisteredFunction
  readonly schedule: Schedule
  /** The record that outlives the process; none for periods under a minute. */
  record: ScheduleRow | undefined
  readonly monitored: boolean
  dueMs: number | undefined
  pastDue: boolean
  running: boolean
  retry: { readonly count: number; readonly message: string } | undefined
}

const minuteMs = 60_000

/** Runs timer functions on their schedules: one run at a time each, missed runs but one are skipped. */
export class TimerFunctions implements TimeSource {
  readonly #options: TimerFunctionsOptions
  readonly #timers: Timer[] = []

  constructor(options: TimerFunctionsOptions) {
    this.#options = options
    for (const target of options.app.ofKind('timer')) {
      try {
        this.#timers.push(this.#timer(target))
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        options.log({
          level: 'error',
          category: 'Host.Startup',
          message: `The '${target.name}' function is in error: ${text}`,
        })
      }
    }
  }

  nextMs(): number | undefined {
    let next: number | undefined
    for (const { running, dueMs } of this.#timers) {
      if (!running && dueMs !== undefined && (next === undefined || dueMs < next)) next = dueMs
    }
    return next
  }

  fire(nowMs: number): void {
    for (const timer of this.#timers) {
      if (timer.running || timer.dueMs === undefined || timer.dueMs > nowMs) continue
      timer.running = true
      void this.#options.inFlight.during(() => this.#run(timer, nowMs)).finally(this.#options.onScheduled)
    }
  }

  #timer(target: RegisteredFunction): Timer {
    const { settings, store, nowMs } = this.#options
    const { schedule: text = '', runOnStartup = false, useMonitor = true } = target.trigger
    const schedule = parseSchedule(filled(text, settings), settings.WEBSITE_TIME_ZONE || undefined)
    const now = nowMs()
    const first = schedule.nextMs(now)
    const second = first === undefined ? undefined : schedule.nextMs(first)
    const monitored = useMonitor && first !== undefined && second !== undefined && second - first >= minuteMs
    const kept = monitored ? store.schedule(target.name) : undefined
    const valid = kept?.schedule === schedule.text ? kept : undefined
    const pastDue = valid !== undefined && now > valid.nextMs
    const record =
      valid ??
      (monitored ? { schedule: schedule.text, lastMs: null, nextMs: first ?? 0, updatedMs: now } : undefined)
    if (record && !valid) this.#save(target.name, record)
    const dueMs = pastDue || runOnStartup ? now : (valid?.nextMs ?? first)
    return { target, schedule, record, monitored, dueMs, pastDue, running: false, retry: undefined }
  }

  async #run(timer: Timer, startMs: number): Promise<void> {
    const { target, schedule, record, pastDue, retry } = timer
    const { invoker, nowMs, log } = this.#options
    timer.pastDue = false
    const json = JSON.stringify({
      Schedule: { AdjustForDST: schedule.adjustForDst },
      ScheduleStatus: record ? statusOf(record) : null,
      IsPastDue: pastDue,
    })
    const policy = target.metadata.retryOptions ?? this.#options.retry
    const retryContext = policy && retryContextOf(policy, retry)
    const outcome = await invoker.invoke(target, {
      input: { json },
      ...(retryContext ? { retryContext } : {}),
    })
    timer.running = false
    if (outcome.kind !== 'ok') {
      const message = `Executed 'Functions.${target.name}' (Failed): ${outcome.message}\n${outcome.stack}`
      log({ level: 'error', category: `Function.${target.name}`, message })
      if (policy && (retry?.count ?? 0) < retriesMax(policy)) {
        timer.retry = {
          count: (retry?.count ?? 0) + 1,
          message: `Exception while executing function: Functions.${target.name} : ${outcome.message}`,
        }
        timer.dueMs = nowMs() + retryDelayMs(policy, timer.retry.count)
        return
      }
    }
    timer.retry = undefined
    timer.dueMs = schedule.nextMs(startMs)
    if (!timer.monitored) return
    timer.record = {
      schedule: schedule.text,
      lastMs: startMs,
      nextMs: timer.dueMs ?? startMs,
      updatedMs: startMs,
    }
    this.#save(target.name, timer.record)
  }

  /** A lost record only means one run more after a kill, so it need not be waited for. */
  #save(name: string, record: ScheduleRow): void {
    this.#options.commits.soon('schedule', () => this.#options.store.putSchedule(name, record))
  }
}

function statusOf({ lastMs, nextMs, updatedMs }: ScheduleRow) {
  return {
    Last: lastMs === null ? '0001-01-01T00:00:00+00:00' : offsetTime(lastMs),
    Next: offsetTime(nextMs),
    LastUpdated: offsetTime(updatedMs),
  }
}

/** As Json.NET writes it: no zeros at the end of a fraction. */
function offsetTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, '+00:00')
}

function retriesMax({ maxRetryCount = 0 }: RetryPolicy): number {
  return maxRetryCount < 0 ? Number.POSITIVE_INFINITY : maxRetryCount
}

function retryContextOf(policy: RetryPolicy, retry: Timer['retry']): object {
  const counts = { retryCount: retry?.count ?? 0, maxRetryCount: policy.maxRetryCount ?? 0 }
  return retry ? { ...counts, exception: { source: '', stackTrace: '', message: retry.message } } : counts
}

function retryDelayMs(policy: RetryPolicy, count: number): number {
  const seconds = (span: { readonly seconds?: number } | undefined) => (span?.seconds ?? 0) * 1000
  if (policy.delayInterval) return seconds(policy.delayInterval)
  return Math.min(seconds(policy.minimumInterval) * 2 ** (count - 1), seconds(policy.maximumInterval))
}
