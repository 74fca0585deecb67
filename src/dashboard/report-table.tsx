import type { ReportView as Report, ReportRow } from '../messages/api.ts'
import { change, instant, percent, span, timeOfDay } from './format.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'

/** The table that a migration is judged by. Control pools lost no registry and gained none. */
export function ReportTable({ report }: { report: Report }) {
  return (
    <section class="panel flush" aria-labelledby="before-after">
      <div class="panel-head">
        <h2 id="before-after">CPU of each pool</h2>
        <p class="muted">{windowWords(report)}</p>
      </div>
      <WideTable label="CPU of each pool, before and after">
        <table class="report-table">
          <thead>
            <tr>
              <th scope="col" rowSpan={2}>
                Pool
              </th>
              <th scope="colgroup" colSpan={4} class="group">
                Hot-node P95, %
              </th>
              <th scope="colgroup" colSpan={3} class="group">
                Max, %
              </th>
              <th scope="colgroup" colSpan={2} class="group">
                Average, %
              </th>
            </tr>
            <tr>
              {['before', 'after', 'change', 'predicted', 'before', 'after', 'change', 'before', 'after'].map(
                (words, at) => (
                  <th key={`${at} ${words}`} scope="col" class="number">
                    {words}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {report.rows.map((row) => (
              <Row key={`${row.stamp} ${row.pool}`} row={row} />
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  )
}

function Row({ row }: { row: ReportRow }) {
  const { before, after } = row
  return (
    <tr class={row.control ? 'control' : undefined}>
      <th scope="row">
        {row.stamp} <span class="muted">{row.pool}</span>{' '}
        {row.control && <Tagged tone="cool">control</Tagged>}
        {row.window && (
          <span class="muted small band">
            {instant(row.window.startMs)} to {timeOfDay(row.window.endMs)}
          </span>
        )}
      </th>
      <td class="number">{percent(before.hotNodeP95)}</td>
      <td class="number">
        <strong>{percent(after.hotNodeP95)}</strong>
      </td>
      <td class="number">
        <strong>{change(row.hotNodeP95Change, '%')}</strong>
      </td>
      <td class="number muted">{percent(row.predicted)}</td>
      <td class="number">{percent(before.max)}</td>
      <td class="number">{percent(after.max)}</td>
      <td class="number">{change(row.maxChangePoints, 'points')}</td>
      <td class="number">{percent(before.poolAverage)}</td>
      <td class="number">{percent(after.poolAverage)}</td>
    </tr>
  )
}

/** How the windows before and after lie to each other; each pool has a peak window of its own. */
function windowWords(report: Report): string {
  if (report.shiftMs === null) return 'The after windows are not over yet.'
  const day = report.sameWeekday ? 'same weekday and hours' : 'same hours, another weekday'
  return `Each pool in its own peak window. After is ${span(report.shiftMs)} later: ${day}.`
}
