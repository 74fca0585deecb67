import { isSkipped } from '../domain/controls.ts'
import { batchesOf, type Move, type Plan } from '../domain/plan.ts'
import type { Ports } from '../ports/ports.ts'

/** A batch's moves but for those that people skipped. */
export async function movesLeft(
  { records }: Pick<Ports, 'records'>,
  plan: Plan,
  gate: string,
): Promise<readonly Move[]> {
  const moves = batchesOf(plan).find((batch) => batch.gate === gate)?.moves ?? []
  const controls = (await records.read('controls', plan.id))?.value
  return controls ? moves.filter(({ registry }) => !isSkipped(controls, registry)) : moves
}
