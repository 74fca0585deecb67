import { gateFacts } from '../domain/gate-facts.ts'
import type { Plan } from '../domain/plan.ts'
import { durationMs, type Policy } from '../domain/policy.ts'
import { type Message, messagesDue, type PersonalWait, type Reminder } from '../domain/reminders.ts'
import type { Run } from '../domain/run.ts'
import type { Notifications } from '../ports/notifications.ts'
import type { Ports } from '../ports/ports.ts'
import { runsUnderWay } from '../queries/runs.ts'

/** A channel that fails so often is given up for this message; the wait goes on and is shown everywhere else. */
const ATTEMPTS_MAX = 50

/**
 * Tells people of each run that waits for them: at first, again and again, and others before the deadline. Nothing of a
 * run waits for it, and what can't be told now is tried at the next turn.
 */
export const createRemind =
  (ports: Pick<Ports, 'records' | 'clock'>, notifications: Notifications) => async (): Promise<void> => {
    for (const { value: run } of await runsUnderWay(ports)) {
      const waits = personalWait(run)
      const plan = waits && (await ports.records.read('plans', run.planId))?.value
      if (!plan) continue
      const wait = { ...waits, ...(waits.asks === 'approvers' ? { facts: await factsOf(ports, plan) } : {}) }
      for (const message of messagesDue(wait, cadenceOf(plan.policy), ports.clock.nowMs())) {
        await tellOnce(ports, notifications, message)
      }
    }
  }

function personalWait({ planId, status, waiting }: Run): PersonalWait | undefined {
  if (!waiting?.person) return undefined
  const asks = status.kind === 'awaitingApproval' ? 'approvers' : 'operators'
  return { ...waiting, planId, name: status.kind, asks }
}

async function factsOf({ records }: Pick<Ports, 'records'>, plan: Plan): Promise<string[]> {
  return gateFacts(plan, (await records.read('rehearsals', plan.id))?.value)
}

function cadenceOf({ remindEvery, escalateBefore }: Policy) {
  return { remindEveryMs: durationMs(remindEvery) ?? 0, escalateBeforeMs: durationMs(escalateBefore) ?? 0 }
}

/** The record tells what was told; the channel itself knows the key, too, should we be killed between the two. */
async function tellOnce(
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
  notifications: Notifications,
  message: Message,
): Promise<void> {
  const id = `${message.planId}/${message.key}`
  const fresh: Reminder = { message, toldAtMs: null, attempts: 0, failure: null }
  await records.create('reminders', id, fresh)
  const stored = await records.read('reminders', id)
  if (!stored || stored.value.toldAtMs !== null || stored.value.attempts >= ATTEMPTS_MAX) return
  const attempts = stored.value.attempts + 1
  const outcome = await notifications.tell(message).then(
    () => ({ toldAtMs: clock.nowMs(), failure: null }),
    (error: unknown) => ({ toldAtMs: null, failure: error instanceof Error ? error.message : String(error) }),
  )
  await records.replace('reminders', id, { ...stored.value, ...outcome, attempts }, stored.etag)
}
