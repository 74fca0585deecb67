import type { CommitPoint, Delivery, FaultPoints } from './fault-points.ts'
import { EventType, type HistoryEvent } from './history.ts'
import type { TaskRow } from './hub-store.ts'
import { holdDisk } from './seeded-faults.ts'

/** One disturbance, under the name that seeded faults have for its kind. It hits once, at its first chance. */
export type NamedFault =
  | { readonly kind: 'crashBefore' | 'crashAfter'; readonly at: CommitPoint }
  | { readonly kind: 'slowDisk'; readonly at: CommitPoint; readonly ms: number }
  | { readonly kind: 'lost' | 'twice' | 'late' | 'reordered'; readonly of: keyof typeof EventType }
  | { readonly kind: 'resultLost'; readonly of: string }
  | { readonly kind: 'clockForward' | 'clockBack'; readonly ms: number }

/** Disturbs a host with what a test names, and says what has hit. */
export class NamedFaults implements FaultPoints {
  readonly #left: NamedFault[]
  readonly #hit: NamedFault[] = []

  constructor(...faults: readonly NamedFault[]) {
    this.#left = [...faults]
  }

  get hit(): readonly NamedFault[] {
    return this.#hit
  }

  commit(phase: 'before' | 'after', points: readonly CommitPoint[]): void {
    const slow = this.#next(
      (fault) => phase === 'before' && fault.kind === 'slowDisk' && points.includes(fault.at),
    )
    if (slow?.kind === 'slowDisk') holdDisk(slow.ms)
    const kind = phase === 'before' ? 'crashBefore' : 'crashAfter'
    const crash = this.#next((fault) => fault.kind === kind && points.includes(fault.at))
    if (crash) throw new Error(`Crash ${phase} the commit of ${points.join(', ')}.`)
  }

  deliver({ EventType: type }: HistoryEvent): Delivery {
    const fault = this.#next((one) => isOfMessage(one) && EventType[one.of] === type)
    switch (fault?.kind) {
      case 'lost':
      case 'twice':
      case 'late':
        return fault.kind
      case 'reordered':
        return 'overtaken'
      default:
        return 'now'
    }
  }

  loseResult({ name }: TaskRow): boolean {
    return this.#next((fault) => fault.kind === 'resultLost' && fault.of === name) !== undefined
  }

  wallJumpMs(): number {
    const fault = this.#next(({ kind }) => kind === 'clockForward' || kind === 'clockBack')
    if (fault?.kind === 'clockForward') return fault.ms
    return fault?.kind === 'clockBack' ? -fault.ms : 0
  }

  #next(matches: (fault: NamedFault) => boolean): NamedFault | undefined {
    const at = this.#left.findIndex(matches)
    const found = at < 0 ? [] : this.#left.splice(at, 1)
    this.#hit.push(...found)
    return found[0]
  }
}

function isOfMessage(
  fault: NamedFault,
): fault is Extract<NamedFault, { readonly of: keyof typeof EventType }> {
  return ['lost', 'twice', 'late', 'reordered'].includes(fault.kind)
}
