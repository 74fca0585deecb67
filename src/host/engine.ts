import { randomUUID } from 'node:crypto'
import type { Commits } from './commits.ts'
import type { Decision } from './decision.ts'
import { acceptsMessages, type EpisodeHost, type EpisodeResult, runEpisode } from './episode.ts'
import type { FaultPoints } from './fault-points.ts'
import { EventType, type HistoryEvent, isoTime, newEvent } from './history.ts'
import type { HubStore, InboxRow, InstanceRow, TaskRow } from './hub-store.ts'
import type { TimerRow } from './hub-timers.ts'
import type { InFlight } from './in-flight.ts'
import type { InstanceState, Instances } from './instances.ts'
import { accepted, type Message } from './messages.ts'
import { executionTrace, type TraceContext } from './trace-context.ts'
import { jsonText } from './typed-data.ts'
import { UnsureDelivery } from './unsure-delivery.ts'
import { versionVerdict } from './versioning.ts'

interface Mailbox {
  readonly messages: Message[]
  busy: boolean
}

export interface EngineOptions {
  readonly store: HubStore
  readonly commits: Commits
  readonly instances: Instances
  readonly inFlight: InFlight
  readonly episodes: EpisodeHost
  readonly faults: FaultPoints | undefined
  readonly startTask: (task: TaskRow) => void
  /** Called when timers were committed, set or fired. */
  readonly onTimers: () => void
  readonly onError: (error: unknown) => void
  /** An instance is left as it is, since this host does not run its version. */
  readonly onRejected: (row: InstanceRow) => void
}

/** So many more due timers are taken up at a time; the others follow when these are done. */
const firedAtOnceMax = 1000

/** Takes messages to instances, one episode at a time for each, and commits what the episodes decide. */
export class Engine {
  readonly #options: EngineOptions
  readonly #mailboxes = new Map<string, Mailbox>()
  readonly #firing = new Set<string>()
  readonly #unsure: UnsureDelivery | undefined
  #stopped = false

  constructor(options: EngineOptions) {
    this.#options = options
    const { faults, inFlight } = options
    this.#unsure = faults && new UnsureDelivery(faults, inFlight, (id, message) => this.#enqueue(id, message))
  }

  /** Takes up what an earlier process left behind. */
  resume(): void {
    const { store, startTask } = this.#options
    for (const row of store.inbox()) this.deliverInbox(row)
    for (const task of store.tasks()) startTask(task)
  }

  stop(): void {
    this.#stopped = true
  }

  deliverInbox({ id, instanceId, executionId, event }: InboxRow): void {
    this.#deliver(instanceId, { event, executionId, source: { inbox: id } })
  }

  deliverTask(task: TaskRow, event: HistoryEvent): void {
    this.#deliver(task.instanceId, { event, executionId: task.executionId, source: { task } })
  }

