import { Command } from 'commander'
import { StampId } from '../domain/ids.ts'
import { CliError } from './cli-error.ts'
import { DEFAULT_STATE_DIR } from './connection.ts'
import { portOf, speedOf } from './host.ts'
import { type CliIo, EXIT } from './io.ts'
import { runUp, type UpOptions } from './up.ts'

const DEFAULT_PORT = 7280
/** An hour passes in a second: two weeks are seen in minutes, a gate can still be read. */
const WATCHED_SPEED = '3600'

interface Given
  extends Omit<UpOptions, 'files' | 'stamp' | 'speed' | 'yes' | 'fresh' | 'beginAnew' | 'json'> {
  readonly yes?: boolean
  readonly fleet?: string
  readonly cpu?: string
  readonly load?: string
  readonly stamp?: string
  readonly speed?: string
  readonly fresh?: boolean
  readonly beginAnew?: boolean
  readonly json?: boolean
}

export function createUpCommand(io: CliIo): Command {
  return new Command('up')
    .description('run a whole migration on this machine: scan, plan, rehearsal, approval, moves, report')
    .option('--yes', 'approve each gate as a second local user, skip ahead in time, and end with the report')
    .option('--fleet <file>', 'fleet.json of your own region (default: the worked example)')
    .option('--cpu <file>', 'node-cpu.csv, plain or gzip')
    .option('--load <file>', 'replica-load.csv, plain or gzip')
    .option('--policy <file>', 'policy.json (default: the defaults)')
    .option('--interlocks <file>', 'interlocks.json: rollouts, incidents, opt-outs and the like')
    .option('--region <name>', 'the region to plan for, where the fleet has several')
    .option('--customer <name>', 'plan for this customer (default: whoever needs it)')
    .option('--stamp <id>', 'plan for this stamp')
    .option('--port <number>', 'the port on loopback; 0 takes any that is free', portOf, DEFAULT_PORT)
    .option('--state <dir>', 'the folder that keeps everything of this region', DEFAULT_STATE_DIR)
    .option(
      '--speed <speed>',
      `real, skip, or how many times as fast (default: ${WATCHED_SPEED}, with --yes skip)`,
    )
    .option('--fresh', 'forget what the state folder keeps and begin anew')
    .option(
      '--begin-anew',
      'begin runs anew that this version cannot carry on (`restamp doctor` tells which)',
    )
    .option('--json', 'print the report as one JSON document at the end and nothing else on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp up\n  restamp up --yes\n  restamp up --fleet fleet.json --cpu node-cpu.csv.gz --load replica-load.csv.gz --state ./westeurope',
    )
    .action((given: Given) => runUp(optionsOf(given), io))
}

function optionsOf(given: Given): UpOptions {
  const { fleet, cpu, load, stamp, speed, ...more } = given
  const { yes = false, fresh = false, beginAnew = false, json = false, ...rest } = more
  const named = [fleet, cpu, load].filter((path) => path !== undefined).length
  if (named !== 0 && named !== 3) {
    throw new CliError('--fleet, --cpu and --load belong together: name all three, or none', EXIT.usage)
  }
  if (rest.customer !== undefined && stamp !== undefined) {
    throw new CliError('Plan for a customer or for a stamp: name --customer or --stamp, not both', EXIT.usage)
  }
  if (json && !yes)
    throw new CliError('--json needs --yes: only a run that ends has a document to print', EXIT.usage)
  return {
    ...rest,
    ...(fleet && cpu && load ? { files: { fleet, cpu, load } } : {}),
    ...(stamp === undefined ? {} : { stamp: stampOf(stamp) }),
    speed: speedOf(speed ?? (yes ? 'skip' : WATCHED_SPEED)),
    yes,
    fresh,
    beginAnew,
    json,
  }
}

function stampOf(text: string): StampId {
  const stamp = StampId.safeParse(text)
  if (stamp.success) return stamp.data
  throw new CliError(`"${text}" is no stamp id; expected 1 to 63 letters, digits or "-"`, EXIT.usage)
}
