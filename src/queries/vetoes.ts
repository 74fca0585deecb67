import { errorBudgetVeto } from '../domain/error-budget.ts'
import { vetoesOf } from '../domain/interlocks.ts'
import type { Veto } from '../domain/movable.ts'
import type { Policy } from '../domain/policy.ts'
import type { Ports } from '../ports/ports.ts'

const SCANS_MAX = 200

/** What forbids moves in a region now: what others hold, quotas among it, and a spent error budget. */
export async function vetoes(
  { interlocks, records, clock }: Pick<Ports, 'interlocks' | 'records' | 'clock'>,
  region: string,
  policy: Policy,
): Promise<Veto[]> {
  const nowMs = clock.nowMs()
  const known = await interlocks.between({ region, fromMs: nowMs, toMs: nowMs })
  const held = vetoesOf(known, nowMs)
  const scans = (await records.list('scans', { prefix: `${region}/`, limit: SCANS_MAX })).map(
    ({ value }) => value,
  )
  const budget = errorBudgetVeto(scans, policy, nowMs)
  return budget === null ? [...held] : [...held, budget]
}
