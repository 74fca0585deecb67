import { Command } from 'commander'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, printJson } from './io.ts'
import { showReport } from './show-report.ts'

export function createReportCommand(io: CliIo): Command {
  const command = new Command('report')
    .description(
      'show before and after of a run for each pool, from telemetry, and that each replica moved once',
    )
    .argument('<plan>', 'a plan id')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp report plan-1a2b3c4d\n  restamp report plan-1a2b3c4d --json',
    )
  return withHostOptions(command).action(async (planId: string, options: HostOptions) => {
    const report = await (await connect(options, 'read')).report(planId)
    if (options.json) printJson(io, report)
    else io.out(showReport(report))
  })
}
