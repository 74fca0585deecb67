import type { RaisedMinimum } from '../domain/raised-minimum.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord, type Stored } from '../ports/records.ts'
import { guardEffect } from './guard.ts'
import { hasLanded } from './move-log.ts'

type MinimumPorts = Pick<Ports, 'records' | 'clock' | 'capacity'>

/**
 * Lowers each minimum that a plan raised to what it was, once nothing of the plan is on that stamp or on its way there.
 * Somebody else's minimum is left as it is.
 */
export const createRestoreMinimums = (ports: MinimumPorts) => async (): Promise<void> => {
  for (const raised of await everyRecord(ports.records, 'minimums')) {
    if (!raised.value.ended && !(await isUsed(ports, raised.value))) await restore(ports, raised)
  }
}

/** A move counts from its beginning to its failure or its way home's end. */
async function isUsed(
  { records }: Pick<Ports, 'records'>,
  { planId, stamp }: RaisedMinimum,
): Promise<boolean> {
  const stored = await everyRecord(records, 'moves', `${planId}/`)
  const last = new Map(stored.map(({ value }) => [value.replica, value]))
  return [...last.values()].some((move) =>
    move.direction === 'forward'
      ? move.to === stamp && (hasLanded(move) || move.outcome === null)
      : move.from === stamp && move.outcome?.kind !== 'done',
  )
}

async function restore(ports: MinimumPorts, { id, value, etag }: Stored<RaisedMinimum>): Promise<void> {
  const { records, capacity, clock } = ports
  const { planId, stamp, role, before, raisedTo } = value
  const region = (await records.read('plans', planId))?.value.region ?? ''
  if ((await guardEffect(ports, { region, planId, kind: 'reversal' })).kind !== 'open') return
  const now = (await capacity.pools(stamp)).find((pool) => pool.role === role)?.minNodes
  const how = now === raisedTo ? 'restored' : 'kept'
  if (how === 'restored') await capacity.setMinimum({ stamp, role, minNodes: before })
  await records.replace('minimums', id, { ...value, ended: { atMs: clock.nowMs(), how } }, etag)
}
