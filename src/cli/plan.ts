import { Command } from 'commander'
import { sealPlan } from '../domain/canonical.ts'
import type { Fleet } from '../domain/fleet.ts'
import { PlanId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { planIdOf } from '../domain/plan-id.ts'
import { makePlan } from '../domain/planner.ts'
import { CliError } from './cli-error.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { type PlanOptions, planOptions } from './plan-options.ts'
import { surroundingsOf } from './plan-surroundings.ts'
import { readRegion } from './region-files.ts'
import { showMoves, showPlan } from './show-plan.ts'

/** Stands in for the id until the plan is there to make it from. */
const NO_ID = PlanId.parse('plan')

/** `restamp plan`: the plan that a fleet and its telemetry in files call for. Nothing is started or stored. */
export function createPlanCommand(io: CliIo): Command {
  return new Command('plan')
    .summary('what files of a fleet and its telemetry call for')
    .description(
      'Makes a plan from files: what to move and why, in which phases, and the predicted hot-node P95.\n' +
        'Without --customer and --stamp it is made for what needs it most. Nothing is started.',
    )
    .requiredOption('--fleet <file>', 'fleet.json')
    .requiredOption('--cpu <file>', 'CPU of the nodes: timestamp,region,stamp,pool,node,cpu_percent')
    .requiredOption(
      '--load <file>',
      'load of the replicas: timestamp,region,registry,pool,requests,bytes,...',
    )
    .option('--policy <file>', 'policy.json (default: the built-in policy)')
    .option('--interlocks <file>', 'interlocks.json: rollouts, incidents, opt-outs, quotas and the like')
    .option(
      '--moves <file>',
      'moves of the last weeks: timestamp,registry,from,to,landed; empty is under way',
    )
    .option('--now <time>', 'end of the data that may be used (default: the end of the last CPU bin)')
    .option('--bin <seconds>', "length of a bin (default: the data's own interval)")
    .option('--region <name>', 'region, where the fleet has several')
    .option('--customer <name>', 'only for this customer')
    .option('--stamp <id>', 'only for this stamp')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  restamp plan --fleet fleet.json --cpu node-cpu.csv.gz --load replica-load.csv.gz
  restamp plan --fleet fleet.json --cpu node-cpu.csv --load replica-load.csv --customer contoso --json
  restamp plan --fleet fleet.json --cpu node-cpu.csv --load replica-load.csv --interlocks interlocks.json --moves moves.csv

Exit codes: 0 done; 1 too little data, or something blocks the plan; 2 wrong usage or bad input.`,
    )
    .action(async (given: unknown) => {
      const options = planOptions(given)
      const plan = await planOf(io, options)
      if (options.json) printJson(io, plan)
      else io.out(showPlan({ plan, rehearsal: null }) + showMoves(plan))
      if (isRefusal(plan)) io.exit(EXIT.no)
    })
}

function isRefusal({ verdict, blocked }: Plan): boolean {
  return verdict === 'insufficient-data' || (verdict === 'none' && blocked.length > 0)
}

async function planOf(io: CliIo, options: PlanOptions): Promise<Plan> {
  const { customer, stamp } = options
  const { data, policy } = await readRegion(io, options, {
    check: (fleet, region) => checkSubject(fleet, region, options),
  })
  const body = makePlan(
    data,
    { ...(customer === undefined ? {} : { customer }), ...(stamp === undefined ? {} : { stamp }) },
    { policy, planId: NO_ID, requestedBy: 'restamp plan', ...(await surroundingsOf(data, options)) },
  )
  return sealPlan({ ...body, id: planIdOf(body) })
}

function checkSubject(fleet: Fleet, region: string, { customer, stamp, fleet: path }: PlanOptions): void {
  const stamps = fleet.regions.find(({ name }) => name === region)?.stamps.map(({ id }) => id) ?? []
  if (stamp !== undefined && !stamps.some((id) => id === stamp)) {
    throw new CliError(
      `--stamp was ${stamp}; ${path} has ${stamps.join(', ') || 'none'} in ${region}`,
      EXIT.usage,
    )
  }
  const known = fleet.registries.some(
    (registry) =>
      registry.customer === customer && registry.replicas.some((replica) => replica.region === region),
  )
  if (customer !== undefined && !known) {
    throw new CliError(
      `--customer was ${customer}; ${path} has no replica of such a customer in ${region}`,
      EXIT.usage,
    )
  }
}
