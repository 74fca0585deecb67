import { Command } from 'commander'
import { type Ticket, ticketPlace } from '../domain/ticket.ts'
import { CliError } from './cli-error.ts'
import { connect, connectToAct, type HostOptions, withActOptions, withHostOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { table } from './table.ts'

interface TicketsOptions extends HostOptions {
  readonly region?: string
}

interface OpenOptions extends HostOptions {
  readonly region: string
  readonly stamp?: string
  readonly registry?: string
  readonly customer?: string
  readonly from?: string
  readonly until?: string
  readonly words: string
}

/** `restamp tickets`: change tickets, which keep what they are about from moving. */
export function createTicketsCommand(io: CliIo): Command {
  const list = new Command('list')
    .description('show the tickets that are in force or to come')
    .option('--region <name>', 'of this region only')
  const open = new Command('open')
    .description('open a ticket, or change one: nothing that it is about moves while it lasts')
    .argument('<id>', 'the number of the ticket where it is kept')
    .requiredOption('--region <name>', 'where')
    .requiredOption('--words <text>', 'what is done, for whoever is kept waiting')
    .option('--stamp <id>', 'only this stamp')
    .option('--registry <name>', 'only this registry')
    .option('--customer <name>', 'only registries of this customer')
    .option('--from <time>', 'such as 2026-11-27T20:00:00Z (default: now)')
    .option('--until <time>', 'when it ends by itself (default: when it is ended)')
  const end = new Command('end')
    .description('end a ticket now')
    .argument('<id>', 'as it was opened')
    .requiredOption('--region <name>', 'where')
  return new Command('tickets')
    .description('change tickets: list, open, end')
    .addHelpText(
      'after',
      '\nA ticket system can tell of them itself, signed, by POST /api/v1/ticket-hooks; see docs/tickets.md.\n\nExamples:\n  restamp tickets list\n  restamp tickets open CHG-4711 --region westeurope --stamp weu-02 --until 2026-11-28T04:00:00Z --words "new switches"\n  restamp tickets end CHG-4711 --region westeurope',
    )
    .addCommand(withHostOptions(list).action((options: TicketsOptions) => showTickets(io, options)))
    .addCommand(
      withActOptions(open).action((id: string, options: OpenOptions) => openTicket(io, id, options)),
    )
    .addCommand(withActOptions(end).action((id: string, options: OpenOptions) => endTicket(io, id, options)))
}

async function showTickets(io: CliIo, options: TicketsOptions): Promise<void> {
  const found = await (await connect(options, 'read')).tickets(options.region)
  if (options.json) return printJson(io, found)
  if (found.tickets.length === 0) return io.out('No change ticket is open.\n')
  io.out(
    table(
      ['ticket', 'region', 'about', 'from', 'until', 'words'],
      found.tickets.map((ticket) => [
        ...[ticket.id, ticket.region, ticketPlace(ticket), iso(ticket.fromMs)],
        ticket.untilMs === null ? 'it is ended' : iso(ticket.untilMs),
        ticket.words,
      ]),
    ),
  )
}

async function openTicket(io: CliIo, id: string, options: OpenOptions): Promise<void> {
  const { region, stamp, registry, customer, words } = options
  const from = timeOf('--from', options.from) ?? null
  const until = timeOf('--until', options.until) ?? null
  const client = await connectToAct(options, 'ticket', io)
  const about = {
    ...(stamp ? { stamp } : {}),
    ...(registry ? { registry } : {}),
    ...(customer ? { customer } : {}),
  }
  const told = { id, region, ...about, words, from, until, revision: io.nowMs() }
  const { ticket, ...answer } = await client.putTicket(told)
  if (options.json) return printJson(io, { ...answer, ticket })
  io.out(`${ticket.id} keeps ${ticketPlace(ticket)} from moving from ${iso(ticket.fromMs)} on.\n`)
}

async function endTicket(io: CliIo, id: string, options: OpenOptions): Promise<void> {
  const client = await connectToAct(options, 'ticket', io)
  const { tickets } = await client.tickets(options.region)
  const ticket = tickets.find((each) => each.id === id)
  if (!ticket)
    throw new CliError(`${id} is no open ticket of ${options.region}; see \`restamp tickets list\``, EXIT.no)
  const answer = await client.putTicket(ended(ticket, Math.max(io.nowMs(), ticket.revision + 1)))
  if (options.json) return printJson(io, answer)
  io.out(`${id} is ended.\n`)
}

function ended({ by: _, atMs: __, fromMs: from, untilMs: until, ...ticket }: Ticket, revision: number) {
  return { ...ticket, from, until, state: 'ended' as const, revision }
}

function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const atMs = Date.parse(text)
  if (Number.isNaN(atMs))
    throw new CliError(`${option}: "${text}" is no time; expected such as 2026-11-27T20:00:00Z`, EXIT.usage)
  return atMs
}

const iso = (atMs: number) => new Date(atMs).toISOString()
