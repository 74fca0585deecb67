import type { CutoverStep, MoveRecord } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import { RecordBusy } from './record-faults.ts'

const WRITES_MAX = 8

/** Changes a move's record by what is in it now. */
export async function amendMove(
  { records }: Pick<Ports, 'records'>,
  id: string,
  change: (move: MoveRecord) => MoveRecord,
): Promise<MoveRecord> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('moves', id)
    if (!stored) throw new RecordBusy(`move ${id} is not on record`)
    const changed = change(stored.value)
    if (changed === stored.value) return changed
    if ((await records.replace('moves', id, changed, stored.etag)) === 'replaced') return changed
  }
  throw new RecordBusy(`move ${id} was written by others ${WRITES_MAX} times in a row`)
}

/** Appends a step to a move's record, once: a repeat finds it there. */
export function logStep(
  ports: Pick<Ports, 'records' | 'clock'>,
  id: string,
  entry: { readonly step: CutoverStep; readonly kind: 'intent' | 'done'; readonly detail: string },
): Promise<MoveRecord> {
  return amendMove(ports, id, (move) => {
    const known = move.steps.some(({ step, kind }) => step === entry.step && kind === entry.kind)
    return known ? move : { ...move, steps: [...move.steps, { ...entry, atMs: ports.clock.nowMs() }] }
  })
}
