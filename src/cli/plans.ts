import { Command } from 'commander'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, printJson } from './io.ts'
import { showPlan, showPlans } from './show-plan.ts'
import { showStatus } from './show-status.ts'

export function createPlansCommand(io: CliIo): Command {
  const command = new Command('plans')
    .description('list the plans of the running host, newest first, or show one')
    .argument('[plan]', 'a plan id: show this plan')
    .addHelpText('after', '\nExamples:\n  restamp plans\n  restamp plans plan-1a2b3c4d --json')
  return withHostOptions(command).action(async (plan: string | undefined, options: HostOptions) => {
    const client = await connect(options, 'read')
    if (plan === undefined) {
      const list = await client.plans()
      return options.json ? printJson(io, list) : io.out(showPlans(list))
    }
    const view = await client.plan(plan)
    return options.json ? printJson(io, view) : io.out(showPlan(view))
  })
}

export function createStatusCommand(io: CliIo): Command {
  const command = new Command('status')
    .description('show how far a plan has got, what it waits for and until when')
    .argument('<plan>', 'a plan id')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp status plan-1a2b3c4d\n  restamp status plan-1a2b3c4d --json',
    )
  return withHostOptions(command).action(async (plan: string, options: HostOptions) => {
    const view = await (await connect(options, 'read')).status(plan)
    if (options.json) printJson(io, view)
    else io.out(showStatus(view))
  })
}
