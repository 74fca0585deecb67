import type { Action, OrchestratorState, RetryOptions } from './actions.ts'
import type { Decision } from './decision.ts'
import { type Ending, failedByHost } from './ending.ts'
import { ExternalEvents } from './external-events.ts'
import { actsWhileSuspended, EventType, type HistoryEvent } from './history.ts'
import type { Leniences } from './leniences.ts'
import {
  CannotGoOn,
  checkCreated,
  NonDeterminism,
  timedOut,
  tooManyActions,
  wrongChildId,
} from './non-determinism.ts'
import { type Done, RepeatedTasks } from './repeated-tasks.ts'

export interface WalkResult {
  readonly decisions: readonly Decision[]
  readonly ending: Ending | undefined
  /** Events that came after continue-as-new was decided: they belong to the next generation. */
  readonly carried: readonly HistoryEvent[]
}

export interface WalkLimits {
  /** A timer further away than this is a chain of shorter ones, as Azure Storage needs it. */
  readonly shortTimerMaxMs: number
  readonly longTimerStepMs: number
  /** Activities, children and timers of one generation; further attempts of a retry are not counted. */
  readonly actionsMax: number
}

export interface WalkOptions {
  readonly name: string
  /** Ids that a child may not have: this instance's own and its parent's. */
  readonly takenIds: readonly string[]
  readonly state: OrchestratorState
  readonly executionId: string
  readonly limits: WalkLimits
  readonly leniences: Leniences
  /** How the orchestrator itself ended, given the actions are all done. */
  readonly failure: { readonly reason: string; readonly details: string | null } | undefined
}

/**
 * Re-runs the worker's action list against the history, as the Durable extension does: top-level actions one after
 * another, compounds all at once, task ids from one counter, follow-up ids at the event that causes them.
 */
export class Walk {
  readonly #options: WalkOptions
  readonly #pending = new Map<number, Decision>()
  readonly #open = new Map<number, Done>()
  readonly #events = new ExternalEvents()
  readonly #repeated = new RepeatedTasks()
  #withheld: [number, Decision][] = []
  #whileSuspended: HistoryEvent[] = []
  #carried: HistoryEvent[] = []
  #suspended = false
  #nextId = 0
  #actions = 0
  #nowMs = 0
  #walked = false
  #continueAsNew: { readonly input: unknown } | undefined
  #ending: Ending | undefined

  constructor(options: WalkOptions) {
    this.#options = options
  }

  run(history: readonly HistoryEvent[]): WalkResult {
    try {
      for (const event of history) this.#process(event)
    } catch (error) {
      this.#ending ??= this.#stopped(error)
    }
    if (this.#open.size === 0 && this.#walked) this.#finish()
    const decisions = [...this.#pending.values()].sort((a, b) => a.id - b.id)
    const kept = this.#options.leniences.unclaimedEvents ? this.#events.unclaimed : []
    return { decisions, ending: this.#ending, carried: [...kept, ...this.#carried] }
  }

  /** The details are there for a parent, whose replay breaks without them. */
  #stopped(error: unknown): Ending {
    if (error instanceof NonDeterminism)
      return { kind: 'failed', reason: error.message, details: '', cause: 'host' }
    if (error instanceof CannotGoOn) return failedByHost(this.#options.name, error.message)
    throw error
  }

  #finish(): void {
    const { state, failure } = this.#options
    if (failure) this.#ending ??= { kind: 'failed', ...failure, cause: 'orchestrator' }
    else if (this.#continueAsNew)
      this.#ending ??= { kind: 'continuedAsNew', input: this.#continueAsNew.input }
    else if (state.isDone) this.#ending ??= { kind: 'completed', output: state.output }
  }

  #process(event: HistoryEvent): void {
    if (event.EventType === EventType.OrchestratorStarted) {
      this.#nowMs = Math.max(this.#nowMs, Date.parse(event.Timestamp))
    } else if (this.#suspended && !actsWhileSuspended(event)) {
      this.#whileSuspended.push(event)
    } else {
      this.#act(event)
    }
  }

  #act(event: HistoryEvent): void {
    switch (event.EventType) {
      case EventType.ExecutionStarted:
        this.#step(0)
        break
      case EventType.TaskScheduled:
      case EventType.TimerCreated:
      case EventType.SubOrchestrationInstanceCreated:
        checkCreated(event, this.#pending.get(event.EventId))
        this.#pending.delete(event.EventId)
        break
      case EventType.TaskCompleted:
      case EventType.SubOrchestrationInstanceCompleted:
        this.#settle(event.TaskScheduledId, 'ok')
        break
      case EventType.TaskFailed:
      case EventType.SubOrchestrationInstanceFailed:
        this.#settle(event.TaskScheduledId, 'failed')
        break
      case EventType.TimerFired:
        this.#settle(event.TimerId, 'ok')
        break
      case EventType.EventRaised:
        if (this.#continueAsNew) this.#carried.push(event)
        else this.#events.raise(event)
        break
      case EventType.ExecutionTerminated:
        this.#ending ??= { kind: 'terminated', reason: event.Input ?? null }
        break
      case EventType.ExecutionSuspended:
        this.#suspended = true
        this.#withheld.push(...this.#pending)
        this.#pending.clear()
        break
      case EventType.ExecutionResumed:
        this.#resume()
        break
    }
  }

  #resume(): void {
    this.#suspended = false
    for (const [id, decision] of this.#withheld.splice(0)) this.#pending.set(id, decision)
    for (const event of this.#whileSuspended.splice(0)) this.#process(event)
  }

  #settle(id: number | undefined, outcome: 'ok' | 'failed'): void {
    const done = id === undefined ? undefined : this.#open.get(id)
    if (id === undefined || !done) return
    this.#open.delete(id)
    done(outcome)
  }

  /** Top-level action k+1 starts only when k has ended, whatever its outcome. */
  #step(index: number): void {
    const { actions } = this.#options.state
    const next = actions[index]
    if (!next) this.#walked = true
    else this.#start(next, () => this.#step(index + 1))
  }

  #start(action: Action, done: Done): void {
    const { task } = action
    if (task === undefined) this.#begin(action, done)
    else this.#repeated.start(task, done, (ended) => this.#begin(action, ended))
  }

  #begin(action: Action, done: Done): void {
    switch (action.kind) {
      case 'activity':
      case 'child':
        this.#count()
        if (action.retry) this.#attempt(action, action.retry, { number: 1, firstMs: this.#nowMs, done })
        else this.#schedule(action, done)
        break
      case 'timer':
        this.#timer(action, done)
        break
      case 'waitForEvent':
        this.#events.wait(action.name, () => done('ok'))
        break
      case 'any':
      case 'all':
        this.#compound(action.kind, action.children, done)
        break
      case 'continueAsNew':
        this.#continueAsNew ??= { input: action.input }
        done('ok')
        break
      case 'unsupported':
        throw new CannotGoOn(
          `The embedded host cannot run ${action.what}: entities, locks and callHttp are not part of it. Use an activity.`,
        )
      default:
        action satisfies never
    }
  }

