import type { CommitPoint, FaultPoints } from './fault-points.ts'
import type { HubStore } from './hub-store.ts'

export interface CommitOptions {
  readonly store: HubStore
  readonly clockText: () => string
  readonly faults: FaultPoints | undefined
  /** The hub cannot be written any more; everything that waits for a commit is rejected with this error. */
  readonly onBroken: (error: unknown) => void
}

interface Entry {
  readonly point: CommitPoint
  readonly write: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** How long a write that nobody waits for may stay in memory. */
const softDelayMs = 40

/** Group commit: what is written in one turn of the event loop goes to disk in one transaction, the clock with it. */
export class Commits {
  readonly #options: CommitOptions
  #entries: Entry[] = []
  #scheduled = false
  #softTimer: NodeJS.Timeout | undefined
  #broken: { readonly error: unknown } | undefined
  #closed = false

  constructor(options: CommitOptions) {
    this.#options = options
  }

  /** Resolves once the write is on disk. */
  commit(point: CommitPoint, write: () => void): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken.error)
    return new Promise((resolve, reject) => {
      this.#entries.push({ point, write, resolve, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.flush()
      })
    })
  }

  /** Goes to disk with the next commit, or a moment later; a kill may lose it. */
  soon(point: CommitPoint, write: () => void): void {
    if (this.#broken || this.#closed) return
    this.#entries.push({ point, write, resolve: () => {}, reject: () => {} })
    this.#softTimer ??= setTimeout(() => this.flush(), softDelayMs)
  }

  flush(): void {
    clearTimeout(this.#softTimer)
    this.#softTimer = undefined
    const entries = this.#entries
    if (entries.length === 0 || this.#broken || this.#closed) return
    this.#entries = []
    const { store, faults, clockText } = this.#options
    const points = faults ? entries.map(({ point }) => point) : []
    try {
      faults?.commit?.('before', points)
      store.transaction(() => {
        for (const { write } of entries) write()
        store.setMeta('clock', clockText())
      })
      faults?.commit?.('after', points)
    } catch (error) {
      this.#break(error, entries)
      return
    }
    for (const { resolve } of entries) resolve()
  }

  /** For tests: forgets what is not on disk, as a killed process does. */
  abandon(): void {
    for (const { reject } of this.#entries.splice(0)) reject(new Error('The host was killed.'))
    this.#broken ??= { error: new Error('The host was killed.') }
  }

  /** After this nothing is written any more, so that a stopped host cannot touch its hub. */
  close(): void {
    this.flush()
    this.#closed = true
    const error = new Error('The host has stopped.')
    this.#broken ??= { error }
    clearTimeout(this.#softTimer)
  }

  #break(error: unknown, entries: readonly Entry[]): void {
    this.#broken = { error }
    for (const { reject } of [...entries, ...this.#entries.splice(0)]) reject(error)
    this.#options.onBroken(error)
  }
}
