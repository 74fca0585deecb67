/** Lets at most so many pieces of work run at once; the others wait in turn. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(max: number) {
    this.#free = max
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The slot goes over to who waits, so that nobody else takes it in between.
      if (next) next()
      else this.#free += 1
    }
  }
}
