import type { ForeignRebind, RouteRepair } from '../domain/deviation.ts'
import { replicaId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Run } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'

/** What somebody else did to a plan's replicas while it was under way. */
export async function foreignRebindsOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
): Promise<ForeignRebind[]> {
  return everyValue(records, 'foreignRebinds', `${planId}/`)
}

/** The repaired routes of a plan's replicas since its run began. */
export async function repairsOf(
  { records }: Pick<Ports, 'records'>,
  { moves, region }: Plan,
  { startedAtMs }: Run,
): Promise<RouteRepair[]> {
  const repairs: RouteRepair[] = []
  for (const { registry } of moves) {
    const ofReplica = await everyValue(records, 'repairs', `${replicaId(registry, region)}/`)
    repairs.push(...ofReplica.filter(({ atMs }) => atMs >= startedAtMs))
  }
  return repairs
}
