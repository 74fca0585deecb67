import { partsOf } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import { gapP99Ms, quietForMs } from '../domain/quiet.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { RegionLoad } from '../domain/series.ts'
import type { EffectOutcome } from '../messages/activities.ts'
import type { MoveStep } from '../messages/outline.ts'
import type { Binding } from '../ports/catalog.ts'
import type { Ports } from '../ports/ports.ts'
import { knownUntilMs } from '../queries/telemetry.ts'
import { amendMove, logStep } from './amend-move.ts'
import { readyDestination } from './destination.ts'
import { isDone, openMove, recordStale, STAGES } from './move-log.ts'

/** A replica's own pauses between requests are those of its last day. */
const GAPS_OVER_MS = 86_400_000

/** Makes the destination ready for the replica, before anything is changed for its clients. */
export const createPrepare =
  (ports: Pick<Ports, 'records' | 'clock' | 'capacity' | 'catalog' | 'traffic'>) =>
  async (step: MoveStep): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, STAGES.prepare)
    if (opened.kind !== 'open') return opened
    const { from, to, key } = opened.move
    if (opened.move.outcome?.kind === 'done') return { kind: 'movedBefore' }
    await logStep(ports, key, { step: 'prepare', kind: 'intent', detail: `${from} -> ${to}` })

    const stamps = (await ports.catalog.fleet()).regions.flatMap((region) => region.stamps)
    const destination = stamps.find((stamp) => stamp.id === to)
    const takes = destination?.state === 'active' || step.direction === 'reverse'
    if (!destination || !takes) {
      return { kind: 'refused', reason: `${to} is ${destination?.state ?? 'unknown'} and takes no replicas` }
    }
    const ready = await readyDestination(ports, opened.plan, opened.move)
    if (ready.kind === 'done')
      await logStep(ports, key, { step: 'prepare', kind: 'done', detail: ready.detail })
    if (ready.kind === 'waiting') await noteWait(ports, key, ready.detail)
    return ready
  }

/** Status says what a move waits for; the same words again are no news. */
async function noteWait(ports: Pick<Ports, 'records' | 'clock'>, key: string, detail: string): Promise<void> {
  const atMs = ports.clock.nowMs()
  await amendMove(ports, key, (move) =>
    move.waits?.detail === detail ? move : { ...move, waits: { atMs, detail } },
  )
}

/**
 * Re-binds the replica's home: one conditional write, good only for the epoch at which the move began. A repeat is recognised
 * by its key; whoever comes after somebody else's re-bind changes nothing and says so.
 */
export const createRebind =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog'>) =>
  async (step: MoveStep): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, STAGES.rebind)
    if (opened.kind !== 'open') return opened
    const { from, to, key, epoch } = opened.move
    const binding = await ports.catalog.binding(step.replica)
    if (!binding) return { kind: 'refused', reason: `${step.replica} is no longer in the catalog` }
    const expectedEpoch = epoch ?? binding.epoch
    if (binding.lastMoveKey !== key && (binding.homeStamp !== from || binding.epoch !== expectedEpoch)) {
      return lost(ports, step, binding)
    }
    await logStep(ports, key, { step: 'rebind', kind: 'intent', detail: `epoch ${expectedEpoch}` })

    const move = { replica: step.replica, to, expectedEpoch, moveKey: key }
    const outcome = await ports.catalog.rebind(move)
    if (outcome.kind === 'stale') return lost(ports, step, outcome.binding)
    const seen = await ports.catalog.binding(step.replica)
    if (seen?.homeStamp !== to || seen.lastMoveKey !== key)
      throw new NotReadBack(`${step.replica} reads as bound to ${seen?.homeStamp}, not ${to}`)
    const detail = `${to}, epoch ${seen.epoch}`
    await logStep(ports, key, { step: 'rebind', kind: 'done', detail })
    return { kind: 'done', detail }
  }

/** Somebody else re-bound the replica since the move began: it is theirs. */
async function lost(
  ports: Pick<Ports, 'records' | 'clock'>,
  step: MoveStep,
  { homeStamp, epoch }: Binding,
): Promise<EffectOutcome> {
  const words = `${step.replica} was bound to ${homeStamp} (epoch ${epoch}) by somebody else since its move began`
  await recordStale(ports, step, { step: 'rebind', words })
  return { kind: 'refused', reason: words }
}

