import { begin, limitsOf } from '../domain/budget.ts'
import { calendarAt } from '../domain/calendar.ts'
import type { Plan } from '../domain/plan.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import type { Passage } from './guard.ts'
import { RecordBusy } from './record-faults.ts'

type Needs = Pick<Ports, 'records' | 'clock'>

const WRITES_MAX = 8

export interface Closed {
  readonly kind: 'blocked'
  readonly rule: 'window' | 'freeze'
  readonly reason: string
  readonly untilMs: number | null
  readonly person: boolean
}

/**
 * Asked when a forward move begins, or begins anew, after its authority: the calendar is open, and the run was given this
 * very move's part of the budget. Whoever starts a cutover past the run finds that nothing was admitted.
 */
export async function startPassage(
  ports: Needs,
  plan: Plan,
  { key, known }: { readonly key: string; readonly known: MoveRecord | undefined },
): Promise<Passage> {
  if (known && isUnderWay(known)) return { kind: 'open' }
  const shut = closed(ports, plan)
  if (shut) return { kind: 'paused', reason: shut.reason }
  return known ? { kind: 'open' } : beginBudgeted(ports, plan, key)
}

/** Whether anything was done: a move that only waited for its turn, or that failed before it landed, has yet to begin. */
function isUnderWay({ steps, outcome }: MoveRecord): boolean {
  return outcome?.kind === 'failed'
    ? steps.some(({ step, kind }) => step === 'rebind' && kind === 'done')
    : steps.length > 0
}

/** What the plan's own calendar says: it keeps the policy that it was approved with. */
export function closed({ clock }: Pick<Ports, 'clock'>, plan: Plan): Closed | undefined {
  const asking = { purpose: plan.verdict, urgency: plan.urgency ?? 'routine' }
  const state = calendarAt(plan.policy, asking, clock.nowMs())
  if (state.kind === 'open') return undefined
  const { rule, words: reason, opensAtMs: untilMs } = state
  return { kind: 'blocked', rule, reason, untilMs, person: untilMs === null }
}

/** Notes in the budget that a move begins, where its run was given a part for it that nobody has taken since. */
async function beginBudgeted({ records, clock }: Needs, plan: Plan, key: string): Promise<Passage> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('budgets', plan.region)
    const begun = stored && begin(stored.value, key, { limits: limitsOf(plan), atMs: clock.nowMs() })
    if (!stored || !begun || begun.kind === 'not-admitted')
      return { kind: 'refused', reason: `${key} was never admitted by its run, so it does not begin` }
    if (begun.kind === 'over') return { kind: 'paused', reason: begun.words }
    if (begun.book === stored.value) return { kind: 'open' }
    if ((await records.replace('budgets', plan.region, begun.book, stored.etag)) === 'replaced')
      return { kind: 'open' }
  }
  throw new RecordBusy(`the budget of ${plan.region} was written by others ${WRITES_MAX} times in a row`)
}
