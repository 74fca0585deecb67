import { type ForeignRebind, foreignWords } from '../domain/deviation.ts'
import { type ReplicaId, replicaId, type StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { hasEnded, type MoveRecord } from '../domain/run.ts'
import type { Binding } from '../ports/catalog.ts'
import type { Ports } from '../ports/ports.ts'
import { hasLanded } from './move-log.ts'
import { createHoldRun } from './orders.ts'

const RUNS_MAX = 1000
const MOVES_MAX = 10_000

type ForeignPorts = Pick<Ports, 'records' | 'clock' | 'catalog'>

/**
 * Looks at every plan under way whether somebody else re-bound one of its replicas. What is found is written down once, and
 * holds the plan; whose replica it is now is for people to say. Answers with the plans that it held.
 */
export const createHoldForeign = (ports: ForeignPorts) => async (): Promise<readonly string[]> => {
  const runs = (await ports.records.list('runs', { limit: RUNS_MAX })).map(({ value }) => value)
  const underWay = runs.filter(({ status }) => !hasEnded(status))
  if (underWay.length === 0) return []
  const bindings = new Map((await ports.catalog.bindings()).map((binding) => [binding.replica, binding]))
  const held: string[] = []
  for (const { planId } of underWay) {
    const plan = (await ports.records.read('plans', planId))?.value
    const found = plan ? await newlyForeign(ports, plan, bindings) : []
    if (found.length === 0) continue
    const reason = found.map(foreignWords).join('; ')
    await createHoldRun(ports)({ planId, reason, atMs: ports.clock.nowMs() })
    held.push(planId)
  }
  return held
}

async function newlyForeign(
  ports: ForeignPorts,
  plan: Plan,
  bindings: ReadonlyMap<ReplicaId, Binding>,
): Promise<ForeignRebind[]> {
  const stored = await ports.records.list('moves', { prefix: `${plan.id}/`, limit: MOVES_MAX })
  const moves = stored.map(({ value }) => value)
  const found: ForeignRebind[] = []
  for (const { registry, from } of plan.moves) {
    const replica = replicaId(registry, plan.region)
    const binding = bindings.get(replica)
    const own = moves.filter((move) => move.replica === replica)
    if (!binding || own.some(({ key }) => key === binding.lastMoveKey)) continue
    const expected = leftAt(own, from)
    if (binding.homeStamp === expected) continue
    const { homeStamp, epoch } = binding
    const atMs = ports.clock.nowMs()
    const foreign = { planId: plan.id, replica, expected, found: homeStamp, epoch, atMs }
    const isNew = (await ports.records.create('foreignRebinds', foreignId(foreign), foreign)) === 'created'
    if (isNew) found.push(foreign)
  }
  return found
}

function foreignId({ planId, replica, epoch }: Omit<ForeignRebind, 'atMs'>): string {
  return `${planId}/${replica}/${String(epoch).padStart(9, '0')}`
}

/** Where a plan's own moves have left a replica. */
function leftAt(own: readonly MoveRecord[], from: StampId): StampId {
  return own.findLast(hasLanded)?.to ?? from
}
