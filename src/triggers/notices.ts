import { randomUUID } from 'node:crypto'
import type { HttpResponseInit } from '@azure/functions'
import { sha256Hex } from '../domain/canonical.ts'
import type { Fleet } from '../domain/fleet.ts'
import type { StampId } from '../domain/ids.ts'
import { type Notice, noticesAt, recentNotices } from '../domain/notice.ts'
import { stampsNamed } from '../domain/stamp-names.ts'
import { type CommonAlert, isTest, namesIn, wordsOf } from '../messages/alert.ts'
import type { CustomerReport, TakenIn } from '../messages/needs-api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Ports } from '../ports/ports.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'
import { startScan } from './timers.ts'

const HASH_DIGITS = 24

/** Alerts and customers' reports: they are noted and start scans, and nothing else. */
export function registerNoticeRoutes(ports: Ports, door: Door): void {
  registerRoute(door, OPERATIONS.takeAlert, async (call) => {
    try {
      return await takeAlert(ports, call)
    } catch (error) {
      call.log.error('an alert was not taken in', error)
      return problem('try-again', 'the alert could not be noted; send it again')
    }
  })
  registerRoute(door, OPERATIONS.customerReport, (call) => takeReport(ports, call))
}

interface Place {
  readonly region: string
  readonly stamp: StampId
}

async function takeAlert(ports: Ports, call: Call<CommonAlert>): Promise<HttpResponseInit> {
  const fleet = await ports.catalog.fleet()
  if (isTest(call.body))
    return taken(await scan(ports, call, []), [], 'a test of the action group: taken in, nothing noted')
  const places = placesOf(call.body, fleet)
  const { alertId, monitorCondition: condition } = call.body.data.essentials
  for (const { region, stamp } of places) {
    const notice: Notice = {
      region,
      stamp,
      source: 'alert',
      alert: { id: alertId, condition },
      atMs: ports.clock.nowMs(),
      detail: wordsOf(call.body),
      by: call.principal.name,
      taken: false,
    }
    // Resolved may come first, twice or never: what is over already opens nothing.
    const isOver =
      condition === 'Fired' &&
      (await isNoted(ports, { ...notice, alert: { id: alertId, condition: 'Resolved' } }))
    await ports.records.create('notices', noticeId(notice), { ...notice, taken: isOver })
  }
  const stamps = places.map(({ stamp }) => stamp)
  const regions =
    places.length > 0 ? places.map(({ region }) => region) : fleet.regions.map(({ name }) => name)
  const words =
    stamps.length > 0
      ? `noted for ${stamps.join(', ')}`
      : 'it names no stamp of the fleet: all regions are scanned, nothing is noted'
  if (stamps.length === 0) call.log.warn('an alert names no stamp', { alertId })
  return taken(await scan(ports, call, regions), stamps, words)
}

/** The same alert under the same condition is one notice, however often it is delivered. */
function noticeId({ region, stamp, alert, atMs }: Notice): string {
  return `${noticesAt(region, atMs)}${sha256Hex(`${alert?.id}`).slice(0, HASH_DIGITS)}.${alert?.condition}.${stamp}`
}

async function isNoted({ records }: Ports, notice: Notice): Promise<boolean> {
  const name = noticeId(notice).slice(noticesAt(notice.region, notice.atMs).length)
  for (const week of recentNotices(notice.region, notice.atMs))
    if (await records.read('notices', `${week}${name}`)) return true
  return false
}

function placesOf(alert: CommonAlert, fleet: Fleet): Place[] {
  const names = [...new Set(namesIn(alert))]
  return fleet.regions.flatMap(({ name: region, stamps }) => {
    const ids = stamps.map(({ id }) => id)
    const named = new Set(names.flatMap((name) => stampsNamed(name, ids)))
    return ids.filter((id) => named.has(id)).map((stamp) => ({ region, stamp }))
  })
}

async function takeReport(ports: Ports, call: Call<CustomerReport>): Promise<HttpResponseInit> {
  const { registry, stamp, words, region: wanted } = call.body
  const fleet = await ports.catalog.fleet()
  const places = reported(fleet, call.body).filter(({ region }) => wanted === undefined || region === wanted)
  const [place] = places
  if (!place)
    return problem(
      'not-found',
      `there is no ${registry ? `registry ${registry}` : `stamp ${stamp}`} ${wanted ? `in ${wanted}` : 'in this fleet'}`,
    )
  if (places.length > 1) {
    return problem(
      'invalid-request',
      `region: ${registry} is in ${places.map(({ region }) => region).join(', ')}; name one`,
    )
  }
  const atMs = ports.clock.nowMs()
  const about = registry ? `${registry}: ` : ''
  await ports.records.create('notices', `${noticesAt(place.region, atMs)}report.${randomUUID()}`, {
    ...place,
    source: 'customer-report',
    alert: null,
    atMs,
    detail: `${about}${words} (told by ${call.principal.name})`,
    by: call.principal.name,
    taken: false,
  })
  return taken(await scan(ports, call, [place.region]), [place.stamp], `noted for ${place.stamp}`)
}

function reported(fleet: Fleet, { registry, stamp }: CustomerReport): Place[] {
  if (stamp !== undefined)
    return fleet.regions.flatMap(({ name, stamps }) =>
      stamps.filter(({ id }) => id === stamp).map(({ id }) => ({ region: name, stamp: id })),
    )
  const replicas = fleet.registries.find(({ name }) => name === registry)?.replicas ?? []
  return replicas.map(({ region, homeStamp }) => ({ region, stamp: homeStamp }))
}

async function scan(ports: Ports, call: Call<unknown>, regions: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const region of new Set(regions)) ids.push(await startScan(call.client, region, ports.clock.nowMs()))
  return ids
}

function taken(scans: string[], stamps: StampId[], words: string): HttpResponseInit {
  const body: TakenIn = { scans, stamps, words }
  return { status: 202, jsonBody: body }
}
