import { Command } from 'commander'
import { DEFAULT_STATE_DIR } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { statusWords } from './show-status.ts'

interface DoctorOptions {
  readonly state: string
  readonly json?: boolean
}

/** `restamp doctor`: whether this version can carry on what an earlier one began, before it is let loose. */
export function createDoctorCommand(io: CliIo): Command {
  return new Command('doctor')
    .description('tell whether this version can carry on the runs of a stopped host; nothing runs or changes')
    .option('--state <dir>', 'the state folder of the host', DEFAULT_STATE_DIR)
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .addHelpText('after', '\nExamples:\n  restamp doctor\n  restamp doctor --state ./westeurope --json')
    .action(async (options: DoctorOptions) => {
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
