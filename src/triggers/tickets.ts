import type { HttpResponseInit } from '@azure/functions'
import type { TicketTold } from '../domain/ticket.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { TicketAnswer, TicketList, TicketRequest } from '../messages/tickets-api.ts'
import type { Identity } from '../ports/identity.ts'
import type { Ports } from '../ports/ports.ts'
import type { SignedHook } from '../ports/signed-hook.ts'
import { keepTicket, ticketsAhead } from '../queries/tickets.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** Change tickets: told by people, or by the system that keeps them, which signs. While one is open nothing of it moves. */
export function registerTicketRoutes(ports: Ports, door: Door, hook: SignedHook | undefined): void {
  registerRoute(door, OPERATIONS.listTickets, async ({ query }) =>
    list(ports, query.get('region') ?? undefined),
  )
  registerRoute(door, OPERATIONS.putTicket, (call) => put(ports, call))
  // Of its own path, so that a platform can let it past its sign-in and nothing else.
  registerRoute({ ...door, identity: hookIdentity(hook) }, OPERATIONS.takeTicket, (call) => put(ports, call))
}

function hookIdentity(hook: SignedHook | undefined): Identity {
  return {
    identify: ({ header, text = '' }) => {
      if (!hook)
        return { kind: 'unknown', detail: 'tickets are taken by webhook once RESTAMP_TICKET_SECRET is set' }
      const detail = hook.refusal({ signature: header('x-restamp-signature'), text })
      if (detail !== undefined) return { kind: 'unknown', detail }
      return { kind: 'known', principal: { name: 'ticket webhook', roles: ['Alerter'] } }
    },
  }
}

async function list(ports: Ports, region: string | undefined): Promise<HttpResponseInit> {
  const known = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  const tickets = await ticketsAhead(ports, region === undefined ? known : [region])
  return { jsonBody: { tickets } satisfies TicketList }
}

async function put(ports: Ports, call: Call<TicketRequest>): Promise<HttpResponseInit> {
  const { from: fromMs, until: untilMs, ...told } = call.body
  const unknown = await unknownIn(ports, call.body)
  if (unknown) return problem('not-found', unknown)
  const ticket: TicketTold = { ...told, fromMs, untilMs, by: call.principal.name, atMs: ports.clock.nowMs() }
  const outcome = await keepTicket(ports, ticket)
  switch (outcome.kind) {
    case 'busy':
      return problem('try-again', `others write tickets of ${ticket.region} at the same time; send it again`)
    case 'full':
      return problem(
        'wrong-state',
        `${ticket.region} has ${outcome.ticketsMax} tickets already; end those that are over`,
      )
    case 'conflict':
      return problem(
        'wrong-state',
        `${ticket.id} has another content at revision ${ticket.revision} already; raise the revision with each change`,
      )
    case 'kept':
    case 'known':
    case 'outdated':
      return { jsonBody: { outcome: outcome.kind, ticket: outcome.ticket } satisfies TicketAnswer }
    default:
      return outcome satisfies never
  }
}

/** A ticket of something that is not there would keep nothing from moving, and nobody would notice. */
async function unknownIn({ catalog }: Ports, asked: TicketRequest): Promise<string | undefined> {
  const { region, stamp, registry, customer } = asked
  const { regions, registries } = await catalog.fleet()
  const place = regions.find(({ name }) => name === region)
  if (!place) return `there is no region ${region}; known: ${regions.map(({ name }) => name).join(', ')}`
  if (stamp && !place.stamps.some(({ id }) => id === stamp)) return `there is no stamp ${stamp} in ${region}`
  const here = registries.filter(({ replicas }) => replicas.some((replica) => replica.region === region))
  if (registry && !here.some(({ name }) => name === registry))
    return `there is no registry ${registry} in ${region}`
  if (customer && !here.some((each) => each.customer === customer))
    return `there is no customer ${customer} in ${region}`
  return undefined
}
