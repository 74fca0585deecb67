import { readFile, writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { CheckedQuery, DiscoveryAsked, Onboarding } from '../onboard.ts'
import { CliError } from './cli-error.ts'
import { createInitFleetCommand } from './init-fleet.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { foundTable, queriesTable, undecidedTable } from './show-found.ts'

const EMPTY_MAP = '{"regions":[],"routing":null}'
const EXAMPLES = `
A scale set is a pool of a stamp where its tags restamp-stamp and restamp-pool say so (and restamp-region, restamp-host,
restamp-kind), or where its name fits --name-pattern. What can't be found out is marked "? fill in" in the files, and Restamp takes no file
with such a mark. Needs Reader where the stamps are, of whoever is signed in (\`az login\`). Nothing on Azure is changed.

Examples:
  restamp init --subscription 0ad04412-c4d5-4796-b79c-f76d14c8d402 --dry-run
  restamp init --subscription SUB1 --subscription SUB2 --map infra/azure-map.json --profile 'tm-{registry}.{region}' \\
    --endpoint '{registry}.registry.example.com' --load-query load.kql --residue-query residue.kql
  restamp init fleet fleet.json --endpoint https://cosmos-restamp.documents.azure.com`

interface InitOptions {
  readonly subscription: readonly string[]
  readonly stampTag?: string
  readonly poolTag?: string
  readonly regionTag?: string
  readonly namePattern?: string
  readonly host?: string
  readonly profile?: string
  readonly endpoint?: string
  readonly workspace?: string
  readonly loadQuery?: string
  readonly residueQuery?: string
  readonly map: string
  readonly fleet: string
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

/** Opens what asks Azure; its SDKs are loaded only then. */
export type OpenOnboarding = () => Promise<Onboarding>

const openOnAzure: OpenOnboarding = async () => (await import('../onboard.ts')).openOnboarding()

/** `restamp init`: finds the stamps of some subscriptions and writes a first mapping and a first fleet. */
export function createInitCommand(io: CliIo, open: OpenOnboarding = openOnAzure): Command {
  return (
    new Command('init')
      .description('find your stamps on Azure; write azure-map.json and a first fleet.json')
      .option('--subscription <id>', 'where to look; may be given several times', several, [])
      .option('--stamp-tag <name>', 'tag that names the stamp, where it is not restamp-stamp')
      .option('--pool-tag <name>', 'tag that names the pool, where it is not restamp-pool')
      .option('--region-tag <name>', 'tag that names the region, where it is not restamp-region')
      .option('--name-pattern <text>', "of scale sets' names, such as 'vmss-{stamp}-{pool}'; tags go first")
      .option('--host <text>', "of stamps' front ends, such as '{stamp}.stamps.example.com'")
      .option('--profile <text>', "of Traffic Manager profiles' names, such as 'tm-{registry}.{region}'")
      .option('--endpoint <text>', "of replicas' host names, such as '{registry}.registry.example.com'")
      .option('--workspace <name>', 'the Log Analytics workspace, where a region has several')
      .option('--load-query <file>', 'your KQL for load per replica; it is checked on the workspace')
      .option('--residue-query <file>', 'your KQL for what a stamp still serves; it is checked, too')
      .option('--map <file>', 'where to write the mapping', 'azure-map.json')
      .option('--fleet <file>', 'where to write the fleet', 'fleet.json')
      .option('--dry-run', 'show what was found, write nothing')
      .option('--force', 'write over files that are there')
      .option('--json', 'print one JSON document on standard output and nothing else there')
      .addHelpText('after', EXAMPLES)
      // Else options of the command below that are named alike would be taken for its own.
      .enablePositionalOptions()
      .action((options: InitOptions) => init(io, open, options))
      .addCommand(createInitFleetCommand(io, open))
  )
}

async function init(io: CliIo, open: OpenOnboarding, options: InitOptions): Promise<void> {
  if (options.subscription.length === 0)
    throw new CliError(
      'Say where to look, with --subscription ID (`az account list` shows yours)',
      EXIT.usage,
    )
  if (!options.dryRun && !options.force) await refuseOverwriting([options.map, options.fleet])
  const kql = { loadQuery: await textOf(options.loadQuery), residueQuery: await textOf(options.residueQuery) }
  const onboarding = await open()
  const found = await onboarding.discover({ ...askedBy(options), ...kql })
  const queries: CheckedQuery[] = []
  for (const workspace of found.workspaces)
    queries.push(...(await onboarding.checkQueries({ ...workspace, ...kql, nowMs: io.nowMs() })))
  if (found.undecided.length > 0 || queries.some(({ outcome }) => outcome !== 'fits')) io.exit(EXIT.no)
  const written = options.dryRun ? [] : [options.map, options.fleet]
  if (!options.dryRun) {
    await writeFile(options.map, jsonText(found.map))
    await writeFile(options.fleet, jsonText(found.fleet))
  }
  if (options.json) return printJson(io, { ...found, queries, written })
  show(io, found, queries)
  io.out(written.length > 0 ? `\nWritten: ${written.join(', ')}\n` : '\nNothing was written.\n')
}

function askedBy(options: InitOptions): DiscoveryAsked {
  const { stampTag, poolTag, regionTag, namePattern, host, profile, endpoint, workspace } = options
  return {
    subscriptions: options.subscription,
    tags: { stamp: stampTag, pool: poolTag, region: regionTag },
    ...{ scaleSet: namePattern, host, profile, endpoint, workspace },
  }
}

function show(
  io: CliIo,
  found: Awaited<ReturnType<Onboarding['discover']>>,
  queries: readonly CheckedQuery[],
) {
  io.out(foundTable(found.stamps))
  if (queries.length > 0) io.out(`\n${queriesTable(queries)}`)
  if (found.undecided.length > 0) io.out(`\nTo be done:\n${undecidedTable(found.undecided)}`)
  for (const why of found.sizesUnread) io.out(`\nvCPUs of nodes were not looked up: ${why}\n`)
}

const jsonText = (document: object) => `${JSON.stringify(document, null, 2)}\n`

/** A mapping that names nothing yet, as the repository has it, is nobody's work. */
async function refuseOverwriting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => undefined)
    if (text === undefined || text.replace(/\s/g, '') === EMPTY_MAP) continue
    throw new CliError(
      `${path} is there already; name another file, look first with --dry-run, or write over it with --force`,
      EXIT.usage,
    )
  }
}

const several = (value: string, before: readonly string[]) => [...before, ...value.split(',')]

async function textOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text?.trim()) return text.trim()
  throw new CliError(`${path} holds no KQL or can't be read`, EXIT.usage)
}
