import { EventType, type HistoryEvent, isFinal } from './history.ts'
import type { HubStore, InstanceRow } from './hub-store.ts'

/** An instance with its parsed history; `text` is the same history as JSON, joined by commas, as the worker's payload needs it. */
export interface InstanceState {
  readonly row: InstanceRow
  readonly events: readonly HistoryEvent[]
  readonly text: string
}

const cachedBytesMax = 32 * 1024 * 1024

/**
 * The newest state of instances, what is not yet committed included. Idle instances are dropped from memory when
 * the cache is full, so that waiting ones cost only disk.
 */
export class Instances {
  readonly #store: HubStore
  readonly #cached = new Map<string, InstanceState>()
  readonly #uncommitted = new Map<string, number>()
  #cachedBytes = 0

  constructor(store: HubStore) {
    this.#store = store
  }

  get(id: string): InstanceState | undefined {
    const cached = this.#cached.get(id)
    if (cached) {
      this.#cached.delete(id)
      this.#cached.set(id, cached)
      return cached
    }
    if (this.#uncommitted.has(id)) return undefined
    const row = this.#store.instance(id)
    if (!row) return undefined
    const text = this.#store.history(id)
    return this.#keep({ row, events: JSON.parse(`[${text}]`), text })
  }

  row(id: string): InstanceRow | undefined {
    const cached = this.#cached.get(id)
    if (cached || this.#uncommitted.has(id)) return cached?.row
    return this.#store.instance(id)
  }

  /** Takes a state that is about to be committed, or undefined for a purged instance. Ends with `committed`. */
  put(id: string, state: InstanceState | undefined): void {
    this.#uncommitted.set(id, (this.#uncommitted.get(id) ?? 0) + 1)
    this.#forget(id)
    if (state) this.#keep(state)
  }

  committed(id: string): void {
    const left = (this.#uncommitted.get(id) ?? 1) - 1
    if (left > 0) this.#uncommitted.set(id, left)
    else this.#uncommitted.delete(id)
    const status = this.#cached.get(id)?.row.status
    if (left <= 0 && status && isFinal(status)) this.#forget(id)
  }

  #keep(state: InstanceState): InstanceState {
    this.#cached.set(state.row.id, state)
    this.#cachedBytes += size(state)
    for (const [id, other] of this.#cached) {
      if (this.#cachedBytes <= cachedBytesMax) break
      if (other !== state && !this.#uncommitted.has(id)) this.#forget(id)
    }
    return state
  }

  #forget(id: string): void {
    const known = this.#cached.get(id)
    if (!known) return
    this.#cached.delete(id)
    this.#cachedBytes -= size(known)
  }
}

/** Some bytes of memory: the text, its parsed events, and what each instance and event costs at least. */
function size({ events, text, row }: InstanceState): number {
  return 1000 + (row.input?.length ?? 0) + (row.output?.length ?? 0) + 2 * text.length + 200 * events.length
}

/** When the newest episode of a history began, or 0 for a new generation. */
export function lastEpisodeMs(events: readonly HistoryEvent[]): number {
  const last = events.findLast((event) => event.EventType === EventType.OrchestratorStarted)
  return last ? Date.parse(last.Timestamp) : 0
}
