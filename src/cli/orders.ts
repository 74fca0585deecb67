import { Command } from 'commander'
import { z } from 'zod'
import { RollbackRequest } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import type { OrderName } from './client.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { progressLine } from './show-status.ts'

interface OrderOptions extends HostOptions {
  readonly reason: string
  readonly gate?: string
  readonly phase?: string
}

/** The part of a plan that a rollback is of; undefined for all of it. */
function partOf({ reason, gate, phase }: OrderOptions): RollbackRequest | undefined {
  if (gate === undefined && phase === undefined) return undefined
  const part = RollbackRequest.safeParse({ reason, gate, phase })
  if (part.success) return part.data
  throw new CliError(z.prettifyError(part.error), EXIT.usage)
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
    if (name === 'rollback') {
      command
        .option('--gate <gate>', 'only this batch, such as medium-1; the run then waits')
        .option('--phase <phase>', 'only this phase: tail, medium or top')
    }
    return withHostOptions(command).action(async (planId: string, options: OrderOptions) => {
      const client = await connect(options, name)
      const part = name === 'rollback' ? partOf(options) : undefined
      const view = part
        ? await client.control(planId, 'rollback', part)
        : await client.order(planId, name, options.reason)
      if (options.json) printJson(io, view)
      else io.out(progressLine(view))
    })
  })
}
