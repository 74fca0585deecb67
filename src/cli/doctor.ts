import { Command } from 'commander'
import { DEFAULT_STATE_DIR } from './connection.ts'
import { doctorAzure, type Examine } from './doctor-azure.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { statusWords } from './show-status.ts'

const AFTER = `
With --azure the settings of the app are read from the environment: COSMOS_ENDPOINT, BLOB_ENDPOINT, and where they are used
COSMOS_DATABASE and RESTAMP_CALLOUT_…. Rights are those of whoever is signed in; those of the app itself shows
GET /api/v1/doctor. Writes are not tried.

Examples:
  restamp doctor
  restamp doctor --state ./westeurope --json
  restamp doctor --azure --map infra/azure-map.json`

interface DoctorOptions {
  readonly state: string
  readonly azure?: boolean
  readonly map: string
  readonly json?: boolean
}

/**
 * `restamp doctor`: whether this version can carry on what an earlier one began, before it is let loose; on Azure, whether all that
 * Restamp depends on is as it has to be.
 */
export function createDoctorCommand(io: CliIo, examine?: Examine): Command {
  return new Command('doctor')
    .description(
      'tell whether this version can carry on the runs of a stopped host, or what is wrong on Azure; nothing runs or changes',
    )
    .option('--state <dir>', 'the state folder of the host', DEFAULT_STATE_DIR)
    .option('--azure', 'look at all that Restamp depends on on Azure, as whoever is signed in here')
    .option('--map <file>', 'the mapping, with --azure', 'azure-map.json')
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .addHelpText('after', AFTER)
    .action(async (options: DoctorOptions) => {
      if (options.azure) return doctorAzure(io, options, examine)
      // Loaded only when asked for: every other command starts without the host.
      const { standingOf } = await import('../local.ts')
      const standing = await standingOf(options.state)
      const { version, runs } = standing
      const stuck = runs.filter(({ carriedOn }) => !carriedOn)
      if (stuck.length > 0) io.exit(EXIT.no)
      if (options.json) return printJson(io, standing)
      if (runs.length === 0) return io.out(`No run is under way in ${options.state}.\n`)
      const carried = `${runs.length - stuck.length} of ${runs.length} runs under way in ${options.state} are carried on`
      io.out(`${carried} by this version (${version ?? 'none'})\n`)
      for (const { planId, status, words, next } of runs) {
        io.out(`  ${planId}  ${statusWords(status)}\n    ${words}\n`)
        for (const each of next) io.out(`    next, ${each}\n`)
      }
    })
}