  /** Fires every committed timer that is due and not yet on its way. */
  fireTimers(nowMs: number): void {
    for (const timer of this.#options.store.timers.due(nowMs, this.#firing.size + firedAtOnceMax)) {
      const key = timerKey(timer)
      if (this.#firing.has(key)) continue
      this.#firing.add(key)
      const FireAt = isoTime(timer.dueMs)
      // A fired timer carries the time at which it was created.
      const event = {
        ...newEvent(EventType.TimerFired, nowMs, { TimerId: timer.taskId, FireAt }),
        Timestamp: timer.created,
      }
      this.#deliver(timer.instanceId, { event, executionId: timer.executionId, source: { timer } })
    }
  }

  #deliver(instanceId: string, message: Message): void {
    if (this.#unsure) this.#unsure.deliver(instanceId, message)
    else this.#enqueue(instanceId, message)
  }

  #enqueue(instanceId: string, message: Message): void {
    this.#options.inFlight.enter()
    const mailbox = this.#mailboxes.get(instanceId) ?? { messages: [], busy: false }
    this.#mailboxes.set(instanceId, mailbox)
    mailbox.messages.push(message)
    if (mailbox.busy) return
    mailbox.busy = true
    queueMicrotask(() => void this.#pump(instanceId, mailbox))
  }

  async #pump(instanceId: string, mailbox: Mailbox): Promise<void> {
    try {
      while (this.#isReady(instanceId, mailbox) && !this.#stopped)
        await this.#take(instanceId, mailbox.messages.splice(0))
    } catch (error) {
      if (!this.#stopped) this.#options.onError(error)
    } finally {
      mailbox.busy = false
      if (mailbox.messages.length === 0) this.#mailboxes.delete(instanceId)
    }
  }

  /** What overtook the message that starts a pending instance waits for it. */
  #isReady(instanceId: string, { messages }: Mailbox): boolean {
    if (messages.length === 0) return false
    const row = this.#options.instances.row(instanceId)
    if (row?.status !== 'Pending' || this.#isRejected(row)) return true
    return messages.some(({ event }) => event.EventType === EventType.ExecutionStarted)
  }

  #isRejected({ version }: InstanceRow): boolean {
    return versionVerdict(this.#options.episodes.versioning, version) === 'Reject'
  }

  async #take(instanceId: string, messages: readonly Message[]): Promise<void> {
    const { instances, commits, inFlight, episodes } = this.#options
    let isLeft = false
    try {
      const before = instances.get(instanceId)
      const events = before ? accepted(before, messages) : []
      if (!before || events.length === 0) {
        await commits.commit('episode', () => this.#dropSources(messages))
        return
      }
      if (this.#isRejected(before.row)) {
        isLeft = true
        this.#options.onRejected(before.row)
        return
      }
      const result = await runEpisode(episodes, before, events)
      // Purged, restarted or replaced while the worker ran: what it decided is about an instance that is gone.
      const current = instances.row(instanceId)
      if (this.#stopped) return
      if (current?.executionId !== before.row.executionId || current.createdMs !== before.row.createdMs) {
        await commits.commit('episode', () => this.#dropSources(messages))
        return
      }
      await this.#commit(messages, result)
    } finally {
      for (const { source } of messages) {
        // What is left stays in the hub for a host of another version; this process does not take it up again.
        if ('timer' in source && !isLeft) this.#firing.delete(timerKey(source.timer))
        inFlight.leave()
      }
    }
  }

  async #commit(messages: readonly Message[], result: EpisodeResult): Promise<void> {
    const { store, commits, instances, onTimers } = this.#options
    const { before, after, renewed, added, decisions } = result
    const { row } = after
    const outbox = this.#outbox(result)
    const ended = !acceptsMessages(row)
    instances.put(row.id, after)
    for (const { state } of outbox.children) instances.put(state.row.id, state)
    await commits.commit('episode', () => {
      this.#dropSources(messages)
      if (renewed) store.dropHistory(row.id)
      if (renewed || ended) store.timers.dropOf(row.id)
      store.appendHistory(row.id, renewed ? 0 : before.events.length, added)
      store.updateInstance(row)
      for (const task of outbox.tasks) store.putTask(task)
      for (const timer of ended ? [] : outbox.timers) store.timers.put(timer)
      for (const { state } of outbox.children) {
        store.dropInstance(state.row.id)
        store.putInstance(state.row)
      }
      for (const letter of outbox.letters) store.putInbox(letter)
    })
    instances.committed(row.id)
    for (const { state } of outbox.children) instances.committed(state.row.id)
    for (const task of outbox.tasks) this.#options.startTask(task)
    for (const letter of outbox.letters) this.deliverInbox(letter)
    if (decisions.some(({ kind }) => kind === 'timer') || messages.some(({ source }) => 'timer' in source))
      onTimers()
  }

  #dropSources(messages: readonly Message[]): void {
    const { store } = this.#options
    for (const { source } of messages) {
      if ('inbox' in source) store.dropInbox(source.inbox)
      else if ('task' in source) store.dropTask(source.task)
      else store.timers.drop(source.timer)
    }
  }

  #outbox({ after: { row }, decisions, toParent }: EpisodeResult) {
    const address = { instanceId: row.id, executionId: row.executionId }
    const tasks: TaskRow[] = []
    const timers: TimerRow[] = []
    const children: { state: InstanceState }[] = []
    const letters: InboxRow[] = []
    for (const decision of decisions) {
      const { id: taskId } = decision
      switch (decision.kind) {
        case 'activity':
          tasks.push({ ...address, taskId, name: decision.name, input: jsonText(decision.input) })
          break
        case 'timer':
          timers.push({ ...address, taskId, dueMs: decision.fireAtMs, created: isoTime(row.updatedMs) })
          break
        case 'child': {
          const child = this.#child(row, decision)
          children.push({ state: child.state })
          letters.push(child.letter)
          break
        }
        default:
          decision satisfies never
      }
    }
    if (toParent && row.parent) {
      const { InstanceId: instanceId, ExecutionId: executionId } = row.parent.OrchestrationInstance
      letters.push({ id: this.#options.store.newInboxId(), instanceId, executionId, event: toParent })
    }
    return { tasks, timers, children, letters }
  }

  #child(
    parent: InstanceRow,
    { id, name, instanceId, input, version, trace }: Extract<Decision, { kind: 'child' }>,
  ) {
    const parentInstance = {
      OrchestrationInstance: { InstanceId: parent.id, ExecutionId: parent.executionId },
      TaskScheduleId: id,
      Name: parent.name,
      Version: parent.version,
    }
    const { state, letter } = this.pendingInstance({
      id: instanceId,
      name,
      version: version ?? this.#options.episodes.versioning.defaultVersion,
      input: jsonText(input),
      trace,
      parent: parentInstance,
      atMs: parent.updatedMs,
    })
    const before = this.#options.instances.row(instanceId)
    return { state: before ? { ...state, row: shownOver(before, state.row) } : state, letter }
  }

  /** A new instance and the message that starts it; both are to be committed together. */
  pendingInstance(start: {
    readonly id: string
    readonly name: string
    readonly version: string | null
    readonly input: string | null
    readonly parent: InstanceRow['parent']
    readonly atMs: number
    readonly trace: TraceContext | undefined
  }): { state: InstanceState; letter: InboxRow } {
    const executionId = randomUUID()
    const { id, name, version, input, parent, atMs, trace } = start
    const times = { createdMs: atMs, updatedMs: atMs }
    const row: InstanceRow = {
      ...{ id, executionId, name, version, input, parent, ...times },
      status: 'Pending',
      output: null,
      customStatus: null,
    }
    const event = newEvent(EventType.ExecutionStarted, atMs, {
      Name: name,
      Version: version,
      Input: input,
      OrchestrationInstance: { InstanceId: id, ExecutionId: executionId },
      ParentInstance: parent,
      ScheduledStartTime: null,
      Tags: null,
      ...(trace ? { ParentTraceContext: executionTrace(trace, atMs) } : {}),
    })
    const letter = { id: this.#options.store.newInboxId(), instanceId: id, executionId, event }
    return { state: { row, events: [], text: '' }, letter }
  }
}

/** Trap, copied: a child that takes the id of an earlier instance shows what that one left where it has nothing itself. */
function shownOver(before: InstanceRow, row: InstanceRow): InstanceRow {
  return { ...row, input: row.input ?? before.input, output: before.output }
}

function timerKey({ instanceId, executionId, taskId }: TimerRow): string {
  return `${instanceId}\n${executionId}\n${taskId}`
}
