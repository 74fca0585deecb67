import type { AuditFact } from '../domain/audit.ts'
import type { Collection, RecordOf, Records, Stored } from '../ports/records.ts'
import { factsOf } from './facts.ts'
import type { AuditTrail } from './trail.ts'

/** After these the head is anchored at once; a timer anchors the rest. */
const ANCHORED: readonly AuditFact['kind'][] = ['start', 'decision', 'conflict', 'control']

/** Records of these lose what they told when they are written anew; all others only grow. */
const OVERWRITTEN: readonly Collection[] = ['controls', 'minimums', 'incidents', 'predictions', 'tickets']

/** Records that tell the audit of each write: whatever is decided, ordered or done is a record, so nothing is forgotten. */
export class AuditedRecords implements Records {
  readonly #records: Records
  readonly #trail: AuditTrail
  readonly #onFailure: (error: unknown) => void

  constructor(records: Records, trail: AuditTrail, onFailure: (error: unknown) => void = () => {}) {
    this.#records = records
    this.#trail = trail
    this.#onFailure = onFailure
  }

  read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined> {
    return this.#records.read(collection, id)
  }

  list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    return this.#records.list(collection, query)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    const answer = await this.#records.create(collection, id, value)
    if (answer === 'created') await this.#tell(factsOf(collection, id, value))
    return answer
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    if (OVERWRITTEN.includes(collection)) await this.#tellBefore(collection, id)
    const answer = await this.#records.replace(collection, id, value, etag)
    if (answer === 'replaced') await this.#tell(factsOf(collection, id, value))
    return answer
  }

  /** What a killed writer left untold would be gone for good with the record that tells it. */
  async #tellBefore<C extends Collection>(collection: C, id: string): Promise<void> {
    const stored = await this.#records.read(collection, id)
    if (stored) await this.#tell(factsOf(collection, id, stored.value))
  }

  /** The record stands by now. What fails here is told when its chain is next compared with the records. */
  async #tell(facts: readonly AuditFact[]): Promise<void> {
    const [first] = facts
    if (!first) return
    try {
      await this.#trail.tell(first.chain, facts)
      if (facts.some(({ kind }) => ANCHORED.includes(kind))) await this.#trail.anchor(first.chain)
    } catch (error) {
      this.#onFailure(error)
    }
  }
}
