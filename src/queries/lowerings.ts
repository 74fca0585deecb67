import type { LoweringRecord } from '../domain/lowering.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'

/** All that a plan did to one pool's minimum, oldest first. */
export async function changesOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  { stamp, pool }: Pick<LoweringRecord, 'stamp' | 'pool'>,
): Promise<readonly LoweringRecord[]> {
  return everyValue(records, 'lowerings', `${planId}/${stamp}.${pool}/`)
}

/** All that a plan did to minimums. */
export async function loweringsOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
): Promise<readonly LoweringRecord[]> {
  return everyValue(records, 'lowerings', `${planId}/`)
}

/** The lowerings of one pool that stand: begun, not failed, and not restored. What may have taken effect counts. */
export function standingOf(log: readonly LoweringRecord[]): LoweringRecord[] {
  const standing: LoweringRecord[] = []
  for (const each of log) {
    if (each.direction === 'restore') {
      if (each.outcome?.kind === 'done') standing.pop()
    } else if (each.steps.length > 0 && each.outcome?.kind !== 'failed') standing.push(each)
  }
  return standing
}
