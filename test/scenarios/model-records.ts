import type { Anchor } from '../../src/domain/audit.ts'
import type { Anchors } from '../../src/ports/anchors.ts'
import type { Collection, RecordOf, Records, Stored } from '../../src/ports/records.ts'
import type { Documents, Listener } from './model-journal.ts'

interface Kept {
  readonly text: string
  readonly version: number
}

/** Records in memory, as JSON texts, so that nobody shares an object with the store. Tells of each write. */
export class ModelRecords implements Records, Documents {
  readonly #collections = new Map<Collection, Map<string, Kept>>()
  readonly #onWrite: Listener
  readonly #nowMs: () => number
  /** While set, every read fails, as where the store is out of reach. */
  unreadable = false

  constructor(nowMs: () => number, onWrite: Listener) {
    this.#nowMs = nowMs
    this.#onWrite = onWrite
  }

  async read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined> {
    this.#reachable()
    const kept = this.#in(collection).get(id)
    return kept && this.#stored<C>(id, kept)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    this.#reachable()
    if (this.#in(collection).has(id)) return 'exists'
    this.#write(collection, id, value, 1)
    return 'created'
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    this.#reachable()
    const version = this.#in(collection).get(id)?.version
    if (version === undefined || String(version) !== etag) return 'stale'
    this.#write(collection, id, value, version + 1)
    return 'replaced'
  }

  async list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    this.#reachable()
    const { prefix = '', after = '', limit } = query
    return this.#ids(collection, prefix)
      .filter((id) => id > after)
      .slice(0, limit)
      .flatMap((id) => {
        const kept = this.#in(collection).get(id)
        return kept ? [this.#stored<C>(id, kept)] : []
      })
  }

  of<C extends Collection>(collection: C, id: string): RecordOf<C> | undefined {
    const kept = this.#in(collection).get(id)
    return kept && JSON.parse(kept.text)
  }

  under<C extends Collection>(collection: C, prefix: string): readonly RecordOf<C>[] {
    return this.#ids(collection, prefix).map((id) => JSON.parse(this.#in(collection).get(id)?.text ?? 'null'))
  }

  #ids(collection: Collection, prefix: string): string[] {
    return [...this.#in(collection).keys()].filter((id) => id.startsWith(prefix)).sort()
  }

  #in(collection: Collection): Map<string, Kept> {
    const found = this.#collections.get(collection)
    if (found) return found
    const made = new Map<string, Kept>()
    this.#collections.set(collection, made)
    return made
  }

  #stored<C extends Collection>(id: string, { text, version }: Kept): Stored<RecordOf<C>> {
    return { id, value: JSON.parse(text), etag: String(version) }
  }

  #write(collection: Collection, id: string, value: object, version: number): void {
    const before = version === 1 ? undefined : JSON.parse(this.#in(collection).get(id)?.text ?? 'null')
    this.#in(collection).set(id, { text: JSON.stringify(value), version })
    this.#onWrite({ kind: 'write', collection, id, before }, this.#nowMs())
  }

  #reachable(): void {
    if (this.unreadable) throw new Error('the records are out of reach')
  }
}

/** Anchors in memory. */
export class ModelAnchors implements Anchors {
  readonly #kept = new Map<string, Anchor>()

  async keep(anchor: Anchor): Promise<'kept' | 'keptBefore' | 'conflict'> {
    const id = `${anchor.chain}/${anchor.number}`
    const known = this.#kept.get(id)
    if (known) return known.hash === anchor.hash ? 'keptBefore' : 'conflict'
    this.#kept.set(id, anchor)
    return 'kept'
  }

  async list(chain: string): Promise<readonly Anchor[]> {
    return [...this.#kept.values()].filter((anchor) => anchor.chain === chain)
  }
}
