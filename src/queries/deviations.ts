import type { ForeignRebind, RouteRepair } from '../domain/deviation.ts'
import { replicaId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { Run } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'

const RECORDS_MAX = 10_000

/** What somebody else did to a plan's replicas while it was under way. */
export async function foreignRebindsOf(
  { records }: Pick<Ports, 'records'>,
  planId: string,
): Promise<ForeignRebind[]> {
  const stored = await records.list('foreignRebinds', { prefix: `${planId}/`, limit: RECORDS_MAX })
  return stored.map(({ value }) => value)
}

/** The repaired routes of a plan's replicas since its run began. */
export async function repairsOf(
  { records }: Pick<Ports, 'records'>,
  { moves, region }: Plan,
  { startedAtMs }: Run,
): Promise<RouteRepair[]> {
  const repairs: RouteRepair[] = []
  for (const { registry } of moves) {
    const prefix = `${replicaId(registry, region)}/`
    const stored = await records.list('repairs', { prefix, limit: RECORDS_MAX })
    repairs.push(...stored.map(({ value }) => value).filter(({ atMs }) => atMs >= startedAtMs))
  }
  return repairs
}
