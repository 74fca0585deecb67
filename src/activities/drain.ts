import type { z } from 'zod'
import type { CheckDrain } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { logStep, openMove, STAGES } from './move-log.ts'

const QUIET_MS_MIN = 30_000

/**
 * Looks whether traffic has left the old home: no request for max(30 s, 2 x TTL), nothing in flight, no open upload.
 * At the deadline the old home goes on serving what is left, and the record says so.
 */
export const createCheckDrain =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog' | 'traffic'>) =>
  async (step: z.infer<typeof CheckDrain.input>): Promise<z.infer<typeof CheckDrain.output>> => {
    const opened = await openMove(ports, step, STAGES.drain)
    if (opened.kind !== 'open') return { kind: 'refused', reason: opened.reason }
    const { from, key } = opened.move
    const route = await ports.traffic.route(step.replica)
    const residue = await ports.traffic.residue(step.replica, from)
    const now = ports.clock.nowMs()
    const quietMs = Math.max(QUIET_MS_MIN, 2_000 * (route?.ttlSeconds ?? 0))
    const sinceMs =
      residue.lastRequestAtMs === null ? Number.POSITIVE_INFINITY : now - residue.lastRequestAtMs
    const left = `${residue.inFlight} requests and ${residue.openUploads} uploads open on ${from}`

    if (residue.inFlight === 0 && residue.openUploads === 0 && sinceMs >= quietMs) {
      const detail = `${from} has had no request for ${Number.isFinite(sinceMs) ? `${Math.round(sinceMs / 1000)} s` : 'as long as is known'}`
      await logStep(ports, key, { step: 'drain', kind: 'done', detail })
      return { kind: 'drained', detail }
    }
    if (now >= step.deadlineMs) {
      const detail = `deadline: ${left}; ${from} goes on serving them`
      await logStep(ports, key, { step: 'drain', kind: 'done', detail })
      return { kind: 'drained', detail }
    }
    return { kind: 'draining', detail: left }
  }
