import { Command, Option } from 'commander'
import { reportHtml, reportMarkdown } from '../messages/report-document.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, printJson } from './io.ts'
import { showReport } from './show-report.ts'

interface ReportOptions extends HostOptions {
  readonly format?: 'html' | 'markdown'
}

export function createReportCommand(io: CliIo): Command {
  const command = new Command('report')
    .description(
      'show before and after of a run for each pool, from telemetry, and that each replica moved once',
    )
    .argument('<plan>', 'a plan id')
    .addOption(
      new Option('--format <format>', 'a document to be kept: one HTML file, or Markdown')
        .choices(['html', 'markdown'])
        .conflicts('json'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  restamp report plan-1a2b3c4d\n  restamp report plan-1a2b3c4d --json\n  restamp report plan-1a2b3c4d --format html > report.html',
    )
  return withHostOptions(command).action(async (planId: string, options: ReportOptions) => {
    const report = await (await connect(options, 'read')).report(planId)
    if (options.json) printJson(io, report)
    else if (options.format === 'html') io.out(reportHtml(report))
    else if (options.format === 'markdown') io.out(reportMarkdown(report))
    else io.out(showReport(report))
  })
}
