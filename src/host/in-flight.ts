/** For tests: after so many turns of the event loop without any change a lost message is what all else waits for. */
const stalledTurns = 60

/** Counts work that is under way, so that the clock knows when nothing else can run. */
export class InFlight {
  #count = 0
  #changes = 0
  #watching = false
  #waiters: (() => void)[] = []
  #onStalled: (() => void) | undefined
  readonly #onIdle: () => void

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  get idle(): boolean {
    return this.#count === 0
  }

  enter(): void {
    this.#count += 1
    this.#changes += 1
  }

  leave(): void {
    this.#count -= 1
    this.#changes += 1
    if (this.#count > 0) return
    for (const resolve of this.#waiters.splice(0)) resolve()
    this.#onIdle()
  }

  /** For tests: a message got lost. It is still in the hub and on its way, so the clock must not skip over it. */
  lose(): void {
    this.enter()
    if (this.#watching) return
    this.#watching = true
    this.#watch(this.#changes, stalledTurns)
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.enter()
    try {
      return await work()
    } finally {
      this.leave()
    }
  }

  /** Resolves at once when nothing is under way, else when the last work has left. */
  whenIdle(): Promise<void> {
    if (this.idle) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** For tests: resolves when nothing gets on any more since a message got lost. */
  whenStalled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onStalled = resolve
    })
  }

  #watch(changes: number, turnsLeft: number): void {
    if (turnsLeft === 0) this.#onStalled?.()
    else
      setImmediate(() => {
        const isStill = this.#changes === changes
        this.#watch(this.#changes, isStill ? turnsLeft - 1 : stalledTurns)
      })
  }
}
