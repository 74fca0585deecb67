import {
  putTicket,
  type Ticket,
  type TicketOutcome,
  type TicketTold,
  ticketInterlocks,
} from '../domain/ticket.ts'
import type { Interlocks } from '../ports/interlocks.ts'
import type { Ports } from '../ports/ports.ts'
import type { Records } from '../ports/records.ts'

const WRITES_MAX = 5

/** Change tickets as interlocks of their region. */
export function createTicketInterlocks({ records }: { readonly records: Records }): Interlocks {
  return {
    async between({ region, fromMs, toMs }) {
      const book = await records.read('tickets', region)
      return ticketInterlocks(book?.value, { fromMs, toMs })
    },
  }
}

/** Writes a ticket; `busy` where others write to its region's book all the time. */
export async function keepTicket(
  { records }: Pick<Ports, 'records'>,
  ticket: TicketTold,
): Promise<TicketOutcome | { readonly kind: 'busy' }> {
  const { region } = ticket
  for (let attempt = 1; attempt <= WRITES_MAX; attempt += 1) {
    const stored = await records.read('tickets', region)
    const outcome = putTicket(stored?.value, ticket)
    if (outcome.kind !== 'kept') return outcome
    const written = stored
      ? await records.replace('tickets', region, outcome.book, stored.etag)
      : await records.create('tickets', region, outcome.book)
    if (written === 'created' || written === 'replaced') return outcome
  }
  return { kind: 'busy' }
}

/** Tickets that are in force or to come, those of one region or of each one known; the soonest first. */
export async function ticketsAhead(
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
  regions: readonly string[],
): Promise<Ticket[]> {
  const nowMs = clock.nowMs()
  const books = await Promise.all(regions.map((region) => records.read('tickets', region)))
  return books
    .flatMap((book) => book?.value.tickets ?? [])
    .filter(({ state, untilMs }) => state === 'open' && (untilMs === null || untilMs > nowMs))
    .toSorted((a, b) => a.fromMs - b.fromMs || (a.id < b.id ? -1 : 1))
}
