import { z } from 'zod'
import { Ticket } from '../domain/ticket.ts'

/** An instant as ticket systems write it, or epoch ms. */
const Instant = z.union([z.int(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))])

/** A change ticket as it is now. All of it is told each time, so that messages may be lost, repeated or late. */
export const TicketRequest = z
  .strictObject({
    ...Ticket.pick({ id: true, region: true, stamp: true, registry: true, customer: true }).shape,
    ...Ticket.pick({ words: true, revision: true }).shape,
    state: Ticket.shape.state.default('open'),
    /** Null or left out: from when it is first told. */
    from: Instant.nullish().transform((from) => from ?? null),
    /** Null or left out: until it is ended. */
    until: Instant.nullish().transform((until) => until ?? null),
  })
  .refine(({ from, until }) => from === null || until === null || until > from, {
    path: ['until'],
    error: 'expected later than from',
  })
export type TicketRequest = z.infer<typeof TicketRequest>

export const TicketList = z.object({ tickets: z.array(Ticket) })
export type TicketList = z.infer<typeof TicketList>

export const TicketAnswer = z.object({ outcome: z.enum(['kept', 'known', 'outdated']), ticket: Ticket })
export type TicketAnswer = z.infer<typeof TicketAnswer>
