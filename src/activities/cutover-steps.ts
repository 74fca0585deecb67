import type { StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { EffectOutcome } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { logStep, openMove, type Step } from './move-log.ts'

/** Looks whether the destination can take the replica, before anything is changed. */
export const createPrepare =
  (ports: Pick<Ports, 'records' | 'clock' | 'capacity' | 'catalog'>) =>
  async (step: Step): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, 'begins')
    if (opened.kind !== 'open') return opened
    const { from, to, key } = opened.move
    if (opened.move.outcome?.kind === 'done') return { kind: 'movedBefore' }
    await logStep(ports, key, { step: 'prepare', kind: 'intent', detail: `${from} -> ${to}` }, null)

    const stamps = (await ports.catalog.fleet()).regions.flatMap((region) => region.stamps)
    const destination = stamps.find((stamp) => stamp.id === to)
    const takes = destination?.state === 'active' || step.direction === 'reverse'
    if (!destination || !takes) {
      return { kind: 'refused', reason: `${to} is ${destination?.state ?? 'unknown'} and takes no replicas` }
    }
    if (step.direction === 'forward') await raiseMinimum(ports, opened.plan, to)
    const pools = await ports.capacity.pools(to)
    const asleep = pools.filter((pool) => pool.readyNodes < Math.max(1, pool.minNodes))
    if (pools.length === 0 || asleep.length > 0) {
      const names = asleep.map((pool) => `${pool.role} ${pool.readyNodes}/${pool.minNodes}`).join(', ')
      throw new DestinationNotReady(`${to} has too few ready nodes: ${names || 'no pools'}; wait for them`)
    }
    const detail = pools.map((pool) => `${pool.role} ${pool.readyNodes} nodes ready`).join(', ')
    await logStep(ports, key, { step: 'prepare', kind: 'done', detail })
    return { kind: 'done', detail }
  }

/** Raises an isolation stamp's minimum to the size that the plan asks for; the nodes are waited for, not assumed. */
async function raiseMinimum(
  { capacity }: Pick<Ports, 'capacity'>,
  plan: Plan,
  stamp: StampId,
): Promise<void> {
  const sized = plan.isolation?.pools ?? []
  for (const { role, minNodes, maxNodes } of sized.length > 0 ? await capacity.pools(stamp) : []) {
    const wanted = Math.min(maxNodes, sized.find((pool) => pool.role === role)?.nodes ?? 0)
    if (wanted > minNodes) await capacity.setMinimum({ stamp, role, minNodes: wanted })
  }
}

/** Re-binds the replica's home: one conditional write, recognised when repeated, refused when somebody else re-bound. */
export const createRebind =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog'>) =>
  async (step: Step): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, 'goesOn')
    if (opened.kind !== 'open') return opened
    const { from, to, key } = opened.move
    const binding = await ports.catalog.binding(step.replica)
    if (!binding) return { kind: 'refused', reason: `${step.replica} is no longer in the catalog` }
    if (binding.lastMoveKey !== key && binding.homeStamp !== from) {
      return {
        kind: 'refused',
        reason: `${step.replica} was bound to ${binding.homeStamp} by somebody else, not to ${from}`,
      }
    }
    await logStep(ports, key, { step: 'rebind', kind: 'intent', detail: `epoch ${binding.epoch}` })

    const move = { replica: step.replica, to, expectedEpoch: binding.epoch, moveKey: key }
    const outcome = await ports.catalog.rebind(move)
    if (outcome.kind === 'stale') {
      return {
        kind: 'refused',
        reason: `${step.replica} was re-bound to ${outcome.binding.homeStamp} meanwhile`,
      }
    }
    const seen = await ports.catalog.binding(step.replica)
    if (seen?.homeStamp !== to)
      throw new NotReadBack(`${step.replica} reads as bound to ${seen?.homeStamp}, not ${to}`)
    const detail = `${to}, epoch ${seen.epoch}`
    await logStep(ports, key, { step: 'rebind', kind: 'done', detail })
    return { kind: 'done', detail }
  }

/** Leads the endpoints to where the replica is bound. */
export const createRoute =
  (ports: Pick<Ports, 'records' | 'clock' | 'traffic'>) =>
  async (step: Step): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, 'goesOn')
    if (opened.kind !== 'open') return opened
    const { to, key } = opened.move
    await logStep(ports, key, { step: 'route', kind: 'intent', detail: to })
    await ports.traffic.setRoute({ replica: step.replica, to, moveKey: key })
    const route = await ports.traffic.route(step.replica)
    if (route?.stamp !== to) throw new NotReadBack(`${step.replica} is routed to ${route?.stamp}, not ${to}`)
    const detail = `${to}, TTL ${route.ttlSeconds} s`
    await logStep(ports, key, { step: 'route', kind: 'done', detail })
    return { kind: 'done', detail }
  }

/** Pulls through the new home; only then the move counts as done. */
export const createVerify =
  (ports: Pick<Ports, 'records' | 'clock' | 'traffic'>) =>
  async (step: Step): Promise<EffectOutcome> => {
    const opened = await openMove(ports, step, 'goesOn')
    if (opened.kind !== 'open') return opened
    const { to, key } = opened.move
    const pull = await ports.traffic.pull(step.replica, to)
    if (!pull.ok)
      throw new PullFailed(`a pull of ${step.replica} through ${to} failed after ${pull.latencyMs} ms`)
    const detail = `pulled in ${Math.round(pull.latencyMs)} ms`
    await logStep(
      ports,
      key,
      { step: 'verify', kind: 'done', detail },
      { kind: 'done', atMs: ports.clock.nowMs() },
    )
    return { kind: 'done', detail }
  }

export class DestinationNotReady extends Error {
  override readonly name = 'DestinationNotReady'
}

/** What was written is not what is read. */
export class NotReadBack extends Error {
  override readonly name = 'NotReadBack'
}

export class PullFailed extends Error {
  override readonly name = 'PullFailed'
}
