import type { StampId } from '../domain/ids.ts'
import { predictedNeed } from '../domain/need.ts'
import type { Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { EffectOutcome } from '../messages/activities.ts'
import type { PoolScale } from '../ports/capacity.ts'
import type { Ports } from '../ports/ports.ts'

type DestinationPorts = Pick<Ports, 'records' | 'clock' | 'capacity' | 'traffic'>

/**
 * Makes a destination ready for a replica: minimums at what the plan predicts it to need, nodes that serve, a warm cache, a route
 * that can change soon. Asked again it goes on where it is; what takes longer than the policy allows is refused for nodes, and gone
 * without for cache and route.
 */
export async function readyDestination(
  ports: DestinationPorts,
  plan: Plan,
  move: MoveRecord,
): Promise<EffectOutcome> {
  const { to, direction, replica, key } = move
  const readyInMs = direction === 'forward' ? await begin(ports, plan, { replica, to, moveKey: key }) : 0
  const waitedMs = ports.clock.nowMs() - (move.begunMs ?? move.steps[0]?.atMs ?? 0)
  const pools = await ports.capacity.pools(to)
  const asleep = pools.filter((pool) => pool.readyNodes < nodesNeeded(pool, direction))
  if (pools.length === 0) return { kind: 'refused', reason: `${to} has no pools` }
  if (asleep.length > 0) {
    const names = asleep
      .map((pool) => `${pool.role} ${pool.readyNodes}/${nodesNeeded(pool, direction)}`)
      .join(', ')
    const reason = `${to} has too few ready nodes: ${names}`
    return waitedMs < (durationMs(plan.policy.readyWithin) ?? 0)
      ? { kind: 'waiting', detail: reason }
      : {
          kind: 'refused',
          reason: `${reason}, after ${Math.round(waitedMs / 60_000)} min; make room there and resume`,
        }
  }
  const nodes = pools.map((pool) => `${pool.role} ${pool.readyNodes} nodes ready`).join(', ')
  if (direction === 'reverse') return { kind: 'done', detail: nodes }

  const { share } = await ports.traffic.warm(move.replica, to)
  const cache = share === null ? 'not known to be warm' : `${Math.floor(share * 100)} % warm`
  if (share !== null && share < 1 && waitedMs < (durationMs(plan.policy.warmWithin) ?? 0))
    return { kind: 'waiting', detail: `the cache of ${to} is ${cache}` }
  if (readyInMs > 0 && waitedMs < (durationMs(plan.policy.readyWithin) ?? 0)) {
    const detail = `clients go by the shorter TTL of ${move.replica} in ${Math.ceil(readyInMs / 1000)} s`
    return { kind: 'waiting', detail }
  }
  return { kind: 'done', detail: `${nodes}; cache ${cache}` }
}

/** Nodes and clients take their time at once. How long clients still take, ms. */
async function begin(
  ports: DestinationPorts,
  plan: Plan,
  change: Parameters<Ports['traffic']['prepareRoute']>[0],
): Promise<number> {
  await raiseMinimums(ports, plan, change.to)
  return (await ports.traffic.prepareRoute(change)).readyInMs
}

/** A way home waits for no more than somebody who serves: what it leaves is worse. */
function nodesNeeded({ minNodes }: PoolScale, direction: MoveRecord['direction']): number {
  return direction === 'forward' ? Math.max(1, minNodes) : 1
}

async function raiseMinimums(ports: DestinationPorts, plan: Plan, stamp: StampId): Promise<void> {
  for (const { role, minNodes, maxNodes } of await ports.capacity.pools(stamp)) {
    const need = predictedNeed(plan, { stamp, role })
    const raisedTo = Math.min(maxNodes, need ?? 0)
    if (raisedTo <= minNodes) continue
    await noteRaise(ports, plan, { stamp, role, before: minNodes, raisedTo })
    await ports.capacity.setMinimum({ stamp, role, minNodes: raisedTo })
  }
}

/** Writes down what the minimum was, before it is raised: whoever takes the replicas home finds it. */
async function noteRaise(
  { records, clock }: DestinationPorts,
  { id: planId }: Plan,
  raise: {
    readonly stamp: StampId
    readonly role: string
    readonly before: number
    readonly raisedTo: number
  },
): Promise<void> {
  const id = `${planId}/${raise.stamp}/${raise.role}`
  const raised = { planId, ...raise, atMs: clock.nowMs(), ended: null }
  const known = await records.read('minimums', id)
  if (!known) await records.create('minimums', id, raised)
  else if (known.value.ended) await records.replace('minimums', id, raised, known.etag)
}
