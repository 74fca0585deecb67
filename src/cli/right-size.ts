import { Command } from 'commander'
import { connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { showPlan } from './show-plan.ts'

/** `right-size`: the plan that lowers the minimums of what a completed plan took load off. */
export function createRightSizeCommand(io: CliIo): Command {
  const command = new Command('right-size')
    .description(
      'plan how far the minimums of pools that a completed plan relieved can go down, step by step;\nit is started and approved like any other plan',
    )
    .argument('<plan>', 'the id of a completed plan')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp right-size plan-1a2b3c4d\n\nExit codes: 0 done; 1 too few days to forecast by, or no room to spare.',
    )
  return withActOptions(command).action(async (planId: string, options: HostOptions) => {
    const view = await (await connectToAct(options, 'plan', io)).rightSize(planId)
    if (options.json) printJson(io, view)
    else {
      io.out(showPlan(view))
      if (view.plan.lowerings) io.out(`Start it with: restamp start ${view.plan.id}\n`)
    }
    if (!view.plan.lowerings) io.exit(EXIT.no)
  })
}
