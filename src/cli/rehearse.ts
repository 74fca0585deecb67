import { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { showCalendar, showRehearsal } from './show-rehearsal.ts'
import { waitForRehearsal } from './up-waits.ts'

/** `restamp rehearse`: what came of a plan on a twin of its region, faults included, and on which days. */
export function createRehearseCommand(io: CliIo): Command {
  const command = new Command('rehearse')
    .description('show what came of a plan on a twin of its region, the standard faults included')
    .argument('<plan>', 'a plan id; it is rehearsed as soon as it is made')
    .option('--calendar', 'what would happen on which day, if every gate is answered at once')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp rehearse plan-1a2b3c4d\n  restamp rehearse plan-1a2b3c4d --calendar',
    )
  return withHostOptions(command).action(
    async (planId: string, options: HostOptions & { readonly calendar?: boolean }) => {
      const client = await connect(options, 'read')
      if (!(await client.plan(planId)).rehearsal)
        throw new CliError(`${planId} is not rehearsed: it moves nothing that is there already`, EXIT.no)
      const { rehearsal } = await waitForRehearsal(client, io, planId)
      if (rehearsal.status === 'failed') io.exit(EXIT.no)
      if (options.json) return printJson(io, rehearsal)
      io.out(options.calendar ? showCalendar(rehearsal) : showRehearsal(rehearsal))
    },
  )
}
