import type { LoweringRecord } from '../domain/lowering.ts'
import type { Ports } from '../ports/ports.ts'

/** A pool's minimum is changed at most so often under one plan. */
const CHANGES_MAX = 1000
const RECORDS_MAX = 10_000

/** All that a plan did to one pool's minimum, oldest first. */
export async function changesOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  { stamp, pool }: Pick<LoweringRecord, 'stamp' | 'pool'>,
): Promise<readonly LoweringRecord[]> {
  const stored = await records.list('lowerings', {
    prefix: `${planId}/${stamp}.${pool}/`,
    limit: CHANGES_MAX,
  })
  return stored.map(({ value }) => value)
}

/** All that a plan did to minimums. */
export async function loweringsOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
): Promise<readonly LoweringRecord[]> {
  return (await records.list('lowerings', { prefix: `${planId}/`, limit: RECORDS_MAX })).map(
    ({ value }) => value,
  )
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
