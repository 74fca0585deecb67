/** Waits and events of one walk: the newest wait gets the next event, unclaimed events queue. Names ignore case. */
export class ExternalEvents {
  readonly #waits = new Map<string, (() => void)[]>()
  readonly #unclaimed = new Map<string, number>()

  wait(name: string, done: () => void): void {
    const key = name.toLowerCase()
    const stack = this.#waits.get(key) ?? []
    stack.push(done)
    this.#waits.set(key, stack)
    const buffered = this.#unclaimed.get(key) ?? 0
    if (buffered === 0) return
    this.#unclaimed.set(key, buffered - 1)
    this.raise(name)
  }

  raise(name: string): void {
    const key = name.toLowerCase()
    const done = this.#waits.get(key)?.pop()
    if (done) done()
    else this.#unclaimed.set(key, (this.#unclaimed.get(key) ?? 0) + 1)
  }
}
