import { expect, test } from 'vitest'
import { reportHtml, reportMarkdown } from '../../src/messages/report-document.ts'
import { aReport } from '../dashboard/worked-plan.ts'

const report = aReport()
const rows = report.rows.length + report.decisions.length + report.moves.length

test('as Markdown it has the figures, every decision and every move', () => {
  const text = reportMarkdown(report)
  expect(text).toContain(
    '| weu-a / dataproxy | 43.1 | 28.5 | -33.9 % | 28.9 | 96.0 | 64.0 | -32.0 points |  |',
  )
  expect(text.match(/^\| (?!---|pool|when|registry )/gm)).toHaveLength(rows)
})

test('as HTML it is one file that asks nobody for anything', () => {
  const html = reportHtml(report)
  expect(html.match(/<tr>/g)).toHaveLength(rows + 3)
  expect(html).not.toMatch(/<script|<link|<img|src=|https?:/)
  expect(html).toContain("default-src 'none'")
})

test('what people wrote stays text, whatever it looks like', () => {
  const [decision] = report.decisions
  const reason = '<img src=x onerror=alert(1)> | **bold** [link](https://evil.example)\n# heading'
  const told = { ...report, decisions: decision ? [{ ...decision, reason }] : [] }
  expect(reportHtml(told)).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(reportHtml(told)).not.toContain('<img')
  const line = reportMarkdown(told)
    .split('\n')
    .find((one) => one.includes('onerror'))
  expect(line).toContain('\\<img src=x onerror=alert(1)\\> \\| \\*\\*bold\\*\\*')
  expect(line?.split(/(?<!\\)\|/)).toHaveLength(7)
})

test('what is missing is a dash and never a zero', () => {
  const [row] = report.rows
  const none = { poolAverage: null, max: null, hotNodeP95: null }
  const told = row
    ? {
        ...report,
        rows: [{ ...row, after: none, hotNodeP95Change: null, maxChangePoints: null, predicted: null }],
      }
    : report
  expect(reportMarkdown(told)).toContain('| 30.1 | - | - | - | 71.3 | - | - |')
})
