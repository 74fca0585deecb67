import type { Collection, RecordOf, Records, Stored } from './records.ts'

type Hear = <C extends Collection>(collection: C, value: RecordOf<C>) => void

/** Records whose writes are heard as they happen, before whoever wrote goes on. */
export class HeardRecords implements Records {
  readonly #records: Records
  readonly #hear: Hear

  constructor(records: Records, hear: Hear) {
    this.#records = records
    this.#hear = hear
  }

  read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined> {
    return this.#records.read(collection, id)
  }

  async create<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
  ): Promise<'created' | 'exists'> {
    const answer = await this.#records.create(collection, id, value)
    if (answer === 'created') this.#hear(collection, value)
    return answer
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    const answer = await this.#records.replace(collection, id, value, etag)
    if (answer === 'replaced') this.#hear(collection, value)
    return answer
  }

  list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    return this.#records.list(collection, query)
  }
}
