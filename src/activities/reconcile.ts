import { partsOf, type ReplicaId } from '../domain/ids.ts'
import type { Binding } from '../ports/catalog.ts'
import type { Ports } from '../ports/ports.ts'
import type { RoutedReplica } from '../ports/traffic.ts'
import { guardEffect } from './guard.ts'

/** A cutover that is between its re-bind and its route has so long to lead the route itself. */
const CUTOVER_GRACE_MS = 60_000
/** A binding may change while its route is repaired: so often the repair is made again. */
const ATTEMPTS_MAX = 3

type ReconcilePorts = Pick<Ports, 'records' | 'clock' | 'catalog' | 'traffic'>

/**
 * Compares every route with its binding, leads those that differ to where the replica is bound, and writes each repair
 * down. A route that follows a newer binding is never overtaken. What was prepared for a move that has ended is put back. Frozen
 * regions are left as they are.
 */
export const createReconcile = (ports: ReconcilePorts) => async (): Promise<void> => {
  const faults: unknown[] = []
  const bindings = await ports.catalog.bindings()
  for (const region of new Set(bindings.map(({ replica }) => partsOf(replica).region))) {
    const routed = await ports.traffic.routes(region)
    const routes = new Map(routed.map(({ replica, stamp }) => [replica, stamp]))
    const astray = bindings.filter(
      ({ replica, homeStamp }) => routes.has(replica) && routes.get(replica) !== homeStamp,
    )
    const prepared = routed.filter(({ preparedFor }) => preparedFor !== undefined)
    if (astray.length === 0 && prepared.length === 0) continue
    const passage = await guardEffect(ports, { region, planId: null, kind: 'underWay' })
    if (passage.kind !== 'open') continue
    for (const binding of astray) faults.push(...(await faultsOf(() => repairUnlessMoving(ports, binding))))
    for (const route of prepared) faults.push(...(await faultsOf(() => settleOnceEnded(ports, route))))
  }
  if (faults.length > 0) throw faults[0]
}

/** A route that can't be repaired keeps no other one astray; the first fault is thrown once all have been looked at. */
async function faultsOf(work: () => Promise<void>): Promise<unknown[]> {
  try {
    await work()
    return []
  } catch (error) {
    return [error]
  }
}

async function repairUnlessMoving(ports: ReconcilePorts, binding: Binding): Promise<void> {
  if (!(await isUnderWay(ports, binding))) await repair(ports, binding.replica)
}

/** A move that nobody has a record of was never begun, or has long been forgotten. */
async function settleOnceEnded(
  { records, traffic }: ReconcilePorts,
  { replica, preparedFor = '' }: RoutedReplica,
): Promise<void> {
  if ((await records.read('moves', preparedFor))?.value.outcome !== null) await traffic.settleRoute(replica)
}

/** Whether the move that bound the replica has only just done so. */
async function isUnderWay({ records, clock }: ReconcilePorts, { lastMoveKey }: Binding): Promise<boolean> {
  const move = lastMoveKey === null ? undefined : (await records.read('moves', lastMoveKey))?.value
  const lastMs = move?.steps.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  return move?.outcome === null && clock.nowMs() - lastMs < CUTOVER_GRACE_MS
}

async function repair(ports: ReconcilePorts, replica: ReplicaId): Promise<void> {
  const { catalog, traffic, records, clock } = ports
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const binding = await catalog.binding(replica)
    const route = await traffic.route(replica)
    if (!binding || !route || route.stamp === binding.homeStamp) return
    const { homeStamp: to, epoch } = binding
    await traffic.setRoute({ replica, to, moveKey: binding.lastMoveKey ?? 'reconciler', epoch })
    if ((await traffic.route(replica))?.stamp !== to) continue
    const atMs = clock.nowMs()
    await records.create('repairs', `${replica}/${epoch}-${atMs}`, {
      replica,
      from: route.stamp,
      to,
      epoch,
      atMs,
    })
  }
}
