import { calibrated } from '../domain/calibration.ts'
import { PlanId } from '../domain/ids.ts'
import { type Incident, overBy, type Sighting, sightingsOf, withSightings } from '../domain/incident.ts'
import { type Notice, recentNotices } from '../domain/notice.ts'
import type { PlanBody } from '../domain/plan.ts'
import { makePlansFor } from '../domain/planner.ts'
import type { Policy } from '../domain/policy.ts'
import type { RegionData } from '../domain/region-data.ts'
import type { Scan } from '../domain/scan.ts'
import { actedOn, blockedBy, isStale, type PlanAndRun, unstartedFor } from '../domain/standing.ts'
import type { Ports } from '../ports/ports.ts'
import { everyRecord, everyValue, type Stored } from '../ports/records.ts'
import { calibrations } from '../queries/calibrations.ts'
import { latestIncidents } from '../queries/incidents.ts'
import { pastMoves } from '../queries/past-moves.ts'
import { vetoes } from '../queries/vetoes.ts'

/** The plan that is tried for a standing is never kept. */
const NO_PLAN = PlanId.parse('plan-tried')

/**
 * Joins what a scan has seen, and what others told since the last one, to the region's incidents, ends those that are over,
 * and finds out for each open one which plan sees to it or which rule blocks that.
 */
export async function keepIncidents(
  ports: Ports,
  look: { readonly scan: Scan; readonly data: RegionData; readonly policy: Policy },
): Promise<void> {
  const { scan } = look
  const stored = await latestIncidents(ports, scan.region)
  const before = stored.map(({ value }) => value)
  const notices = await untaken(ports, scan)
  const told = notices.map(({ value }) => sightingOf(value))
  const changed = byId(withSightings(before, scan.region, [...told, ...sightingsOf(scan)]))
  const joined = before.map((incident) => changed.get(incident.id) ?? incident)
  const fresh = [...changed.values()].filter(({ id }) => !before.some((one) => one.id === id))
  for (const over of overBy(scan, [...joined, ...fresh])) changed.set(over.id, over)

  const open = [...joined, ...fresh]
    .map((one) => changed.get(one.id) ?? one)
    .filter(({ resolved }) => !resolved)
  for (const incident of await withStandings(ports, open, look)) changed.set(incident.id, incident)
  const written = new Set<string>()
  for (const incident of changed.values())
    if (await write(ports, incident, stored)) written.add(`${incident.stamp}.${incident.rule}`)
  for (const { id, value, etag } of notices) {
    // One whose incident was written by another scan in between comes again with the next.
    const isLost = changed.size > 0 && !written.has(`${value.stamp}.${value.source}`) && joins(value)
    if (!isLost) await ports.records.replace('notices', id, { ...value, taken: true }, etag)
  }
}

/** Whether a notice joins an incident whatever there is; that something is over may concern none. */
function joins({ alert }: Notice): boolean {
  return alert?.condition !== 'Resolved'
}

function byId(incidents: readonly Incident[]): Map<string, Incident> {
  return new Map(incidents.map((incident) => [incident.id, incident]))
}

async function untaken({ records }: Pick<Ports, 'records'>, scan: Scan): Promise<Stored<Notice>[]> {
  const weeks = recentNotices(scan.region, scan.atMs).map((prefix) => everyRecord(records, 'notices', prefix))
  return (await Promise.all(weeks)).flat().filter(({ value }) => !value.taken)
}

function sightingOf({ stamp, source, atMs, detail, alert }: Notice): Sighting {
  return { stamp, rule: source, atMs, source, detail, ...(alert === null ? {} : { alert }) }
}

async function plansOf({ records }: Pick<Ports, 'records'>, region: string): Promise<PlanAndRun[]> {
  const plans = (await everyValue(records, 'plans')).filter(
    (plan) => plan.region === region && plan.moves.length > 0,
  )
  return Promise.all(
    plans.map(async (plan) => ({ plan, run: (await records.read('runs', plan.id))?.value ?? null })),
  )
}

/** Those open incidents of which it is found out anew how they stand. */
async function withStandings(
  ports: Ports,
  open: readonly Incident[],
  { scan, data, policy }: { readonly scan: Scan; readonly data: RegionData; readonly policy: Policy },
): Promise<Incident[]> {
  if (open.length === 0) return []
  const plans = await plansOf(ports, scan.region)
  const acted = new Map(open.map(({ stamp }) => [stamp, actedOn(stamp, plans, scan.atMs)]))
  const unseen = open
    .filter((one) => !acted.get(one.stamp) && isStale(one, scan.atMs))
    .map(({ stamp }) => stamp)
  const tried = await triedPlans(ports, data, [...new Set(unseen)], policy)
  const blocked = (stamp: string, plan: PlanBody) =>
    blockedBy(stamp, plan, { nowMs: scan.atMs, unstarted: unstartedFor(stamp, plans, scan.atMs) })
  return open.flatMap((incident) => {
    const plan = tried.get(incident.stamp)
    const standing = acted.get(incident.stamp) ?? (plan ? blocked(incident.stamp, plan) : null)
    return standing === null ? [] : [{ ...incident, standing }]
  })
}

/** The plan that could be made now for each stamp. */
async function triedPlans(ports: Ports, data: RegionData, stamps: readonly string[], policy: Policy) {
  const context = {
    policy,
    planId: NO_PLAN,
    requestedBy: 'scan',
    pastMoves: await pastMoves(ports),
    interlocks: await vetoes(ports, data.region, policy),
  }
  const known = await calibrations(ports, data.region)
  const plans = makePlansFor(data, stamps, context)
  return new Map([...plans].map(([stamp, plan]) => [stamp, calibrated(plan, known)]))
}

/** Whether it was written: another scan may have done so in between. */
async function write(
  { records }: Pick<Ports, 'records'>,
  incident: Incident,
  stored: readonly Stored<Incident>[],
): Promise<boolean> {
  const id = `${incident.region}/${incident.id}`
  const before = stored.find(({ value }) => value.id === incident.id)
  if (before) return (await records.replace('incidents', id, incident, before.etag)) === 'replaced'
  return (await records.create('incidents', id, incident)) === 'created'
}
