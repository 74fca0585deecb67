import { hasEnded, type Run } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord, type Stored } from '../ports/records.ts'

/** Every run that has not ended, and those that ended no longer ago than `endedForMs`. */
export async function runsUnderWay(
  ports: Pick<Ports, 'records' | 'clock'>,
  endedForMs = 0,
): Promise<readonly Stored<Run>[]> {
  return (await everyRecord(ports.records, 'runs')).filter(
    ({ value: { status, updatedAtMs } }) =>
      !hasEnded(status) || ports.clock.nowMs() - updatedAtMs < endedForMs,
  )
}