/** Leads the endpoints to where the replica is bound, as long as this move is what bound it. */
export const createRoute =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog' | 'traffic' | 'metrics'>) =>
  async (step: MoveStep): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, STAGES.route)
    if (opened.kind !== 'open') return opened
    const { to, key } = opened.move
    const binding = await ports.catalog.binding(step.replica)
    if (binding?.lastMoveKey !== key || binding.homeStamp !== to) {
      const words = `${step.replica} is bound to ${binding?.homeStamp ?? 'nothing'} by another move than ${key}`
      await recordStale(ports, step, { step: 'route', words })
      return { kind: 'refused', reason: words }
    }
    await noteQuiet(ports, opened.move, opened.plan)
    await logStep(ports, key, { step: 'route', kind: 'intent', detail: to })
    await ports.traffic.setRoute({ replica: step.replica, to, moveKey: key, epoch: binding.epoch })
    const route = await ports.traffic.route(step.replica)
    if (route?.stamp !== to)
      throw new NotReadBack(`${step.replica} is routed to ${route?.stamp ?? 'no stamp'}, not ${to}`)
    const detail = `${to}, TTL ${route.ttlSeconds} s`
    await logStep(ports, key, { step: 'route', kind: 'done', detail })
    return { kind: 'done', detail }
  }

/** Notes how long the old home has to be quiet, by the TTL and the traffic from before the route changes; once. */
async function noteQuiet(
  ports: Pick<Ports, 'records' | 'clock' | 'traffic' | 'metrics'>,
  move: MoveRecord,
  { policy, region }: Plan,
): Promise<void> {
  if (move.drain) return
  const toMs = knownUntilMs(ports)
  const registries = [partsOf(move.replica).registry]
  const load = await ports.metrics.load({ region, registries, fromMs: toMs - GAPS_OVER_MS, toMs })
  const ttlSeconds = (await ports.traffic.route(move.replica))?.ttlSeconds ?? 0
  const gapMs = gapP99Ms(requestsOf(load), load.binMs)
  const gapMaxMs = durationMs(policy.drainQuietMax) ?? 0
  const drain = {
    quietMs: quietForMs({ ttlSeconds, gapP99Ms: gapMs, gapMaxMs }),
    ttlSeconds,
    gapP99Ms: gapMs,
  }
  await amendMove(ports, move.key, (stored) => (stored.drain ? stored : { ...stored, drain }))
}

/** Requests a bin over all roles; a bin that any role lacks is missing. */
function requestsOf({ series, bins }: RegionLoad): Float64Array {
  const columns = series.flatMap(({ requests }) => (requests ? [requests] : []))
  if (columns.length === 0) return new Float64Array(bins).fill(Number.NaN)
  return Float64Array.from({ length: bins }, (_, bin) =>
    columns.reduce((sum, column) => sum + (column[bin] ?? Number.NaN), 0),
  )
}

/** Pulls through the new home; only then the move counts as done. */
export const createVerify =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog' | 'traffic'>) =>
  async (step: MoveStep): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, STAGES.verify)
    if (opened.kind !== 'open') return opened
    const { to, key } = opened.move
    if (!isDone(opened.move, 'drain'))
      return { kind: 'refused', reason: `${step.replica} has not drained, so its move is not done` }
    const pull = await ports.traffic.pull(step.replica, to)
    if (!pull.ok)
      throw new PullFailed(`a pull of ${step.replica} through ${to} failed after ${pull.latencyMs} ms`)
    const detail = `pulled in ${Math.round(pull.latencyMs)} ms`
    await logStep(ports, key, { step: 'verify', kind: 'done', detail })
    await amendMove(ports, key, (move) =>
      move.outcome?.kind === 'done'
        ? move
        : { ...move, outcome: { kind: 'done', atMs: ports.clock.nowMs() } },
    )
    return { kind: 'done', detail }
  }

/** What was written is not what is read. */
export class NotReadBack extends Error {
  override readonly name = 'NotReadBack'
}

export class PullFailed extends Error {
  override readonly name = 'PullFailed'
}
