import type { WaitingList } from '../messages/api.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { runsUnderWay } from './runs.ts'
import { statusView } from './status-view.ts'

/** A plan that nobody has started for so long waits for nobody any more. */
const PLAN_MS_MAX = 7 * 86_400_000

/** Everything that waits: runs under way and plans of the last week, what only a person can end first, then by deadline. */
export async function waitingList(ports: Pick<Ports, 'records' | 'clock'>): Promise<WaitingList> {
  const { records, clock } = ports
  const under = new Set((await runsUnderWay(ports)).map(({ id }) => id))
  const plans = await everyValue(records, 'plans')
  const waits: WaitingList['waits'] = []
  for (const plan of plans) {
    const isNew = clock.nowMs() - plan.madeAtMs < PLAN_MS_MAX
    if (!under.has(plan.id) && !isNew) continue
    const { waiting } = await statusView(ports, plan)
    if (waiting) waits.push({ planId: plan.id, region: plan.region, customer: plan.customer, waiting })
  }
  return {
    nowMs: clock.nowMs(),
    waits: waits.toSorted(
      ({ waiting: a }, { waiting: b }) =>
        Number(b.person) - Number(a.person) ||
        (a.untilMs ?? Number.MAX_SAFE_INTEGER) - (b.untilMs ?? Number.MAX_SAFE_INTEGER) ||
        a.sinceMs - b.sinceMs,
    ),
  }
}
