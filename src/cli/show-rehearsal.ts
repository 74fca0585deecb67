import { FAULT_WORDS } from '../domain/fault-words.ts'
import type { RehearsalReport, RehearsedStep } from '../domain/rehearsal.ts'
import { duration, moment } from './figures.ts'

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** What came of a plan's rehearsal, the standard faults among it. */
export function showRehearsal(report: RehearsalReport): string {
  const { planId, status, words, movesDone, movesPlanned, virtualMs } = report
  return [
    `Rehearsal of ${planId} ${status}: ${words}\n`,
    status === 'running'
      ? ''
      : `  ${movesDone} of ${movesPlanned} moves in ${duration(virtualMs)} of virtual time\n`,
    showFaults(report),
  ].join('')
}

/** One line a fault, with what became of the plan's heaviest batch under it. */
export function showFaults({ faults }: Pick<RehearsalReport, 'faults'>): string {
  const lines = (faults ?? []).map(
    ({ fault, outcome, words }) => `    ${outcome} when ${FAULT_WORDS[fault]}: ${words}\n`,
  )
  return lines.join('')
}

/** What would happen on which day, if the run begins when it was rehearsed and every gate is answered at once. */
export function showCalendar({ calendar = [], movesPlanned }: RehearsalReport): string {
  const [first] = calendar
  if (!first) return '  There is no calendar: the rehearsal got nowhere\n'
  const steps = calendar.filter(({ kind }) => kind !== 'starting' && kind !== 'checking')
  const lines = steps.flatMap((step, at) => {
    const day = dayOf(step.atMs)
    const isNew = at === 0 || dayOf(steps[at - 1]?.atMs ?? 0) !== day
    const done = `${step.movesDone} of ${movesPlanned} moves done`
    const line = `    ${moment(step.atMs).slice(11)}  ${stepWords(step)}, ${done}\n`
    return isNew ? [`  ${day}\n`, line] : [line]
  })
  return `If it begins at ${moment(first.atMs)} and every gate is answered at once:\n${lines.join('')}`
}

function dayOf(atMs: number): string {
  return `${DAYS[new Date(atMs).getUTCDay()]} ${moment(atMs).slice(0, 10)}`
}

function stepWords({ kind, gate, words }: RehearsedStep): string {
  const subject = gate === null ? 'the run' : gate
  switch (kind) {
    case 'moving':
      return `${subject} moves`
    case 'observing':
      return `${subject} is observed`
    case 'blocked':
      return `${subject} may not start: ${words}`
    case 'awaitingApproval':
      return `${subject} waits for an answer`
    case 'completed':
      return 'the run completes with its before/after table'
    default:
      return words === '' ? `${subject}: ${kind}` : `${subject}: ${kind}, ${words}`
  }
}
