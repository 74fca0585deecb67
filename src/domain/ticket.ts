import { z } from 'zod'
import { CustomerName, RegionName, RegistryName, StampId } from './ids.ts'
import type { Interlock } from './interlocks.ts'

const DAY_MS = 86_400_000
/** What is over is kept so long, since observations look back; the audit keeps it for good. */
const KEPT_MS = 45 * DAY_MS
/** A book is one document. */
const TICKETS_MAX = 500

export const TicketId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected 1 to 64 letters, digits, ".", "_" or "-"')

/** Somebody's change in a region, or on a stamp, a registry or a customer in it: while it lasts nothing of it moves. */
export const Ticket = z.strictObject({
  id: TicketId,
  region: RegionName,
  stamp: StampId.optional(),
  registry: RegistryName.optional(),
  customer: CustomerName.optional(),
  /** Epoch ms; null is without a known end. */
  fromMs: z.int(),
  untilMs: z.int().nullable(),
  words: z.string().min(1).max(400),
  state: z.enum(['open', 'ended']),
  /** Raised by whoever keeps tickets with each change of this one, so that a late message is known as late. */
  revision: z.int().min(0),
  by: z.string(),
  atMs: z.int(),
})
export type Ticket = z.infer<typeof Ticket>

/** All tickets of a region that are not long over. `changed` is the one that was written last. */
export const TicketBook = z.object({ region: RegionName, tickets: z.array(Ticket), changed: TicketId })
export type TicketBook = z.infer<typeof TicketBook>

/** A ticket as it is told of; without a beginning it begins when it is first told. */
export type TicketTold = Omit<Ticket, 'fromMs'> & { readonly fromMs: number | null }

export type TicketOutcome =
  | { readonly kind: 'kept'; readonly book: TicketBook; readonly ticket: Ticket }
  /** `known`: the very same stands already; `outdated`: a later one stands; `conflict`: another one of this revision does. */
  | { readonly kind: 'known' | 'outdated' | 'conflict'; readonly ticket: Ticket }
  | { readonly kind: 'full'; readonly ticketsMax: number }

/** Writes a ticket into its region's book. State decides what a repeat is: a message that came before changes nothing again. */
export function putTicket(book: TicketBook | undefined, told: TicketTold): TicketOutcome {
  const tickets = book?.tickets ?? []
  const before = tickets.find(({ id }) => id === told.id)
  const given = { ...told, fromMs: told.fromMs ?? before?.fromMs ?? told.atMs }
  if (before && before.revision > given.revision) return { kind: 'outdated', ticket: before }
  if (before && before.revision === given.revision)
    return { kind: isSameTicket(before, given) ? 'known' : 'conflict', ticket: before }
  const ticket = given.state === 'ended' ? { ...given, untilMs: endOf(given) } : given
  const others = tickets.filter(
    ({ id, untilMs }) => id !== given.id && (untilMs === null || untilMs > given.atMs - KEPT_MS),
  )
  if (others.length >= TICKETS_MAX) return { kind: 'full', ticketsMax: TICKETS_MAX }
  return {
    kind: 'kept',
    ticket,
    book: { region: given.region, tickets: [...others, ticket], changed: given.id },
  }
}

/** A ticket ends when that is told, unless it was over before. */
function endOf({ untilMs, atMs }: Ticket): number {
  return Math.min(untilMs ?? atMs, atMs)
}

/** Who told of it and when is no part of a ticket; nor is the end of one that was ended early. */
function isSameTicket(one: Ticket, other: Ticket): boolean {
  const what = ({ id, region, stamp, registry, customer, fromMs, untilMs, words, state }: Ticket) =>
    [id, region, stamp, registry, customer, fromMs, state === 'ended' ? null : untilMs, words, state].join(
      '\n',
    )
  return what(one) === what(other)
}

/** A ticket's interlocks in [fromMs, toMs]; one that ended before it began is none. */
export function ticketInterlocks(
  book: TicketBook | undefined,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Interlock[] {
  return (book?.tickets ?? [])
    .filter(
      (ticket) =>
        ticket.fromMs <= toMs &&
        (ticket.untilMs === null || (ticket.untilMs > fromMs && ticket.untilMs > ticket.fromMs)),
    )
    .map(({ id, region, stamp, registry, customer, fromMs: beginsMs, untilMs, words }) => ({
      ...{ kind: 'change-ticket' as const, region, fromMs: beginsMs, untilMs, words: `${id}: ${words}` },
      ...(stamp ? { stamp } : {}),
      ...(registry ? { registry } : {}),
      ...(customer ? { customer } : {}),
    }))
}

/** What a ticket is about, in words. */
export function ticketPlace({ registry, customer, stamp, region }: Ticket): string {
  return registry ?? customer ?? stamp ?? region
}