  /** All children start, and take their ids, before what comes after the compound does: one may have ended already. */
  #compound(kind: 'any' | 'all', children: readonly Action[], done: Done): void {
    let left = kind === 'any' ? 1 : children.length
    let started = 0
    const end = () => {
      if (left > 0 || started < children.length) return
      left = Number.POSITIVE_INFINITY
      done('ok')
    }
    for (const child of children) {
      this.#start(child, () => {
        left -= 1
        end()
      })
      started += 1
    }
    end()
  }

  #count(): void {
    const { actionsMax } = this.#options.limits
    this.#actions += 1
    if (this.#actions > actionsMax) throw tooManyActions(actionsMax)
  }

  #schedule(action: Extract<Action, { kind: 'activity' | 'child' }>, done: Done): void {
    const id = this.#nextId++
    const { name, input } = action
    if (action.kind === 'activity') {
      this.#pending.set(id, { kind: 'activity', id, name, input })
    } else {
      const { executionId, takenIds } = this.#options
      const instanceId = action.instanceId ?? `${executionId}:${id}`
      if (takenIds.includes(instanceId) || instanceId.startsWith('@')) throw wrongChildId(name, instanceId)
      this.#pending.set(id, { kind: 'child', id, name, instanceId, input, version: action.version })
    }
    this.#open.set(id, done)
  }

  /** After the last failed attempt one more timer follows, due at once: the real host keeps it for old histories. */
  #attempt(
    action: Extract<Action, { kind: 'activity' | 'child' }>,
    retry: RetryOptions,
    attempt: { readonly number: number; readonly firstMs: number; readonly done: Done },
  ): void {
    this.#schedule(action, (outcome) => {
      if (outcome === 'ok') return attempt.done('ok')
      if (attempt.number >= retry.attemptsMax) {
        return this.#setTimer(this.#nowMs, () => attempt.done('failed'))
      }
      if (this.#nowMs >= attempt.firstMs + retry.timeoutMs) throw timedOut(action.name, retry)
      const delayMs = Math.min(retry.firstMs * retry.backoff ** (attempt.number - 1), retry.intervalMaxMs)
      this.#setTimer(this.#nowMs + delayMs, () =>
        this.#attempt(action, retry, { ...attempt, number: attempt.number + 1 }),
      )
    })
  }

  #timer(action: Extract<Action, { kind: 'timer' }>, done: Done): void {
    const { shortTimerMaxMs, longTimerStepMs } = this.#options.limits
    const { fireAtMs } = action
    const chunk = (): void => {
      const leftMs = fireAtMs - this.#nowMs
      if (leftMs <= 0) done('ok')
      else {
        this.#count()
        this.#setTimer(leftMs < longTimerStepMs ? fireAtMs : this.#nowMs + longTimerStepMs, chunk)
      }
    }
    if (fireAtMs - this.#nowMs <= shortTimerMaxMs) this.#cancellable(action, fireAtMs, done)
    else if (action.canceled) this.#cancellable(action, this.#nowMs + longTimerStepMs, done)
    else chunk()
  }

  /** A cancelled timer still takes its id and its TimerCreated, but nothing waits for it. */
  #cancellable(action: Extract<Action, { kind: 'timer' }>, fireAtMs: number, done: Done): void {
    this.#count()
    const id = this.#setTimer(fireAtMs, () => done('ok'))
    if (!action.canceled) return
    this.#open.delete(id)
    done('failed')
  }

  #setTimer(fireAtMs: number, done: () => void): number {
    const id = this.#nextId++
    this.#pending.set(id, { kind: 'timer', id, fireAtMs: Math.ceil(fireAtMs) })
    this.#open.set(id, done)
    return id
  }
}
