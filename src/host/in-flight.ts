/** Counts work that is under way, so that the clock knows when nothing else can run. */
export class InFlight {
  #count = 0
  #waiters: (() => void)[] = []
  readonly #onIdle: () => void

  constructor(onIdle: () => void) {
    this.#onIdle = onIdle
  }

  get idle(): boolean {
    return this.#count === 0
  }

  enter(): void {
    this.#count += 1
  }

  leave(): void {
    this.#count -= 1
    if (this.#count > 0) return
    for (const resolve of this.#waiters.splice(0)) resolve()
    this.#onIdle()
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
}
