import { Command } from 'commander'
import { z } from 'zod'
import { RollbackRequest } from '../messages/api.ts'
import { forEach, type ItemResult, plansOf, worstExit } from './bulk-orders.ts'
import { CliError } from './cli-error.ts'
import type { OrderName } from './client.ts'
import { connect, connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { progressLine } from './show-status.ts'
import { table } from './table.ts'

interface OrderOptions extends HostOptions {
  readonly reason: string
  readonly all?: boolean
  readonly region?: string
  readonly yes?: boolean
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

/** `hold`, `resume`, `rollback` and `abort`: orders to runs, each with a reason. */
export function createOrderCommands(io: CliIo): Command[] {
  return ORDERS.map(({ name, description, reason }) => {
    const command = new Command(name)
      .description(description)
      .argument('[plans...]', 'plan ids')
      .requiredOption('--reason <words>', 'why; it is kept with the run')
      .option('--all', 'every run under way')
      .option('--region <name>', 'every run under way in this region')
      .option('--yes', 'needed for several plans, and with --all: without it each is only previewed')
      .addHelpText(
        'after',
        `\nExamples:\n  restamp ${name} plan-1a2b3c4d --reason "${reason}"\n  restamp ${name} --all --reason "${reason}" --yes`,
      )
    if (name === 'rollback') {
      command
        .option('--gate <gate>', 'only this batch, such as medium-1; the run then waits')
        .option('--phase <phase>', 'only this phase: tail, medium or top')
    }
    return withActOptions(command).action((plans: readonly string[], options: OrderOptions) =>
      give(io, name, plans, options),
    )
  })
}

async function give(
  io: CliIo,
  name: OrderName,
  plans: readonly string[],
  options: OrderOptions,
): Promise<void> {
  const part = name === 'rollback' ? partOf(options) : undefined
  const meant = await plansOf({ ...options, plans }, () => connect(options, 'read'))
  // All that there are may be one today and many tomorrow.
  const isBulk = plans.length !== 1
  const dryRun = options.dryRun || (isBulk && !options.yes)
  // Of several plans the one document is the list of results.
  const told = isBulk && options.json ? { ...io, out: () => {} } : io
  const client = await connectToAct({ ...options, dryRun }, name, told)
  const order = (planId: string) =>
    part ? client.control(planId, 'rollback', part) : client.order(planId, name, options.reason)
  if (isBulk) return giveAll(io, options, await forEach(meant, order))
  const view = await order(meant[0] ?? '')
  if (options.json) printJson(io, view)
  else io.out(progressLine(view))
}

/**
 * What became of each. Whoever did not say --yes, or --dry-run, is told that nothing was asked, and ends with a code that
 * no script takes for done.
 */
function giveAll(io: CliIo, options: OrderOptions, results: readonly ItemResult[]): void {
  if (options.json) printJson(io, results)
  else
    io.out(
      table(
        ['plan', 'result'],
        results.map(({ planId, words }) => [planId, words]),
      ),
    )
  const worst = worstExit(results)
  if (worst !== EXIT.done) io.exit(worst)
  if (options.yes || options.dryRun) return
  io.err(`Nothing was asked. To ask it of these ${results.length} plans, repeat it with --yes.\n`)
  io.exit(EXIT.usage)
}
