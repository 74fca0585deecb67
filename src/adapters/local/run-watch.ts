import { hasEnded, Run } from '../../domain/run.ts'
import { Switch } from '../../domain/switches.ts'
import { HeardRecords } from '../../ports/heard-records.ts'
import { type Collection, everyValue, type Records } from '../../ports/records.ts'

/**
 * Tells from records whether time may be hurried: only while a run is under way that no person is asked about, and nothing
 * is frozen, since only a person lifts that. It hears of each write as it happens, so that a skipping clock can't jump over the moment in which somebody is asked.
 */
export class RunWatch {
  /** The records that it hears; whoever writes past them is not heard. */
  readonly records: Records
  readonly #onChange: (mayHurry: boolean) => void
  readonly #runs = new Map<string, 'underWay' | 'asks'>()
  readonly #frozen = new Set<string>()

  constructor(records: Records, onChange: (mayHurry: boolean) => void) {
    this.records = new HeardRecords(records, (collection, value) => this.#heard(collection, value))
    this.#onChange = onChange
  }

  /** Takes in the runs of an earlier start. */
  async open(): Promise<void> {
    for (const run of await everyValue(this.records, 'runs')) this.#note(run)
    for (const turn of (await everyValue(this.records, 'switches')).toReversed()) this.#turned(turn)
  }

  mayHurry(): boolean {
    const states = [...this.#runs.values()]
    return this.#frozen.size === 0 && states.length > 0 && states.every((state) => state === 'underWay')
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
