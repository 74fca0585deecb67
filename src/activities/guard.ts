import type { Controls } from '../domain/controls.ts'
import type { PlanId } from '../domain/ids.ts'
import { type EffectKind, switchAgainst, switchWords } from '../domain/switches.ts'
import type { Ports } from '../ports/ports.ts'
import { switchesOver } from '../queries/switches.ts'

/** What is about to be done to the world: where, for which plan (null for none), and what it is to a kill switch. */
export interface Effect {
  readonly region: string
  readonly planId: PlanId | null
  readonly kind: EffectKind
}

/** Whether an effect may be made now. `paused` may be asked again later; `refused` is over. */
export type Passage =
  | { readonly kind: 'open' }
  | { readonly kind: 'paused'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * Asked by every activity right before it changes anything outside. It reads the kill switches each time and fails
 * closed: where they can't be read it throws, and nothing is done. A pause ends as a refusal once somebody wants the run stopped.
 */
export async function guardEffect(ports: Pick<Ports, 'records'>, effect: Effect): Promise<Passage> {
  const against = switchAgainst(await switchesOver(ports, effect.region), effect.kind)
  if (!against) return { kind: 'open' }
  const reason = switchWords(against)
  const controls = effect.planId ? (await ports.records.read('controls', effect.planId))?.value : undefined
  const ordered = controls && stopping(controls, effect.kind)
  return ordered
    ? { kind: 'refused', reason: `${ordered} was ordered while ${reason}` }
    : { kind: 'paused', reason }
}

/** The order that makes waiting pointless. A hold lets what is under way finish; only an abort ends a way back. */
function stopping({ abort, rollback, undo, hold }: Controls, kind: EffectKind): string | undefined {
  if (abort) return 'an abort'
  if ((rollback ?? undo) && kind !== 'reversal') return 'a rollback'
  return hold && kind === 'newMove' ? 'a hold' : undefined
}
