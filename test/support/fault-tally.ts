import { type FaultCounts, SeededFaults } from '../../src/host/testkit.ts'

/** How often each kind of fault hit over many seeds. */
export class FaultTally {
  readonly #counts = new Map<string, number>(Object.keys(new SeededFaults(0).counts).map((kind) => [kind, 0]))

  constructor(counts?: FaultCounts) {
    if (counts) this.add(counts)
  }

  add(counts: FaultCounts): void {
    for (const [kind, count] of Object.entries(counts))
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count)
  }

  /** The kinds that never hit. */
  missing(): string[] {
    return [...this.#counts].filter(([, count]) => count === 0).map(([kind]) => kind)
  }

  toString(): string {
    return [...this.#counts].map(([kind, count]) => `${kind} ${count}`).join(', ')
  }
}
