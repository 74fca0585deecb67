import type { HttpResponseInit } from '@azure/functions'
import { StampId } from '../domain/ids.ts'
import type { PolicyFile } from '../domain/policy.ts'
import type { ScanRequest } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { fleetView, latestScan, signalsView } from '../queries/fleet-view.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'
import { startScan } from './timers.ts'

const HOURS_MAX = 24 * 7

/** What is where, what the nodes do, and a scan on demand. */
export function registerFleetRoutes(ports: Ports, door: Door, policies: PolicyFile): void {
  registerRoute(door, OPERATIONS.fleet, async () => ({ jsonBody: await fleetView(ports, policies) }))
  registerRoute(door, OPERATIONS.signals, (call) => signals(ports, policies, call))
  registerRoute(door, OPERATIONS.latestScan, (call) => scanOf(ports, call))
  registerRoute(door, OPERATIONS.scanNow, (call) => scanNow(ports, call))
}

async function signals(ports: Ports, policies: PolicyFile, call: Call<unknown>): Promise<HttpResponseInit> {
  const stamp = StampId.safeParse(call.query.get('stamp') ?? '')
  const role = call.query.get('pool') ?? ''
  const hours = Number(call.query.get('hours') ?? 24)
  if (!stamp.success)
    return problem('invalid-request', 'stamp: name a stamp, as in ?stamp=weu-a&pool=registry')
  if (!Number.isInteger(hours) || hours < 1 || hours > HOURS_MAX) {
    return problem('invalid-request', `hours: expected a whole number from 1 to ${HOURS_MAX}`)
  }
  const fleet = await ports.catalog.fleet()
  const region = fleet.regions.find(({ stamps }) => stamps.some(({ id }) => id === stamp.data))
  const pool = region?.stamps.find(({ id }) => id === stamp.data)?.pools.find((each) => each.role === role)
  if (!region || !pool) return problem('not-found', `there is no pool "${role}" on a stamp "${stamp.data}"`)
  const view = await signalsView(ports, {
    pool: { stamp: stamp.data, role },
    hours,
    region: region.name,
    policies,
  })
  return { jsonBody: view }
}

async function scanOf(ports: Ports, call: Call<unknown>): Promise<HttpResponseInit> {
  const scan = await latestScan(ports, call.param('region'))
  return scan
    ? { jsonBody: scan }
    : problem('not-found', `no scan of ${call.param('region')} is on record; POST /api/v1/scans`)
}

async function scanNow(ports: Ports, call: Call<ScanRequest>): Promise<HttpResponseInit> {
  const regions = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  const { region } = call.body
  if (region && !regions.includes(region))
    return problem('not-found', `there is no region ${region}; known: ${regions.join(', ')}`)
  const ids = []
  for (const name of region ? [region] : regions)
    ids.push(await startScan(call.client, name, ports.clock.nowMs()))
  return { status: 202, jsonBody: { scans: ids } }
}
