import { type BudgetBook, spend } from './budget.ts'
import { calendarAt } from './calendar.ts'
import { batchesOf, type PlanBody } from './plan.ts'
import { durationMs } from './policy.ts'

/** What a batch's cutovers take, for an estimate before there is any measure. */
const CUTOVERS_GUESS_MS = 600_000
/** A batch is looked at so often; what needs longer ends later than can be told. */
const LOOKS_MAX = 1000

/**
 * When the last batch of a plan will have been observed if every gate is answered at once, by its own windows, budgets and
 * observations, with nobody else spending; null where no window opens in sight. Epoch ms.
 */
export function predictedEnd(
  plan: Pick<PlanBody, 'id' | 'region' | 'verdict' | 'urgency' | 'policy' | 'moves' | 'phases'>,
  fromMs: number,
): number | null {
  const { policy, urgency = 'routine' } = plan
  const asking = { purpose: plan.verdict, urgency }
  const observeFor = new Map(plan.phases.map(({ name, observation }) => [name, durationMs(observation) ?? 0]))
  let book: BudgetBook = { region: plan.region, spent: [] }
  let atMs = fromMs
  for (const { phase, moves } of batchesOf(plan)) {
    let left = moves.map(({ registry, from, share }) => ({
      ...{ key: `${plan.id}/${registry}`, stamp: from },
      percent: share * 100,
    }))
    for (let look = 0; left.length > 0; look += 1) {
      if (look === LOOKS_MAX) return null
      const calendar = calendarAt(policy, asking, atMs)
      if (calendar.kind === 'closed') {
        if (calendar.opensAtMs === null) return null
        atMs = calendar.opensAtMs
        continue
      }
      const limits = urgency === 'emergency' ? null : policy.budgets
      const spending = spend(book, left, { limits, atMs })
      book = spending.book
      left = left.filter(({ key }) => !spending.granted.includes(key))
      atMs = left.length > 0 ? (spending.nextAtMs ?? atMs + CUTOVERS_GUESS_MS) : atMs + CUTOVERS_GUESS_MS
    }
    atMs += observeFor.get(phase) ?? 0
  }
  return atMs
}
