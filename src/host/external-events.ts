import type { HistoryEvent } from './history.ts'

/** Waits and events of one walk: the newest wait gets the next event, unclaimed events queue. Names ignore case. */
export class ExternalEvents {
  readonly #waits = new Map<string, (() => void)[]>()
  readonly #unclaimed = new Set<HistoryEvent>()

  /** In the order in which they came. */
  get unclaimed(): readonly HistoryEvent[] {
    return [...this.#unclaimed]
  }

  wait(name: string, done: () => void): void {
    const key = name.toLowerCase()
    const stack = this.#waits.get(key) ?? []
    stack.push(done)
    this.#waits.set(key, stack)
    for (const event of this.#unclaimed) {
      if (event.Name?.toLowerCase() !== key) continue
      this.#unclaimed.delete(event)
      this.raise(event)
      return
    }
  }

  raise(event: HistoryEvent): void {
    const done = this.#waits.get(event.Name?.toLowerCase() ?? '')?.pop()
    if (done) done()
    else this.#unclaimed.add(event)
  }
}
