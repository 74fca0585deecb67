import type { Plan } from '../domain/plan.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { StatusView } from '../messages/api.ts'

/** The ways back of what an emergency has moved and not undone, last one first: it moved without asking for the best place. */
export function undoListOf(plan: Plan, last: ReadonlyMap<string, MoveRecord>): StatusView['undo'] {
  if (plan.urgency !== 'emergency') return undefined
  return [...last.values()]
    .flatMap(({ replica, from, to, direction, outcome }) =>
      direction === 'forward' && outcome?.kind === 'done'
        ? [{ replica, from: to, to: from, movedAtMs: outcome.atMs }]
        : [],
    )
    .toSorted((a, b) => b.movedAtMs - a.movedAtMs)
}
