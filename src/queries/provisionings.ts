import type { ProvisioningRecord } from '../domain/provisioning.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'

/** A plan's latest attempt to make its stamp; undefined where there was none. */
export async function lastAttempt(
  { records }: Pick<Ports, 'records'>,
  planId: string,
): Promise<ProvisioningRecord | undefined> {
  return (await everyValue(records, 'provisionings', `${planId}/`)).at(-1)
}

/** Whether a plan's stamp is there and takes replicas. */
export function isMade(attempt: ProvisioningRecord | undefined): boolean {
  return attempt?.outcome?.kind === 'done' && attempt.removedAtMs === null
}
