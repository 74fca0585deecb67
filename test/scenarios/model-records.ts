import type { Anchor } from '../../src/domain/audit.ts'
import type { Anchors } from '../../src/ports/anchors.ts'
import type { Collection, RecordOf, Records, Stored } from '../../src/ports/records.ts'
import type { Documents, Listener } from './model-journal.ts'

interface Kept {
  /** As its JSON reads, and frozen: who changes what he has read fails at once. */
  readonly value: unknown
  readonly version: number
}

/** One collection: ids in their order, so that a listing sorts nothing. */
interface Shelf {
  readonly kept: Map<string, Kept>
  readonly ids: string[]
}

/** Records in memory. Nobody shares an object with the store that could be changed. Tells of each write. */
export class ModelRecords implements Records, Documents {
  readonly #shelves = new Map<Collection, Shelf>()
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
    const kept = this.#in(collection).kept.get(id)
    return kept && this.#stored<C>(id, kept)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    this.#reachable()
    if (this.#in(collection).kept.has(id)) return 'exists'
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
    const version = this.#in(collection).kept.get(id)?.version
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
    const found: Stored<RecordOf<C>>[] = []
    for (const id of this.#ids(collection, prefix, after)) {
      if (found.length >= limit) break
      const kept = this.#in(collection).kept.get(id)
      if (kept) found.push(this.#stored<C>(id, kept))
    }
    return found
  }

  of<C extends Collection>(collection: C, id: string): RecordOf<C> | undefined {
    return this.#in(collection).kept.get(id)?.value as RecordOf<C> | undefined
  }

  under<C extends Collection>(collection: C, prefix: string): readonly RecordOf<C>[] {
    return [...this.#ids(collection, prefix)].map((id) => this.of(collection, id) as RecordOf<C>)
  }

  *#ids(collection: Collection, prefix: string, after = ''): Generator<string> {
    const { ids } = this.#in(collection)
    const first = prefix > after ? prefix : after
    for (let at = placeOf(ids, first); at < ids.length; at += 1) {
      const id = ids[at] ?? ''
      if (id === after) continue
      if (!id.startsWith(prefix)) return
      yield id
    }
  }

  #in(collection: Collection): Shelf {
    const found = this.#shelves.get(collection)
    if (found) return found
    const made = { kept: new Map<string, Kept>(), ids: [] }
    this.#shelves.set(collection, made)
    return made
  }

  #stored<C extends Collection>(id: string, { value, version }: Kept): Stored<RecordOf<C>> {
    return { id, value: value as RecordOf<C>, etag: String(version) }
  }

  #write(collection: Collection, id: string, value: object, version: number): void {
    const { kept, ids } = this.#in(collection)
    const before = kept.get(id)?.value
    if (version === 1) ids.splice(placeOf(ids, id), 0, id)
    kept.set(id, { value: frozen(JSON.parse(JSON.stringify(value))), version })
    this.#onWrite({ kind: 'write', collection, id, before }, this.#nowMs())
  }

  #reachable(): void {
    if (this.unreadable) throw new Error('the records are out of reach')
  }
}

/** Where a text stands, or would stand, among sorted ones. */
function placeOf(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
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
