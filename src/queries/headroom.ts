import { type Peak, settledPeak } from '../domain/headroom.ts'
import type { StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Policy } from '../domain/policy.ts'
import type { RelievedPool } from '../domain/right-size.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { knownUntilMs, peakBefore, signalsOver } from './telemetry.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A forecast learns from so many days at most. */
const PAST_DAYS_MAX = 35
/** Old addresses are forgotten so long after a move; from then on a day shows what came of it. */
const SETTLED_MS = HOUR_MS

interface PoolAt {
  readonly stamp: StampId
  readonly role: string
  /** The node count at which the peak is told. */
  readonly atNodes: number
}

/** The peak that a pool is to be ready for, from telemetry since a replica last came to its stamp or left it. */
export async function poolPeak(ports: Ports, policy: Policy, pool: PoolAt): Promise<Peak> {
  const { stamp, role, atNodes } = pool
  const nowMs = knownUntilMs(ports)
  const sinceMs = Math.max(await lastHandOverMs(ports, stamp), nowMs - PAST_DAYS_MAX * DAY_MS)
  const samples = await ports.metrics.cpu({ stamp, role, fromMs: sinceMs, toMs: nowMs })
  return settledPeak({ samples, sinceMs, nowMs, atNodes }, policy)
}

/** When a move last took a replica to the stamp or off it, with the time that old addresses live on. 0 for never. */
async function lastHandOverMs({ records }: Pick<Ports, 'records'>, stamp: StampId): Promise<number> {
  const moves = await everyValue(records, 'moves')
  const times = moves
    .filter(({ from, to, steps }) => (from === stamp || to === stamp) && steps.length > 0)
    .flatMap(({ steps, outcome }) => [...steps.map(({ atMs }) => atMs), outcome?.atMs ?? 0])
  return times.length === 0 ? 0 : Math.max(...times) + SETTLED_MS
}

/** The pools that a plan's moves took load off, as they are now. */
export async function relievedPools(ports: Ports, plan: Plan, policy: Policy): Promise<RelievedPool[]> {
  const nowMs = knownUntilMs(ports)
  const stamps = [...new Set(plan.moves.map(({ from }) => from))].toSorted()
  const relieved: RelievedPool[] = []
  for (const stamp of stamps) {
    for (const { role, minNodes } of await ports.capacity.pools(stamp)) {
      if (minNodes < 1) continue
      const peak = await poolPeak(ports, policy, { stamp, role, atNodes: minNodes })
      const window = await peakBefore(ports, { stamp, role }, nowMs, policy)
      const seen = window ? await signalsOver(ports, { stamp, role }, window, policy) : undefined
      const figures =
        seen?.status === 'ok'
          ? { hotNodeP95: seen.hotNodeP95, poolAverage: seen.poolAverage, max: seen.max?.value ?? null }
          : { hotNodeP95: null, poolAverage: null, max: null }
      relieved.push({ stamp, role, minNodes, figures, peak })
    }
  }
  return relieved
}
