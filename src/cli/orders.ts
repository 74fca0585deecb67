import { Command } from 'commander'
import type { OrderName } from './client.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, printJson } from './io.ts'
import { progressLine } from './show-status.ts'

interface OrderOptions extends HostOptions {
  readonly reason: string
}

const ORDERS: readonly { readonly name: OrderName; readonly description: string; readonly reason: string }[] =
  [
    {
      name: 'hold',
      description: 'hold a run: moves under way finish, nothing new starts',
      reason: 'a release is going out',
    },
    { name: 'resume', description: 'let a held run go on', reason: 'the release is out' },
    {
      name: 'rollback',
      description: 'move everything that a run has moved back, in order, and end it',
      reason: 'pulls fail since the last batch',
    },
    {
      name: 'abort',
      description: 'end a run where it stands; what has moved stays where it is',
      reason: 'the customer has left',
    },
  ]

/** `hold`, `resume`, `rollback` and `abort`: orders to a run, each with a reason. */
export function createOrderCommands(io: CliIo): Command[] {
  return ORDERS.map(({ name, description, reason }) => {
    const command = new Command(name)
      .description(description)
      .argument('<plan>', 'a plan id')
      .requiredOption('--reason <words>', 'why; it is kept with the run')
      .addHelpText('after', `\nExamples:\n  restamp ${name} plan-1a2b3c4d --reason "${reason}"`)
    return withHostOptions(command).action(async (planId: string, options: OrderOptions) => {
      const view = await (await connect(options, name)).order(planId, name, options.reason)
      if (options.json) printJson(io, view)
      else io.out(progressLine(view))
    })
  })
}
