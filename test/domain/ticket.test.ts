import fc from 'fast-check'
import { expect, test } from 'vitest'
import { putTicket, Ticket, type TicketBook, ticketInterlocks } from '../../src/domain/ticket.ts'

const DAY_MS = 86_400_000

function aTicket(given: Partial<Record<keyof Ticket, unknown>> = {}): Ticket {
  return Ticket.parse({
    ...{ id: 'CHG-1', region: 'weu', fromMs: 100, untilMs: null, words: 'new switches', state: 'open' },
    ...{ revision: 1, by: 'kim', atMs: 50, ...given },
  })
}

function bookOf(...tickets: Ticket[]): TicketBook | undefined {
  return tickets.reduce<TicketBook | undefined>((book, ticket) => {
    const outcome = putTicket(book, ticket)
    return outcome.kind === 'kept' ? outcome.book : book
  }, undefined)
}

const inForce = (book: TicketBook | undefined, atMs: number) =>
  ticketInterlocks(book, { fromMs: atMs, toMs: atMs }).map(({ words }) => words)

test('a ticket is in force from its beginning until its end, and without one until it is ended', () => {
  const open = bookOf(aTicket(), aTicket({ id: 'CHG-2', untilMs: 200 }))
  expect([99, 100, 199, 200].map((atMs) => inForce(open, atMs).length)).toEqual([0, 2, 2, 1])
  const ended = bookOf(aTicket(), aTicket({ state: 'ended', revision: 2, atMs: 150 }))
  expect([149, 150].map((atMs) => inForce(ended, atMs).length)).toEqual([1, 0])
})

test('an interlock names its ticket and what it is about', () => {
  const [interlock] = ticketInterlocks(bookOf(aTicket({ stamp: 's-a' })), { fromMs: 100, toMs: 100 })
  expect(interlock).toEqual({
    ...{ kind: 'change-ticket', region: 'weu', stamp: 's-a', fromMs: 100, untilMs: null },
    words: 'CHG-1: new switches',
  })
})

test('a repeat changes nothing, a late message is known as late, and one revision has one content', () => {
  const book = bookOf(aTicket(), aTicket({ revision: 3, untilMs: 900 }))
  expect(putTicket(book, aTicket({ revision: 3, untilMs: 900, by: 'lee', atMs: 77 })).kind).toBe('known')
  expect(putTicket(book, aTicket({ revision: 2, state: 'ended' })).kind).toBe('outdated')
  expect(putTicket(book, aTicket({ revision: 3, words: 'something else' })).kind).toBe('conflict')
  const over = bookOf(aTicket(), aTicket({ revision: 2, state: 'ended', atMs: 500 }))
  expect(putTicket(over, aTicket({ revision: 2, state: 'ended', atMs: 800 })).kind).toBe('known')
})

test('one that was ended before it began keeps nothing from moving, nor does its late opening', () => {
  const book = bookOf(
    aTicket({ fromMs: 900, revision: 2, state: 'ended', atMs: 500 }),
    aTicket({ fromMs: 900 }),
  )
  expect(ticketInterlocks(book, { fromMs: 0, toMs: 2000 })).toEqual([])
})

test('one without a beginning begins when it is first told, and a repeat of it is one', () => {
  const told = { ...aTicket({ atMs: 70 }), fromMs: null }
  const first = putTicket(undefined, told)
  expect(first).toMatchObject({ kind: 'kept', ticket: { fromMs: 70 } })
  const book = first.kind === 'kept' ? first.book : undefined
  expect(putTicket(book, { ...told, atMs: 90 }).kind).toBe('known')
})

test('whatever is told in whatever order, the highest revision stands', () => {
  const anyTold = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 1 })
  fc.assert(
    fc.property(anyTold, (revisions) => {
      const told = revisions.map((revision) => aTicket({ revision, untilMs: 1000 + revision }))
      expect(bookOf(...told, ...told)?.tickets).toEqual([
        aTicket({ revision: Math.max(...revisions), untilMs: 1000 + Math.max(...revisions) }),
      ])
    }),
  )
})

test('what is long over leaves the book; what is not over never does, and a full book refuses', () => {
  const old = aTicket({ id: 'OLD', untilMs: 300 })
  const late = bookOf(old, aTicket({ id: 'OPEN' }), aTicket({ id: 'NEW', atMs: 300 + 45 * DAY_MS + 1 }))
  expect(late?.tickets.map(({ id }) => id)).toEqual(['OPEN', 'NEW'])
  const full = bookOf(...Array.from({ length: 500 }, (_, at) => aTicket({ id: `CHG-${at}` })))
  expect(putTicket(full, aTicket({ id: 'ONE-MORE' }))).toEqual({ kind: 'full', ticketsMax: 500 })
  expect(putTicket(full, aTicket({ id: 'CHG-7', revision: 2 })).kind).toBe('kept')
})
