import { randomUUID } from 'node:crypto'
import type { Commits } from './commits.ts'
import type { Engine } from './engine.ts'
import type { CommitPoint } from './fault-points.ts'
import { EventType, type HistoryEvent, isFinal, newEvent } from './history.ts'
import type { HubStore, InboxRow, InstanceRow } from './hub-store.ts'
import type { InFlight } from './in-flight.ts'
import type { InstanceState, Instances } from './instances.ts'
import { spanBelow, type TraceContext } from './trace-context.ts'

export interface StartRequest {
  readonly name: string
  readonly id?: string | undefined
  readonly version?: string | undefined
  /** JSON text, or null for none. */
  readonly input: string | null
  /** The span that the start is asked for in. */
  readonly trace?: TraceContext | undefined
}

export type StartOutcome =
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'exists'; readonly status: string }

/** Whether a message for an instance was taken, and if not, why. */
export type SendOutcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'refused'; readonly message: string }

export type PurgeOutcome =
  | { readonly kind: 'purged' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'notFinished'; readonly status: string }

export interface InstanceControlOptions {
  readonly store: HubStore
  readonly commits: Commits
  readonly instances: Instances
  readonly inFlight: InFlight
  readonly engine: Engine
  readonly nowMs: () => number
  readonly defaultVersion: string | null
  /** Whether instances keep the trace that they were started in. */
  readonly isTraced: boolean
  readonly anyStateReplaceable: boolean
}

/** What clients may do with instances; each call resolves once its effect is on disk. */
export class InstanceControl {
  readonly #options: InstanceControlOptions

  constructor(options: InstanceControlOptions) {
    this.#options = options
  }

  async start({
    name,
    id = randomUUID().replaceAll('-', ''),
    version,
    input,
    trace,
  }: StartRequest): Promise<StartOutcome> {
    const { instances, engine, store, nowMs, defaultVersion, anyStateReplaceable, isTraced } = this.#options
    const there = instances.row(id)
    if (there && !isFinal(there.status) && !anyStateReplaceable)
      return { kind: 'exists', status: there.status }
    const { state, letter } = engine.pendingInstance({
      ...{ id, name, input },
      version: version ?? defaultVersion,
      parent: null,
      atMs: nowMs(),
      trace: isTraced && trace ? spanBelow(trace) : undefined,
    })
    await this.#change('start', state, () => {
      if (there) store.dropInstance(id)
      store.putInstance(state.row)
      store.putInbox(letter)
    })
    engine.deliverInbox(letter)
    return { kind: 'started', id }
  }

  /** `input` is JSON text. */
  raiseEvent(id: string, name: string, input: string): Promise<SendOutcome> {
    return this.#send(
      id,
      'event',
      newEvent(EventType.EventRaised, this.#options.nowMs(), { Name: name, Input: input }),
    )
  }

  terminate(id: string, reason: string | null): Promise<SendOutcome> {
    const event = newEvent(EventType.ExecutionTerminated, this.#options.nowMs(), { Input: reason })
    return this.#send(id, 'control', event)
  }

  suspend(id: string, reason: string | null): Promise<SendOutcome> {
    const event = newEvent(EventType.ExecutionSuspended, this.#options.nowMs(), { Reason: reason })
    return this.#send(id, 'control', event, ({ status }) =>
      status === 'Suspended'
        ? `Cannot suspend the orchestration instance ${id} because instance is in the Suspended state.`
        : undefined,
    )
  }

  resume(id: string, reason: string | null): Promise<SendOutcome> {
    const event = newEvent(EventType.ExecutionResumed, this.#options.nowMs(), { Reason: reason })
    return this.#send(id, 'control', event, ({ status }) =>
      status === 'Suspended'
        ? undefined
        : `Cannot resume the orchestration instance ${id} because instance is in the ${status} state.`,
    )
  }

  async purge(id: string): Promise<PurgeOutcome> {
    const row = this.#options.instances.row(id)
    if (!row) return { kind: 'unknown' }
    if (!isFinal(row.status)) return { kind: 'notFinished', status: row.status }
    await this.#purge(id)
    return { kind: 'purged' }
  }

  /** Purges every instance that passes the filter, and says how many. */
  async purgeAll(wanted: (row: InstanceRow) => boolean): Promise<number> {
    this.#options.commits.flush()
    const ids: string[] = []
    for (const row of this.#options.store.instances('')) if (wanted(row)) ids.push(row.id)
    await Promise.all(ids.map((id) => this.#purge(id)))
    return ids.length
  }

  /** The committed state of an instance. */
  look(id: string): InstanceState | undefined {
    this.#options.commits.flush()
    return this.#options.instances.get(id)
  }

  row(id: string): InstanceRow | undefined {
    this.#options.commits.flush()
    return this.#options.instances.row(id)
  }

  list(fromId: string): Iterable<InstanceRow> {
    this.#options.commits.flush()
    return this.#options.store.instances(fromId)
  }

  async #purge(id: string): Promise<void> {
    const { instances, commits, store, inFlight } = this.#options
    instances.put(id, undefined)
    await inFlight.during(() => commits.commit('purge', () => store.dropInstance(id)))
    instances.committed(id)
  }

  async #send(
    id: string,
    point: CommitPoint,
    event: HistoryEvent,
    refused: (row: InstanceRow) => string | undefined = () => undefined,
  ): Promise<SendOutcome> {
    const { instances, store, commits, engine, inFlight } = this.#options
    const row = instances.row(id)
    if (!row) return { kind: 'unknown' }
    if (isFinal(row.status)) return { kind: 'finished' }
    const message = refused(row)
    if (message !== undefined) return { kind: 'refused', message }
    const letter: InboxRow = { id: store.newInboxId(), instanceId: id, executionId: null, event }
    await inFlight.during(async () => {
      await commits.commit(point, () => store.putInbox(letter))
      engine.deliverInbox(letter)
    })
    return { kind: 'sent' }
  }

  async #change(point: CommitPoint, state: InstanceState, write: () => void): Promise<void> {
    const { instances, commits, inFlight } = this.#options
    instances.put(state.row.id, state)
    await inFlight.during(() => commits.commit(point, write))
    instances.committed(state.row.id)
  }
}
