import type { Forwarding } from '../domain/forwarding.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord } from '../ports/records.ts'
import { isQuiet, leftoverOf } from './drain.ts'

/** Ends each forwarding whose traffic has left, whose replica is home again, or whose time is over. */
export const createEndForwardings =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog' | 'traffic'>) => async (): Promise<void> => {
    for (const stored of await everyRecord(ports.records, 'forwardings')) {
      const forwarding = stored.value
      if (forwarding.ended) continue
      const ended = await endOf(ports, forwarding)
      if (ended) await ports.records.replace('forwardings', stored.id, { ...forwarding, ended }, stored.etag)
    }
  }

async function endOf(
  { catalog, traffic, clock }: Pick<Ports, 'catalog' | 'traffic' | 'clock'>,
  { replica, from, quietMs, sinceMs, expiresAtMs }: Forwarding,
): Promise<Forwarding['ended']> {
  const atMs = clock.nowMs()
  const residue = await traffic.residue(replica, from)
  const left = leftoverOf(residue)
  if ((await catalog.binding(replica))?.homeStamp === from) return { atMs, why: 'home again', left }
  if (isQuiet(residue, { quietMs, sinceMs, nowMs: atMs })) return { atMs, why: 'quiet', left }
  return atMs >= expiresAtMs ? { atMs, why: 'expired', left } : null
}
