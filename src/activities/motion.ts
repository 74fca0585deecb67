import { partsOf } from '../domain/ids.ts'
import { hasEnded, type MoveRecord } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import type { Passage } from './guard.ts'
import { RecordBusy } from './record-faults.ts'

/**
 * Sets a registry in motion in one region, unless a move of it is under way in another. Each registry has one pointer to
 * its last move anywhere; whether that is under way is read from the move itself, so nothing has to be released.
 */
export async function setInMotion(
  { records }: Pick<Ports, 'records'>,
  { key, planId, replica }: Pick<MoveRecord, 'key' | 'planId' | 'replica'>,
): Promise<Passage> {
  const { registry, region } = partsOf(replica)
  const stored = await records.read('motions', registry)
  if (stored?.value.key === key) return { kind: 'open' }
  const other = stored?.value
  if (other && other.region !== region && (await isUnderWay({ records }, other))) {
    const reason = `${registry} is in motion in ${other.region} under ${other.planId}; one region after another`
    return { kind: 'paused', reason }
  }
  const motion = { registry, region, planId, key }
  const answer = stored
    ? await records.replace('motions', registry, motion, stored.etag)
    : await records.create('motions', registry, motion)
  if (answer === 'replaced' || answer === 'created') return { kind: 'open' }
  throw new RecordBusy(`the motion of ${registry} was written by somebody else; it is looked at again`)
}

/** A move is under way until its outcome is on record, or its run has ended without one. */
async function isUnderWay(
  { records }: Pick<Ports, 'records'>,
  { key, planId }: { readonly key: string; readonly planId: string },
): Promise<boolean> {
  const move = (await records.read('moves', key))?.value
  if (!move || move.outcome) return false
  const run = (await records.read('runs', planId))?.value
  return !run || !hasEnded(run.status)
}
