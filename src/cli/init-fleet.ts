import { Command } from 'commander'
import { readFleet } from '../adapters/files/read-fleet.ts'
import { CliError } from './cli-error.ts'
import type { OpenOnboarding } from './init.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { table } from './table.ts'

const NAMES_SHOWN_MAX = 5
const EXAMPLES = `
Without --confirm it shows what would change and a word to confirm that with, and enters nothing. The word holds for this file and for
what is entered now; once either changes, look again. Bindings that are there stay: they are the truth about who serves a replica.
Needs "Cosmos DB Built-in Data Contributor" on the account, of whoever is signed in; see docs/deploy.md.

Examples:
  restamp init fleet fleet.json --endpoint https://cosmos-restamp.documents.azure.com
  restamp init fleet fleet.json --endpoint https://cosmos-restamp.documents.azure.com --confirm 1a2b3c4d`

interface InitFleetOptions {
  readonly endpoint?: string
  readonly database: string
  readonly confirm?: string
  readonly json?: boolean
}

/** `restamp init fleet`: enters stamps, registries and first bindings where Restamp owns them. */
export function createInitFleetCommand(io: CliIo, open: OpenOnboarding): Command {
  return new Command('fleet')
    .description('enter a fleet into Cosmos DB, where Restamp owns the bindings: first shown, then confirmed')
    .argument('<file>', 'fleet.json')
    .option('--endpoint <url>', 'of the Cosmos DB account (default: COSMOS_ENDPOINT)')
    .option('--database <name>', 'of Restamp', 'restamp')
    .option('--confirm <word>', 'enter what was shown with this word')
    .option('--json', 'print one JSON document on standard output and nothing else there')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, options: InitFleetOptions) => {
      const endpoint = options.endpoint ?? io.env.COSMOS_ENDPOINT
      if (!endpoint?.startsWith('https://'))
        throw new CliError('Say where, with --endpoint https://… or by COSMOS_ENDPOINT', EXIT.usage)
      const fleet = await readFleet(path)
      const onboarding = await open()
      const place = { endpoint, database: options.database }
      const entry = await onboarding.preview(place, fleet)
      if (entry.problems.length > 0)
        throw new CliError(`${path} can't be entered: ${entry.problems.join('; ')}`, EXIT.no)
      const isConfirmed = options.confirm === entry.confirmation
      if (options.confirm !== undefined && !isConfirmed)
        throw new CliError(
          `nothing was entered: ${options.confirm} was for another file or another state; look again without --confirm`,
          EXIT.no,
        )
      if (isConfirmed) await onboarding.enter(place, fleet)
      if (options.json) return printJson(io, { ...entry, entered: isConfirmed })
      io.out(changesTable(entry))
      io.out(
        isConfirmed
          ? `\nEntered in ${endpoint}.\n`
          : `\nNothing was entered. To enter it: restamp init fleet ${path} --endpoint ${endpoint} --database ${options.database} --confirm ${entry.confirmation}\n`,
      )
    })
}

type Entry = Awaited<ReturnType<Awaited<ReturnType<OpenOnboarding>>['preview']>>

function changesTable({ stamps, registries, bindings, boundElsewhere }: Entry): string {
  const elsewhere = boundElsewhere.map(({ replica, file, bound }) => `${replica}: ${bound}, not ${file}`)
  return table(
    ['what', '>count', 'names'],
    [
      row('stamps that are new', stamps.added),
      row('stamps that change', stamps.changed),
      row('stamps that are taken out', stamps.missing),
      row('registries that are new', registries.added),
      row('registries that change', registries.changed),
      row('registries not in the file, which stay', registries.missing),
      row('replicas that get their first binding', bindings),
      row('replicas bound elsewhere, which stay', elsewhere),
    ],
  )
}

function row(what: string, names: readonly string[]): string[] {
  const more = names.length > NAMES_SHOWN_MAX ? ', …' : ''
  return [what, String(names.length), `${names.slice(0, NAMES_SHOWN_MAX).join(', ')}${more}`]
}
