import { foreignWords } from '../domain/deviation.ts'
import { loweringWords } from '../domain/lowering.ts'
import type { ReportView } from '../messages/api.ts'
import { change, duration, moment, percent } from './figures.ts'
import { forwardingWords } from './show-status.ts'
import { table } from './table.ts'

const CHANGE_PERCENT_MAX = 200

/** How often each replica really changed its home: once each is what was promised. */
export interface MoveCount {
  readonly moved: number
  readonly once: number
  /** Replicas that were re-bound more than once in one direction. */
  readonly repeated: readonly string[]
}

export function countMoves(report: Pick<ReportView, 'moves'>): MoveCount {
  const rebinds = new Map<string, number>()
  for (const { replica, direction, steps, outcome } of report.moves) {
    if (direction !== 'forward' || outcome?.kind !== 'done') continue
    const done = steps.filter(({ step, kind }) => step === 'rebind' && kind === 'done').length
    rebinds.set(replica, (rebinds.get(replica) ?? 0) + done)
  }
  const repeated = [...rebinds].filter(([, times]) => times > 1).map(([replica]) => replica)
  return { moved: rebinds.size, once: [...rebinds.values()].filter((times) => times === 1).length, repeated }
}

/** The before/after table, computed by the host from telemetry, with what was predicted. */
export function showReport(report: ReportView): string {
  const rows = report.rows.map((row) => [
    row.stamp,
    row.pool,
    percent(row.before.hotNodeP95),
    percent(row.after.hotNodeP95),
    relativeChange(row),
    row.predicted === null ? '-' : percent(row.predicted),
    percent(row.before.max),
    percent(row.after.max),
    change(row.maxChangePoints, 'points'),
    row.control ? 'control' : '',
  ])
  const titles = [
    'stamp',
    'pool',
    '>P95 before',
    '>after',
    '>change',
    '>predicted',
    '>Max before',
    '>after',
    '>change',
    '',
  ]
  return `${head(report)}${table(titles, rows)}${tail(report)}`
}

/** Percent says nothing of a pool that was all but idle before: then the change in points does. */
function relativeChange({ hotNodeP95Change, before, after }: ReportView['rows'][number]): string {
  const isOffTheScale = hotNodeP95Change !== null && hotNodeP95Change > CHANGE_PERCENT_MAX
  if (!isOffTheScale || before.hotNodeP95 === null || after.hotNodeP95 === null)
    return change(hotNodeP95Change, '%')
  return change(after.hotNodeP95 - before.hotNodeP95, 'points')
}

function head(report: ReportView): string {
  const days = report.shiftMs === null ? '' : ` ${Math.round(report.shiftMs / 86_400_000)} days later`
  const compared =
    report.shiftMs === null
      ? 'the hours to compare with are not over yet'
      : `hot-node P95 and Max in the same hours${report.sameWeekday ? ' of the same weekday' : ''},${days}`
  return `Before and after of ${report.planId} (${report.status}): ${compared}\n`
}

function stampWords({ stamp, begunMs, outcome, removedAtMs }: ReportView['provisionings'][number]): string {
  const removed = removedAtMs === null ? '' : `, removed at ${moment(removedAtMs)}`
  return `${stamp} was ${outcome?.kind === 'done' ? `made, from ${moment(begunMs)} to ${moment(outcome.atMs)}` : 'not made'}${removed}`
}

function tail(report: ReportView): string {
  const { moved, once, repeated } = countMoves(report)
  const times = repeated.length === 0 ? 'each exactly once' : `NOT once each: ${repeated.join(', ')}`
  const reversed = report.moves.filter((move) => move.direction === 'reverse').length
  const approvers = [...new Set(report.decisions.filter((d) => d.answer === 'approve').map((d) => d.by))]
  const late = report.staleWriters.length
  const { lowerings } = report
  const lines = [
    ...report.provisionings.map(stampWords),
    ...lowerings.map(loweringWords),
    `${moved} replicas moved, ${once === moved ? times : `${times}; ${once} once`}${reversed > 0 ? `; ${reversed} moved back` : ''}`,
    `asked for by ${report.requestedBy}, approved by ${approvers.join(', ') || 'nobody'}`,
    report.endedAtMs === null
      ? `started at ${moment(report.startedAtMs)}, not ended yet`
      : `from ${moment(report.startedAtMs)} to ${moment(report.endedAtMs)}, ${duration(report.endedAtMs - report.startedAtMs)} of virtual time`,
    ...report.forwardings.map(forwardingWords),
    ...report.foreignRebinds.map(foreignWords),
    ...report.repairs.map(
      ({ replica, from, to }) => `${replica} was routed to ${from ?? 'no stamp'}; its route was led to ${to}`,
    ),
    ...(late > 0 ? [`${late} steps came too late; they changed nothing`] : []),
    ...report.insufficient.map((words) => `insufficient data: ${words}`),
  ]
  return lines.map((line) => `  ${line}\n`).join('')
}
