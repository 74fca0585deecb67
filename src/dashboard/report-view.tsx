import { useEffect } from 'preact/hooks'
import type { ReportView as Report } from '../messages/api.ts'
import { reportHtml, reportMarkdown } from '../messages/report-document.ts'
import { instant, shortDigest, span } from './format.ts'
import { ConnectionNotice, Loading } from './notice.tsx'
import { usePolled } from './polled.ts'
import { DecisionsTable, ForwardingsTable, MovesMade } from './report-records.tsx'
import { ReportTable } from './report-table.tsx'
import { planHref } from './route.ts'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { listState } from './words.ts'

const REPORT_EVERY_MS = 5_000

/** Before and after, every move with its times, every decision with its author. Made to be printed too. */
export function ReportView({ id }: { id: string }) {
  const { client } = useSession()
  const report = usePolled<Report>(
    `report ${id}`,
    () => client.get(`/plans/${encodeURIComponent(id)}/report`),
    REPORT_EVERY_MS,
  )
  useEffect(() => {
    document.title = `Report · ${id} · Restamp`
  }, [id])
  const { data } = report
  if (!data) return <Loading what="the report" polled={report} />
  return (
    <article class="report">
      <ConnectionNotice polled={report} />
      <ReportHead report={data} />
      <ReportTable report={data} />
      {data.insufficient.length > 0 && (
        <section class="panel" aria-labelledby="insufficient">
          <h2 id="insufficient">Not enough data for</h2>
          <ul>
            {data.insufficient.map((words) => (
              <li key={words}>
                <Tagged tone="unknown">{words}</Tagged>
              </li>
            ))}
          </ul>
        </section>
      )}
      <DecisionsTable decisions={data.decisions} />
      <MovesMade moves={data.moves} />
      <ForwardingsTable forwardings={data.forwardings} />
    </article>
  )
}

function ReportHead({ report }: { report: Report }) {
  const { tone, words } = listState(report.status)
  const until = report.endedAtMs
  return (
    <div class="plan-head">
      <div>
        <h1>Before and after</h1>
        <p>
          <Tagged tone={tone}>{words}</Tagged>{' '}
          {until === null
            ? `since ${instant(report.startedAtMs)} UTC`
            : `${instant(report.startedAtMs)} to ${instant(until)} UTC, ${span(until - report.startedAtMs)}`}
        </p>
        <p class="muted">
          <a href={planHref(report.planId)}>{report.planId}</a> · digest{' '}
          <span class="id">{shortDigest(report.digest)}</span> · asked for by {report.requestedBy}
        </p>
      </div>
      <p class="suppose no-print">
        <button type="button" onClick={() => print()}>
          Print
        </button>
        <button type="button" onClick={() => keep(`${report.planId}.html`, 'text/html', reportHtml(report))}>
          Save as HTML
        </button>
        <button
          type="button"
          onClick={() => keep(`${report.planId}.md`, 'text/markdown', reportMarkdown(report))}
        >
          Save as Markdown
        </button>
      </p>
    </div>
  )
}

/** Gives the browser a file to save. */
function keep(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  URL.revokeObjectURL(url)
}
