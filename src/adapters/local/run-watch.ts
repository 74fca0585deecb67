import { hasEnded, Run } from '../../domain/run.ts'
import { Switch } from '../../domain/switches.ts'
import { type Collection, everyValue, type RecordOf, type Records, type Stored } from '../../ports/records.ts'

const SWITCHES_MAX = 10_000

/**
 * Records that tell whether time may be hurried: only while a run is under way that no person is asked about, and nothing
 * is frozen, since only a person lifts that. It hears of each write as it happens, so that a skipping clock can't jump over the moment in which somebody is asked.
 */
export class RunWatch implements Records {
  readonly #records: Records
  readonly #onChange: (mayHurry: boolean) => void
  readonly #runs = new Map<string, 'underWay' | 'asks'>()
  readonly #frozen = new Set<string>()

  constructor(records: Records, onChange: (mayHurry: boolean) => void) {
    this.#records = records
    this.#onChange = onChange
  }

  /** Takes in the runs of an earlier start. */
  async open(): Promise<void> {
    for (const run of await everyValue(this.#records, 'runs')) this.#note(run)
    const switches = await this.#records.list('switches', { limit: SWITCHES_MAX })
    for (const { value } of switches.toReversed()) this.#turned(value)
  }

  mayHurry(): boolean {
    const states = [...this.#runs.values()]
    return this.#frozen.size === 0 && states.length > 0 && states.every((state) => state === 'underWay')
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
    if (answer === 'created') this.#heard(collection, value)
    return answer
  }

  async replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'> {
    const answer = await this.#records.replace(collection, id, value, etag)
    if (answer === 'replaced') this.#heard(collection, value)
    return answer
  }

  list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]> {
    return this.#records.list(collection, query)
  }

  #heard(collection: Collection, value: object): void {
    if (collection === 'runs') this.#note(Run.parse(value))
    if (collection === 'switches') this.#turned(Switch.parse(value))
    if ((collection === 'decisions' || collection === 'controls') && 'planId' in value)
      this.#answered(String(value.planId))
  }

  #note(run: Run): void {
    if (hasEnded(run.status)) this.#runs.delete(run.planId)
    else this.#runs.set(run.planId, run.waiting?.person ? 'asks' : 'underWay')
    this.#onChange(this.mayHurry())
  }

  #turned({ scope, setting }: Switch): void {
    if (setting === 'freeze') this.#frozen.add(scope)
    else this.#frozen.delete(scope)
    for (const planId of this.#runs.keys()) this.#answered(planId)
  }

  #answered(planId: string): void {
    if (this.#runs.has(planId)) this.#runs.set(planId, 'underWay')
    this.#onChange(this.mayHurry())
  }
}
