import type { Verdict } from '../domain/plan.ts'
import type { RunStatus } from '../domain/run.ts'
import type { NeedRule, PoolVerdict } from '../domain/scan.ts'
import type { BatchView, StatusView } from '../messages/api.ts'

/** How a thing looks: each tone has a shape of its own, so that colour says nothing alone. */
export type Tone = 'hot' | 'warm' | 'cool' | 'unknown' | 'waits' | 'works' | 'held' | 'done' | 'undone'

export const POOL_VERDICTS: Readonly<Record<PoolVerdict, { tone: Tone; word: string; would: string }>> = {
  hot: { tone: 'hot', word: 'hot', would: 'would move load' },
  warm: { tone: 'warm', word: 'warm', would: 'would watch' },
  cool: { tone: 'cool', word: 'cool', would: 'would do nothing' },
  'insufficient-data': { tone: 'unknown', word: 'not enough data', would: 'can’t say' },
}

/** What an incident says of its stamp. */
export const RULES: Readonly<Record<NeedRule, { tone: Tone; words: string }>> = {
  hot: { tone: 'hot', words: 'is hot' },
  dominated: { tone: 'warm', words: 'is dominated' },
  outage: { tone: 'hot', words: 'serves nothing' },
  errors: { tone: 'hot', words: 'fails requests' },
  throttling: { tone: 'hot', words: 'throttles requests' },
  'low-throughput': { tone: 'warm', words: 'serves less than it did' },
  alert: { tone: 'hot', words: 'has an alert' },
  'customer-report': { tone: 'hot', words: 'was told of by a customer' },
}

export const PLAN_VERDICTS: Readonly<Record<Verdict, string>> = {
  rebalance: 'Rebalance',
  isolate: 'Isolate',
  evacuate: 'Evacuate',
  ramp: 'Ramp up',
  'right-size': 'Right-size',
  none: 'Do nothing',
  'storage-bound': 'Storage-bound',
  'insufficient-data': 'Not enough data',
}

/** A verdict that came as text, such as in the list of plans. */
export function verdictWord(verdict: string): string {
  return Object.entries(PLAN_VERDICTS).find(([name]) => name === verdict)?.[1] ?? verdict
}

export const BATCH_STATES: Readonly<Record<BatchView['state'], { tone: Tone; word: string }>> = {
  waiting: { tone: 'unknown', word: 'not yet' },
  approved: { tone: 'cool', word: 'approved' },
  moving: { tone: 'works', word: 'moving' },
  observing: { tone: 'works', word: 'observing' },
  done: { tone: 'done', word: 'done' },
  reversed: { tone: 'undone', word: 'reversed' },
}

/** Where a run stands, in a few words for a heading. */
export function runWords(status: RunStatus): { tone: Tone; words: string } {
  switch (status.kind) {
    case 'starting':
      return { tone: 'works', words: 'Starting' }
    case 'awaitingApproval':
      return { tone: 'waits', words: `${status.gate} waits for approval` }
    case 'blocked':
      return { tone: 'waits', words: `${status.gate} may not start yet` }
    case 'checking':
      return { tone: 'works', words: `Checking limits before ${status.gate}` }
    case 'moving':
      return { tone: 'works', words: `${workWord(status.gate)} ${status.gate}` }
    case 'observing':
      return { tone: 'works', words: `Observing after ${status.gate}` }
    case 'held':
      return { tone: 'held', words: `Held at ${status.gate}` }
    case 'reversing':
      return { tone: 'undone', words: `Undoing ${status.gate}` }
    case 'completed':
      return { tone: 'done', words: 'Completed' }
    case 'rolledBack':
      return { tone: 'undone', words: 'Rolled back' }
    case 'aborted':
      return { tone: 'held', words: 'Aborted' }
    case 'rejected':
      return { tone: 'held', words: `Rejected at ${status.gate} by ${status.by}` }
    default:
      return status satisfies never
  }
}

function workWord(gate: string): string {
  if (gate.startsWith('right-size-')) return 'Lowering minimums of'
  return gate.startsWith('provision-') ? 'Making the stamp of' : 'Moving'
}

/** The reason that a status carries, if any. */
export function runReason(status: RunStatus): string | null {
  return 'reason' in status ? status.reason : null
}

/** When a run ended; null while it goes on. */
export function endedAt(status: RunStatus): number | null {
  return 'atMs' in status ? status.atMs : null
}

const LIST_STATES: Readonly<Record<string, { tone: Tone; words: string }>> = {
  starting: { tone: 'works', words: 'starting' },
  awaitingApproval: { tone: 'waits', words: 'waits for approval' },
  blocked: { tone: 'waits', words: 'may not start yet' },
  checking: { tone: 'works', words: 'checking limits' },
  moving: { tone: 'works', words: 'moving' },
  observing: { tone: 'works', words: 'observing' },
  held: { tone: 'held', words: 'held' },
  reversing: { tone: 'undone', words: 'undoing' },
  completed: { tone: 'done', words: 'completed' },
  rolledBack: { tone: 'undone', words: 'rolled back' },
  aborted: { tone: 'held', words: 'aborted' },
  rejected: { tone: 'held', words: 'rejected' },
}

const UNDERWAY: readonly string[] = [
  'starting',
  'awaitingApproval',
  'blocked',
  'checking',
  'moving',
  'observing',
  'held',
  'reversing',
]

/** A run's status as the list of plans says it, by kind; a kind unknown here is shown as it came. */
export function listState(kind: string): { tone: Tone; words: string } {
  return (
    LIST_STATES[kind] ?? {
      tone: 'unknown',
      words: kind
        .replace(/([A-Z])/g, ' $1')
        .toLowerCase()
        .trim(),
    }
  )
}

export function isUnderway(kind: string): boolean {
  return UNDERWAY.includes(kind)
}

export type OrderName = 'hold' | 'resume' | 'rollback' | 'abort'

/** What each order does, said before it is given. */
export const ORDERS: Readonly<Record<OrderName, { label: string; does: string; danger: boolean }>> = {
  hold: {
    label: 'Hold',
    does: 'No further move starts. Moves under way finish, and everything stays where it is until someone resumes.',
    danger: false,
  },
  resume: {
    label: 'Resume',
    does: 'The run goes on from where it was held. Limits are checked again on fresh data first.',
    danger: false,
  },
  rollback: {
    label: 'Roll back',
    does: 'Every registry moved so far goes back to the stamp it came from, last one first. Then the run ends.',
    danger: true,
  },
  abort: {
    label: 'Abort',
    does: 'The run ends here. What has moved stays where it is now; nothing is moved back.',
    danger: true,
  },
}

/** Whether the run asks for an answer now. */
export function isAsked(status: StatusView): boolean {
  return status.run?.status.kind === 'awaitingApproval'
}

/** The gates that nobody has answered yet and that are still to come, the waiting one first. */
export function openGates(status: StatusView): string[] {
  const waiting = status.run?.status.kind === 'awaitingApproval' ? status.run.status.gate : null
  const later = status.batches.filter((batch) => batch.state === 'waiting').map((batch) => batch.gate)
  return waiting === null ? later : [waiting, ...later.filter((gate) => gate !== waiting)]
}
