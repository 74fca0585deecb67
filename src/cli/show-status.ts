import type { Forwarding } from '../domain/forwarding.ts'
import { leftWords } from '../domain/left-words.ts'
import type { RunStatus } from '../domain/run.ts'
import { lowers, makesStamp, type WaitingFor } from '../domain/waiting.ts'
import type { BatchView, StatusView } from '../messages/api.ts'
import { duration, moment } from './figures.ts'
import { table } from './table.ts'

/** A run's status in a few words. */
export function statusWords(status: RunStatus): string {
  switch (status.kind) {
    case 'starting':
      return 'starting'
    case 'awaitingApproval':
      return `${status.gate}: waits for approval`
    case 'blocked':
      return `${status.gate}: may not start, ${status.reason}`
    case 'checking':
      return `${status.gate}: checks limits on fresh telemetry`
    case 'moving':
      return `${status.gate}: ${workWords(status.gate)}`
    case 'observing':
      return `${status.gate}: observing until ${moment(status.untilMs)}`
    case 'held':
      return `${status.gate}: held, ${status.reason}`
    case 'reversing':
      return `${status.gate}: ${lowers(status.gate) ? 'restoring minimums' : 'reversing'}, ${status.reason}`
    case 'completed':
      return 'completed'
    case 'rolledBack':
      return `rolled back, ${status.reason}`
    case 'aborted':
      return `aborted, ${status.reason}`
    case 'rejected':
      return `${status.gate}: rejected by ${status.by}, ${status.reason}`
    default:
      return status satisfies never
  }
}

function workWords(gate: string): string {
  if (lowers(gate)) return 'lowering minimums'
  return makesStamp(gate) ? 'making the new stamp' : 'moving'
}

/** One line of progress: when, what, how far, and when it will end. */
export function progressLine(view: StatusView): string {
  const words = view.run ? statusWords(view.run.status) : 'not started'
  const eta =
    view.etaMs === null ? '' : `, ends about ${moment(view.etaMs)} (in ${duration(view.etaMs - view.nowMs)})`
  const done = `${view.movesDone} of ${view.movesPlanned} ${isRightSizing(view) ? 'steps' : 'moves'} done`
  return `${moment(view.nowMs)}  ${done}  ${words}${eta}\n`
}

function isRightSizing({ batches }: Pick<StatusView, 'batches'>): boolean {
  return batches.some(({ phase }) => phase === 'right-size')
}

/** What a run waits for, until when, what happens then, and what can be done. */
export function waitingBlock(waiting: WaitingFor, nowMs: number): string {
  const until =
    waiting.untilMs === null
      ? 'without a deadline'
      : `until ${moment(waiting.untilMs)} (${duration(waiting.untilMs - nowMs)} left)`
  const lines = [
    `  waiting for: ${waiting.what}`,
    `    ${waiting.who}, since ${moment(waiting.sinceMs)}, ${until}`,
    `    at the deadline: ${waiting.atDeadline}`,
    ...waiting.next.map((next) => `    next: ${next}`),
  ]
  return `${lines.join('\n')}\n`
}

/** Which old home still serves whom, until when, and who owns that. */
export function forwardingWords({ replica, from, owner, expiresAtMs, left, ended }: Forwarding): string {
  const until = ended
    ? `until ${moment(ended.atMs)} (${ended.why})`
    : `still, at most until ${moment(expiresAtMs)}`
  return `${from} went on serving ${replica} ${until}; owner ${owner}; ${leftWords(ended?.left ?? left)}`
}

/** What was told of the wait that goes on now. */
function remindedLines({ waiting, reminders = [] }: StatusView): string[] {
  const now = reminders.filter(
    ({ message }) => message.dueAtMs >= (waiting?.sinceMs ?? Number.POSITIVE_INFINITY),
  )
  return now.map(({ message: { to, subject }, toldAtMs, failure }) =>
    toldAtMs === null
      ? `  ${to} could not be told yet: ${failure ?? 'it is on its way'}\n`
      : `  told ${to} at ${moment(toldAtMs)}: ${subject}\n`,
  )
}

function conflictWords({ answer, by, reason, standing }: StatusView['conflicts'][number]): string {
  return `${by} said ${answer} (${reason}) after ${standing.by} had said ${standing.answer}, which stands`
}

/** Who opened a gate, or how many of those that it takes are there. */
function approvers({ decidedBy, approvedBy, approversNeeded }: BatchView): string {
  if (decidedBy !== null) return decidedBy
  if (approvedBy.length === 0) return approversNeeded > 1 ? `- (takes ${approversNeeded})` : '-'
  return `${approvedBy.join(', ')} (${approvedBy.length} of ${approversNeeded})`
}

export function showStatus(view: StatusView): string {
  const rows = view.batches.map((batch) => [
    batch.gate,
    batch.state,
    `${batch.movesDone} of ${batch.registries}`,
    approvers(batch),
  ])
  return [
    `Plan ${view.planId}\n  ${progressLine(view)}`,
    table(['gate', 'state', isRightSizing(view) ? '>lowered' : '>moved', 'approved by'], rows),
    view.waiting ? waitingBlock(view.waiting, view.nowMs) : '',
    ...view.forwardings.map((each) => `  ${forwardingWords(each)}\n`),
    ...remindedLines(view),
    ...view.conflicts.map((each) => `  conflict at ${each.gate}: ${conflictWords(each)}\n`),
    view.allowed.length > 0 ? `  possible now: ${view.allowed.join(', ')}\n` : '',
  ].join('')
}
