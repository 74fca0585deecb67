import type { Incident } from '../domain/incident.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord, type Stored } from '../ports/records.ts'

/** All incidents of a region on record; of one stamp and rule the latest comes first. */
export async function incidentsOf(
  { records }: Pick<Ports, 'records'>,
  region: string,
): Promise<readonly Stored<Incident>[]> {
  return everyRecord(records, 'incidents', `${region}/`)
}

/** The latest incident of each stamp and rule. */
export async function latestIncidents(
  ports: Pick<Ports, 'records'>,
  region: string,
): Promise<Stored<Incident>[]> {
  const latest = new Map<string, Stored<Incident>>()
  for (const one of await incidentsOf(ports, region)) {
    const key = `${one.value.stamp}.${one.value.rule}`
    if (!latest.has(key)) latest.set(key, one)
  }
  return [...latest.values()]
}
