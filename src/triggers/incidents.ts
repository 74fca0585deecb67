import type { HttpResponseInit } from '@azure/functions'
import type { Incident } from '../domain/incident.ts'
import type { OrderRequest } from '../messages/api.ts'
import type { IncidentList } from '../messages/needs-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { incidentsOf } from '../queries/incidents.ts'
import { readinessView } from '../queries/readiness.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { pageOf } from './page.ts'
import { problem } from './problems.ts'

/** Incidents as they stand, their end by a person, and which signals are missing. */
export function registerIncidentRoutes(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS.listIncidents, (call) => list(ports, call))
  registerRoute(door, OPERATIONS.readiness, async () => ({ jsonBody: await readinessView(ports) }))
  registerRoute(door, OPERATIONS.resolveIncident, (call) => resolve(ports, call))
}

async function list(ports: Ports, call: Call<unknown>): Promise<HttpResponseInit> {
  const known = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  const region = call.query.get('region')
  if (region !== null && !known.includes(region))
    return problem('not-found', `there is no region ${region}; known: ${known.join(', ')}`)
  const all = await Promise.all((region === null ? known : [region]).map((name) => incidentsOf(ports, name)))
  const incidents = all
    .flat()
    .map(({ value }) => value)
    .filter(({ resolved }) => resolved === null || call.query.get('all') === '1')
  const page = pageOf(incidents.toSorted(openFirst), (one) => `${one.region}/${one.id}`, call.query)
  if ('refused' in page) return page.refused
  const body: IncidentList = { incidents: [...page.items], next: page.next }
  return { jsonBody: body }
}

function openFirst(a: Incident, b: Incident): number {
  const open = Number(a.resolved !== null) - Number(b.resolved !== null)
  return open || b.openedAtMs - a.openedAtMs || (a.id < b.id ? -1 : 1)
}

async function resolve(ports: Ports, call: Call<OrderRequest>): Promise<HttpResponseInit> {
  const id = `${call.param('region')}/${call.param('id')}`
  const found = await ports.records.read('incidents', id)
  if (!found) return problem('not-found', `there is no incident ${id}`)
  if (found.value.resolved !== null)
    return problem('wrong-state', `${id} was resolved already by ${found.value.resolved.by}`, {
      state: 'resolved',
      allowed: [],
    })
  const resolved = { atMs: ports.clock.nowMs(), by: call.principal.name, reason: call.body.reason }
  const next: Incident = { ...found.value, resolved }
  if ((await ports.records.replace('incidents', id, next, found.etag)) === 'stale')
    return problem('wrong-state', `${id} has just changed; look again`, {
      state: 'changed',
      allowed: ['resolve'],
    })
  return { jsonBody: next }
}
