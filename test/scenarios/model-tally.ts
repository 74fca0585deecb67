import type { ModelRun } from './model-run.ts'

/** Without these a model shows little. */
const WANTED = [
  ...['moves', 'reversals', 'kills in mid-step', 'lost events', 'conflicts', 'stale writers'],
  ...['expired gates', 'preemptions', 'opt-outs', 'foreign re-binds', 'gates opened by themselves'],
  'ways home that got stuck',
]

/** How often what the courses are to provoke has happened over many seeds. */
export class ModelTally {
  readonly #counts = new Map<string, number>()
  readonly ends = new Map<string, number>()

  add(real: ModelRun): void {
    const { happened } = real.rules
    const documents = (name: Parameters<typeof real.records.under>[0]) => real.records.under(name, '').length
    for (const [kind, count] of [
      ['moves', happened.moves],
      ['reversals', happened.reversals],
      ['kills in mid-step', real.kills],
      ['lost events', real.faultCounts.lost],
      ['conflicts', documents('conflicts')],
      ['stale writers', documents('staleWriters')],
      ['expired gates', happened.expiredGates],
      ['preemptions', happened.preemptions],
      ['opt-outs', happened.optOuts],
      ['foreign re-binds', documents('foreignRebinds')],
      ['gates opened by themselves', happened.openedGates],
      ['ways home that got stuck', real.region.stuckCount],
      ['forwardings', documents('forwardings')],
      ['repairs', documents('repairs')],
    ] as const)
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count)
    for (const { status } of real.records.under('runs', ''))
      this.ends.set(status.kind, (this.ends.get(status.kind) ?? 0) + 1)
  }

  missing(): string[] {
    return WANTED.filter((kind) => !this.#counts.get(kind))
  }

  toString(): string {
    const list = (counts: ReadonlyMap<string, number>) =>
      [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')
    return `${list(this.#counts)}; runs ended: ${list(this.ends)}`
  }
}
