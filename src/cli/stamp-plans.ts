import { Command } from 'commander'
import { StampId } from '../domain/ids.ts'
import { CliError } from './cli-error.ts'
import { connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { showMoves, showPlan } from './show-plan.ts'

const PLANS = [
  {
    name: 'evacuate',
    description: 'plan to empty a stamp, before it is retired: who leaves it, where to, and until about when',
  },
  {
    name: 'ramp',
    description: 'plan to fill a new stamp from the others of its region, some light replicas first',
  },
] as const

interface StampPlanOptions extends HostOptions {
  readonly region?: string
}

/** `evacuate` and `ramp`: plans for one stamp, started and approved like any other. */
export function createStampCommands(io: CliIo): Command[] {
  return PLANS.map(({ name, description }) => {
    const command = new Command(name)
      .description(description)
      .argument('<stamp>', 'a stamp id')
      .option('--region <name>', 'region, where the fleet has several')
      .addHelpText(
        'after',
        `\nExamples:\n  restamp ${name} weu-b\n\nExit codes: 0 done; 1 nothing can be moved, or too little data.`,
      )
    return withActOptions(command).action(async (given: string, options: StampPlanOptions) => {
      const stamp = StampId.safeParse(given)
      if (!stamp.success) throw new CliError(`"${given}" is no id of a stamp`, EXIT.usage)
      const { region } = options
      const client = await connectToAct(options, 'plan', io)
      const view = await client.makePlan({ ...(region ? { region } : {}), [name]: stamp.data })
      const { plan } = view
      if (options.json) printJson(io, view)
      else {
        io.out(showPlan(view) + showMoves(plan))
        if (plan.moves.length > 0)
          io.out(`Once its rehearsal has passed, start it with: restamp start ${plan.id}\n`)
      }
      if (plan.moves.length === 0) io.exit(EXIT.no)
    })
  })
}
