import { Command } from 'commander'
import type { Incident } from '../domain/incident.ts'
import { CliError } from './cli-error.ts'
import { connect, connectToAct, type HostOptions, withActOptions, withHostOptions } from './connection.ts'
import { moment } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { table } from './table.ts'

interface ListOptions extends HostOptions {
  readonly region?: string
  readonly all?: boolean
}

interface ReasonOptions extends HostOptions {
  readonly reason: string
}

interface TellOptions extends HostOptions {
  readonly region?: string
  readonly registry?: string
  readonly stamp?: string
  readonly words: string
}

/** `incidents`, `resolve` and `tell`: what needs action, its end by a person, and what a customer told. */
export function createIncidentCommands(io: CliIo): Command[] {
  return [listCommand(io), resolveCommand(io), tellCommand(io)]
}

function listCommand(io: CliIo): Command {
  const command = new Command('incidents')
    .description(
      'what needs action on each stamp, what was joined, and which plan sees to it or what blocks that',
    )
    .option('--region <name>', 'only this region')
    .option('--all', 'resolved ones too')
    .addHelpText('after', '\nExamples:\n  restamp incidents\n  restamp incidents --all --json')
  return withHostOptions(command).action(async (options: ListOptions) => {
    const { incidents } = await (await connect(options, 'read')).incidents(options)
    if (options.json) printJson(io, incidents)
    else io.out(showIncidents(incidents))
  })
}

function resolveCommand(io: CliIo): Command {
  const command = new Command('resolve')
    .description('end an incident that no scan ends by itself, such as a customer report')
    .argument('<region>', 'the region of the incident')
    .argument('<incident>', 'an incident id, as `restamp incidents` shows it')
    .requiredOption('--reason <words>', 'why it is over; it is kept with the incident')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp resolve westeurope weu-a.customer-report.9999 --reason "the customer says that pulls work"',
    )
  return withActOptions(command).action(async (region: string, id: string, options: ReasonOptions) => {
    const incident = await (await connectToAct(options, 'resume', io)).resolve(region, id, options.reason)
    if (options.json) printJson(io, incident)
    else io.out(showIncidents([incident]))
  })
}

function tellCommand(io: CliIo): Command {
  const command = new Command('tell')
    .description('note what a customer told about a registry or a stamp, and scan')
    .option('--registry <name>', 'the registry that it is about')
    .option('--stamp <id>', 'or the stamp')
    .option('--region <name>', 'the region, where the registry is in several')
    .requiredOption('--words <text>', 'what the customer told')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp tell --registry contoso01 --words "pulls take minutes since 9"',
    )
  return withActOptions(command).action(async (options: TellOptions) => {
    if ((options.registry === undefined) === (options.stamp === undefined))
      throw new CliError('name one of --registry and --stamp', EXIT.usage)
    const { registry, stamp, region, words } = options
    const answer = await (await connectToAct(options, 'tell', io)).tell({ registry, stamp, region, words })
    if (options.json) printJson(io, answer)
    else io.out(`  ${answer.words}\n`)
  })
}

/** Incidents for people: since when, how often seen, and how each stands. */
function showIncidents(incidents: readonly Incident[]): string {
  if (incidents.length === 0) return '  No incident is open.\n'
  const rows = incidents.map((one) => [
    one.id,
    moment(one.openedAtMs),
    moment(one.lastSeenAtMs),
    String(one.joinedCount),
    standingOf(one),
  ])
  const titles = ['incident', 'since', 'last seen', '>joined', 'stands']
  const latest = incidents.map(({ id, joined }) => `  ${id}: ${joined.at(-1)?.detail ?? ''}\n`).join('')
  return `${table(titles, rows)}${latest}`
}

function standingOf({ resolved, standing }: Incident): string {
  if (resolved) return `resolved by ${resolved.by}: ${resolved.reason}`
  if (standing === null) return 'not looked at yet'
  return standing.kind === 'acted'
    ? `acted on: ${standing.detail}`
    : `blocked by ${standing.rule}: ${standing.detail}`
}
