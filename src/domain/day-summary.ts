import type { Incident } from './incident.ts'
import type { Told } from './reminders.ts'
import type { WaitingFor } from './waiting.ts'

/** More lines of a kind are counted: a summary is read with the first coffee. */
const LINES_MAX = 8

/** What a day's summary is made of. */
export interface DayOf {
  readonly nowMs: number
  readonly waits: readonly { readonly planId: string; readonly waiting: WaitingFor }[]
  /** Runs under way, and those that ended within the day, by the kind of their status. */
  readonly runs: readonly { readonly planId: string; readonly status: string; readonly hasEnded: boolean }[]
  readonly incidents: readonly Incident[]
  /** Signals that can't be judged by, in a sentence each. */
  readonly missing: readonly string[]
}

/** The one message of a day for operators. It comes when nothing is the matter, too: no message is never health. */
export function daySummaryOf(day: DayOf): Told {
  const asks = day.waits.filter(({ waiting }) => waiting.person)
  const underWay = day.runs.filter(({ hasEnded }) => !hasEnded)
  const ended = day.runs.filter(({ hasEnded }) => hasEnded)
  const open = day.incidents.filter(({ resolved }) => resolved === null)
  const facts = [
    ...some(asks, 'waits for a person', waitLine),
    ...some(underWay, 'under way', runLine),
    ...some(ended, 'ended', runLine),
    ...some(open, 'incident', incidentLine),
    ...some(day.missing, 'no data', (words) => words),
  ]
  const date = new Date(day.nowMs).toISOString().slice(0, 10)
  return {
    ...{ key: `day/${date}`, planId: null, to: 'operators', dueAtMs: day.nowMs },
    subject: `${date}: ${[
      `${asks.length} wait for a person`,
      `${underWay.length} under way`,
      `${open.length} incidents`,
      `${day.missing.length} signals missing`,
    ].join(', ')}`,
    text: facts.length > 0 ? 'As things stand now.' : 'Nothing needs anybody, and all signals are there.',
    ...(facts.length > 0 ? { facts } : {}),
  }
}

function some<T>(all: readonly T[], kind: string, line: (one: T) => string): string[] {
  const lines = all.slice(0, LINES_MAX).map((one) => `${kind}: ${line(one)}`)
  return all.length > LINES_MAX ? [...lines, `${kind}: and ${all.length - LINES_MAX} more`] : lines
}

function waitLine({ planId, waiting }: DayOf['waits'][number]): string {
  const until = waiting.untilMs === null ? '' : `, until ${new Date(waiting.untilMs).toISOString()}`
  return `${planId} for ${waiting.what} (${waiting.who}${until})`
}

function runLine({ planId, status }: DayOf['runs'][number]): string {
  return `${planId}: ${status}`
}

function incidentLine({ id, region, standing }: Incident): string {
  if (standing === null) return `${region} ${id}: not looked at yet`
  return standing.kind === 'acted'
    ? `${region} ${id}: ${standing.detail}`
    : `${region} ${id}: blocked by ${standing.rule}`
}
