import { Command } from 'commander'
import { readCpu } from '../adapters/files/read-cpu.ts'
import { readFleet } from '../adapters/files/read-fleet.ts'
import { readLoad } from '../adapters/files/read-load.ts'
import { readPolicy } from '../adapters/files/read-policy.ts'
import { sealPlan } from '../domain/canonical.ts'
import type { Fleet } from '../domain/fleet.ts'
import { binMsOf } from '../domain/hot-node.ts'
import { PlanId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { planIdOf } from '../domain/plan-id.ts'
import { makePlan } from '../domain/planner.ts'
import { type PolicyFile, policyFor } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import type { RegionData } from '../domain/region-data.ts'
import type { PoolCpu } from '../domain/series.ts'
import { CliError } from './cli-error.ts'
import { moment } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { type PlanOptions, planOptions } from './plan-options.ts'
import { showMoves, showPlan } from './show-plan.ts'

const HOUR_MS = 3_600_000
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
  const fleet = await readFleet(options.fleet)
  const policies: PolicyFile = options.policy === undefined ? {} : await readPolicy(options.policy)
  const region = chosenRegion(fleet, options)
  checkSubject(fleet, region, options)
  const policy = policyFor(region, policies)
  const lookBackMs = lookBackHours(policy) * HOUR_MS
  const data = await regionData(io, { options, fleet, region, lookBackMs })
  const { customer, stamp } = options
  const body = makePlan(
    data,
    { ...(customer === undefined ? {} : { customer }), ...(stamp === undefined ? {} : { stamp }) },
    { policy, planId: NO_ID, requestedBy: 'restamp plan', pastMoves: [] },
  )
  return sealPlan({ ...body, id: planIdOf(body) })
}

async function regionData(
  io: CliIo,
  parts: {
    readonly options: PlanOptions
    readonly fleet: Fleet
    readonly region: string
    readonly lookBackMs: number
  },
): Promise<RegionData> {
  const { options, fleet, region, lookBackMs } = parts
  const binMs = options.bin === undefined ? undefined : options.bin * 1000
  const file = await readCpu(options.cpu, {
    keep:
      options.now === undefined
        ? { lastMs: lookBackMs }
        : { fromMs: options.now - lookBackMs, toMs: options.now },
  })
  const cpu = file.pools.filter((pool) => pool.region === null || pool.region === region)
  const nowMs = options.now ?? endOf(cpu, binMs)
  if (nowMs === undefined) {
    throw new CliError(
      `${options.cpu}: no row is of region ${region}; expected its pools' samples`,
      EXIT.usage,
    )
  }
  const loads = await readLoad(options.load, {
    fleet,
    region,
    report: ({ badTimestamps, brokenRows, unknownRows }) => {
      leftOut(io, options.load, { badTimestamps, brokenRows, unknownRows })
    },
  })
  const load = loads.get(region)
  if (!load)
    throw new CliError(
      `${options.load}: no row is of region ${region}; expected its replicas' load`,
      EXIT.usage,
    )
  leftOut(io, options.cpu, { badTimestamps: file.badTimestamps, brokenRows: file.brokenRows, unknownRows: 0 })
  if (nowMs > io.nowMs())
    io.err(`The data end at ${moment(nowMs)}, which lies ahead of this machine's clock.\n`)
  return { fleet, region, cpu, load, nowMs, ...(binMs === undefined ? {} : { binMs }) }
}

/** The end of the last CPU bin; undefined where there is no sample. */
function endOf(cpu: readonly PoolCpu[], binMs: number | undefined): number | undefined {
  const ends = cpu.flatMap(({ samples }) => {
    const lastMs = samples.timesMs.reduce((last, atMs) => Math.max(last, atMs), Number.NEGATIVE_INFINITY)
    const bin = binMs ?? binMsOf(samples)
    return Number.isFinite(lastMs) ? [(Math.floor(lastMs / bin) + 1) * bin] : []
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}

function leftOut(
  io: CliIo,
  path: string,
  counts: { readonly badTimestamps: number; readonly brokenRows: number; readonly unknownRows: number },
): void {
  const words = [
    [counts.badTimestamps, 'their time is no ISO 8601 instant'],
    [counts.brokenRows, 'they are broken'],
    [counts.unknownRows, 'the fleet has no such registry or pool there'],
  ] as const
  for (const [count, why] of words) if (count > 0) io.err(`${path}: ${count} rows were left out: ${why}.\n`)
}

function chosenRegion(fleet: Fleet, { region, fleet: path }: PlanOptions): string {
  const names = fleet.regions.map(({ name }) => name)
  const chosen = region ?? (names.length === 1 ? names[0] : undefined)
  if (chosen !== undefined && names.includes(chosen)) return chosen
  throw new CliError(
    `${path} has the regions ${names.join(', ') || '(none)'}; ${region === undefined ? 'name one with --region' : `--region was ${region}`}`,
    EXIT.usage,
  )
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
