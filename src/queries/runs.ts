import { hasEnded, type Run } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import type { Stored } from '../ports/records.ts'

const PAGE = 1000
const PAGES_MAX = 1000

/** Every run that has not ended, and those that ended no longer ago than `endedForMs`. */
export async function runsUnderWay(
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
  endedForMs = 0,
): Promise<readonly Stored<Run>[]> {
  const runs: Stored<Run>[] = []
  let after = ''
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const stored = await records.list('runs', { after, limit: PAGE })
    runs.push(
      ...stored.filter(
        ({ value: { status, updatedAtMs } }) => !hasEnded(status) || clock.nowMs() - updatedAtMs < endedForMs,
      ),
    )
    const last = stored.at(-1)
    if (!last || stored.length < PAGE) break
    after = last.id
  }
  return runs
}
