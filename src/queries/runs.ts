import { hasEnded, type Run } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import type { Stored } from '../ports/records.ts'

const PAGE = 1000
const PAGES_MAX = 1000

/** Every run on record. */
export async function everyRun({ records }: Pick<Ports, 'records'>): Promise<readonly Stored<Run>[]> {
  const runs: Stored<Run>[] = []
  let after = ''
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const stored = await records.list('runs', { after, limit: PAGE })
    runs.push(...stored)
    const last = stored.at(-1)
    if (!last || stored.length < PAGE) break
    after = last.id
  }
  return runs
}

/** Every run that has not ended, and those that ended no longer ago than `endedForMs`. */
export async function runsUnderWay(
  ports: Pick<Ports, 'records' | 'clock'>,
  endedForMs = 0,
): Promise<readonly Stored<Run>[]> {
  return (await everyRun(ports)).filter(
    ({ value: { status, updatedAtMs } }) =>
      !hasEnded(status) || ports.clock.nowMs() - updatedAtMs < endedForMs,
  )
}
