import { type ForeignRebind, foreignWords } from '../domain/deviation.ts'
import { type PlanId, replicaId } from '../domain/ids.ts'
import type { Binding } from '../ports/catalog.ts'
import type { Ports } from '../ports/ports.ts'
import { runsUnderWay } from '../queries/runs.ts'
import { hasLanded, movesOf } from './move-log.ts'
import { createHoldRun } from './orders.ts'

type ForeignPorts = Pick<Ports, 'records' | 'clock' | 'catalog'>

/**
 * Looks at every plan under way whether somebody else re-bound one of its replicas. What is found is written down once, and
 * holds the plan; whose replica it is now is for people to say. Answers with the plans that it held.
 */
export const createHoldForeign = (ports: ForeignPorts) => async (): Promise<readonly string[]> => {
  const underWay = await runsUnderWay(ports)
  if (underWay.length === 0) return []
  const bindings = await ports.catalog.bindings()
  const held: string[] = []
  for (const { value } of underWay) {
    const { planId } = value
    const found = await newlyForeign(
      ports,
      planId,
      bindings.filter((one) => isByOthers(one, planId)),
    )
    if (found.length === 0) continue
    const reason = found.map(foreignWords).join('; ')
    await createHoldRun(ports)({ planId, reason, atMs: ports.clock.nowMs() })
    held.push(planId)
  }
  return held
}

/** Whether somebody else than the plan made the last re-bind; keys of moves begin with their plan. */
function isByOthers({ lastMoveKey }: Binding, planId: string): boolean {
  return lastMoveKey !== null && !lastMoveKey.startsWith(`${planId}/`)
}

async function newlyForeign(
  ports: ForeignPorts,
  planId: PlanId,
  byOthers: readonly Binding[],
): Promise<ForeignRebind[]> {
  const plan = byOthers.length === 0 ? undefined : (await ports.records.read('plans', planId))?.value
  const found: ForeignRebind[] = []
  for (const { registry, from } of plan?.moves ?? []) {
    const replica = replicaId(registry, plan?.region ?? '')
    const binding = byOthers.find((one) => one.replica === replica)
    if (!binding) continue
    const own = await movesOf(ports, planId, replica)
    const expected = own.findLast(({ value }) => hasLanded(value))?.value.to ?? from
    if (binding.homeStamp === expected) continue
    const { homeStamp, epoch } = binding
    const foreign = { planId, replica, expected, found: homeStamp, epoch, atMs: ports.clock.nowMs() }
    const isNew = (await ports.records.create('foreignRebinds', foreignId(foreign), foreign)) === 'created'
    if (isNew) found.push(foreign)
  }
  return found
}

function foreignId({ planId, replica, epoch }: Omit<ForeignRebind, 'atMs'>): string {
  return `${planId}/${replica}/${String(epoch).padStart(9, '0')}`
}
