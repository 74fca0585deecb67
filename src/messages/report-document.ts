import { foreignWords } from '../domain/deviation.ts'
import { loweringWords } from '../domain/lowering.ts'
import type { ReportRow, ReportView } from './api.ts'

interface Table {
  readonly titles: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

interface Section {
  readonly heading: string
  readonly words: readonly string[]
  readonly table: Table | null
}

/** A report as Markdown, to be put into a ticket or a review. */
export function reportMarkdown(report: ReportView): string {
  const sections = sectionsOf(report).map(({ heading, words, table }) =>
    [
      `## ${heading}`,
      words.map((line) => `- ${escaped(line)}`).join('\n'),
      table ? [table.titles, table.titles.map(() => '---'), ...table.rows].map(markdownRow).join('\n') : '',
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  )
  return `# ${escaped(titleOf(report))}\n\n${sections.join('\n\n')}\n`
}

/** A report as one file that needs nothing else: it can be sent, kept and printed. */
export function reportHtml(report: ReportView): string {
  const title = inHtml(titleOf(report))
  const sections = sectionsOf(report).map(
    ({ heading, words, table }) =>
      `<section><h2>${inHtml(heading)}</h2>${listOf(words)}${table ? htmlTable(table) : ''}</section>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
${sections.join('\n')}
</main></body></html>
`
}

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
section{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid #8886;padding:.3rem .6rem;text-align:left;vertical-align:top}@media print{body{margin:0}}`

function titleOf({ planId, status }: ReportView): string {
  return `Before and after of ${planId} (${status})`
}

function sectionsOf(report: ReportView): Section[] {
  const { moves, decisions, lowerings, foreignRebinds, repairs, insufficient } = report
  const happened = [
    ...lowerings.map(loweringWords),
    ...foreignRebinds.map(foreignWords),
    ...repairs.map(({ replica, from, to }) => `${replica} was routed to ${from ?? 'no stamp'}; led to ${to}`),
    ...insufficient.map((words) => `not enough data: ${words}`),
  ]
  return [
    { heading: 'The run', words: factsOf(report), table: null },
    { heading: 'CPU of each pool, percent', words: comparedWords(report), table: poolsTable(report.rows) },
    { heading: 'What else happened', words: happened.length > 0 ? happened : ['nothing'], table: null },
    { heading: `Decisions: ${decisions.length}`, words: [], table: decisionsTable(report) },
    { heading: `Moves: ${moves.length}`, words: [], table: movesTable(report) },
  ]
}

function factsOf({ requestedBy, digest, startedAtMs, endedAtMs }: ReportView): string[] {
  const ended = endedAtMs === null ? 'it goes on' : `ended ${time(endedAtMs)}`
  return [`asked for by ${requestedBy}`, `digest ${digest}`, `started ${time(startedAtMs)}, ${ended}`]
}

function comparedWords({ shiftMs, sameWeekday }: ReportView): string[] {
  if (shiftMs === null) return ['the hours to compare with are not over yet']
  const days = Math.round(shiftMs / 86_400_000)
  return [`the same hours${sameWeekday ? ' of the same weekday' : ''}, ${days} days later`]
}

function poolsTable(rows: readonly ReportRow[]): Table {
  return {
    titles: [
      'pool',
      'hot-node P95 before',
      'after',
      'change',
      'predicted',
      'Max before',
      'after',
      'change',
      '',
    ],
    rows: rows.map((row) => [
      `${row.stamp} / ${row.pool}`,
      ...[figure(row.before.hotNodeP95), figure(row.after.hotNodeP95), change(row.hotNodeP95Change, ' %')],
      figure(row.predicted),
      ...[figure(row.before.max), figure(row.after.max), change(row.maxChangePoints, ' points')],
      row.control ? 'control' : '',
    ]),
  }
}

function decisionsTable({ decisions }: ReportView): Table {
  return {
    titles: ['when', 'who', 'answer', 'gates', 'reason'],
    rows: decisions.map(({ atMs, by, answer, gates, reason }) => [
      ...[time(atMs), by, answer, gates.join(', '), reason],
    ]),
  }
}

function movesTable({ moves }: ReportView): Table {
  return {
    titles: ['registry', 'from', 'to', 'gate', 'began', 'outcome'],
    rows: moves.map(({ replica, from, to, gate, direction, steps, outcome }) => [
      ...[replica, from, to, direction === 'reverse' ? `back, ${gate}` : gate],
      ...[steps[0] ? time(steps[0].atMs) : '-', outcome?.kind ?? 'under way'],
    ]),
  }
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** What is missing is a dash and never a zero. */
function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(1)
}

function change(value: number | null, unit: string): string {
  return value === null ? '-' : `${value > 0 ? '+' : ''}${value.toFixed(1)}${unit}`
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map(escaped).join(' | ')} |`
}

/** Text that others wrote stays text, whatever it looks like. */
function escaped(text: string): string {
  return text.replaceAll(/[\\|<>`*_[\]#]/g, (sign) => `\\${sign}`).replaceAll(/\s+/g, ' ')
}

function listOf(words: readonly string[]): string {
  return words.length > 0 ? `<ul>${words.map((line) => `<li>${inHtml(line)}</li>`).join('')}</ul>` : ''
}

function htmlTable({ titles, rows }: Table): string {
  const head = titles.map((title) => `<th scope="col">${inHtml(title)}</th>`).join('')
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${inHtml(cell)}</td>`).join('')}</tr>`)
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function inHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => SIGNS[sign] ?? sign)
}
