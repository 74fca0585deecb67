import { z } from 'zod'
import { PlanId, RegionName, StampId } from './ids.ts'
import { byId } from './region-data.ts'
import { NeedRule, type Scan } from './scan.ts'

const DAY_MS = 86_400_000
/** The same rule on the same stamp joins the open incident for so long; behind it a new one starts. */
const JOINS_FOR_MS = 7 * DAY_MS
/** Of what joined so many are listed, the latest; the rest is counted. */
const JOINED_MAX = 300
const NUMBER_WIDTH = 4
const NUMBER_MAX = 9_999

/** Why a stamp's incident stands as it does: a plan sees to it, or a rule blocks that. */
export const Standing = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('acted'), planId: PlanId, detail: z.string(), atMs: z.int() }),
  z.object({ kind: z.literal('blocked'), rule: z.string(), detail: z.string(), atMs: z.int() }),
])
export type Standing = z.infer<typeof Standing>

const Joined = z.object({
  atMs: z.int(),
  source: z.enum(['scan', 'alert', 'customer-report']),
  detail: z.string(),
})
export type Joined = z.infer<typeof Joined>

/** Something that a stamp needs, from when it was first seen to its end. */
export const Incident = z.object({
  /** `STAMP.RULE.NUMBER`; higher numbers are older, so that the latest is listed first. */
  id: z.string(),
  region: RegionName,
  stamp: StampId,
  rule: NeedRule,
  openedAtMs: z.int(),
  lastSeenAtMs: z.int(),
  /** What was joined, oldest first, and how many there were in all. */
  joined: z.array(Joined),
  joinedCount: z.int(),
  /** Alerts that have fired and not been resolved, by the monitor's id. */
  firing: z.array(z.string()),
  standing: Standing.nullable(),
  resolved: z.object({ atMs: z.int(), by: z.string(), reason: z.string() }).nullable(),
})
export type Incident = z.infer<typeof Incident>

/** One sign of trouble on a stamp. */
export interface Sighting extends Joined {
  readonly stamp: StampId
  readonly rule: NeedRule
  /** The alert that fired or was resolved. */
  readonly alert?: { readonly id: string; readonly condition: 'Fired' | 'Resolved' }
}

/** What a region's incidents become by a scan and by what others told; only those that changed. */
export function withSightings(
  latest: readonly Incident[],
  region: string,
  sightings: readonly Sighting[],
): Incident[] {
  const changed = new Map<string, Incident>()
  const current = new Map(latest.map((incident) => [keyOf(incident), incident]))
  for (const sighting of sightings.toSorted((a, b) => a.atMs - b.atMs || byId(keyOf(a), keyOf(b)))) {
    const key = keyOf(sighting)
    const known = current.get(key)
    const isOpen = known !== undefined && known.resolved === null
    if (sighting.alert?.condition === 'Resolved') {
      if (!isOpen) continue
      const next = joinedTo(
        { ...known, firing: known.firing.filter((id) => id !== sighting.alert?.id) },
        sighting,
      )
      const ended = next.firing.length === 0
      const resolved = ended ? { atMs: sighting.atMs, by: 'Azure Monitor', reason: sighting.detail } : null
      keep({ ...next, resolved })
      continue
    }
    const joins = isOpen && sighting.atMs - known.openedAtMs < JOINS_FOR_MS
    if (isOpen && !joins) keep(endedByAge(known, sighting.atMs))
    const base = joins ? known : opened(sighting, region, known)
    if (sighting.alert && base.firing.includes(sighting.alert.id)) {
      keep(base)
      continue
    }
    const firing = sighting.alert ? [...new Set([...base.firing, sighting.alert.id])] : base.firing
    keep(joinedTo({ ...base, firing }, sighting))
  }
  return [...changed.values()]

  function keep(incident: Incident): void {
    changed.set(incident.id, incident)
    current.set(keyOf(incident), incident)
  }
}

function keyOf({ stamp, rule }: Pick<Incident, 'stamp' | 'rule'>): string {
  return `${stamp}.${rule}`
}

function opened({ stamp, rule, atMs }: Sighting, region: string, before: Incident | undefined): Incident {
  const number = before ? Number(before.id.slice(before.id.lastIndexOf('.') + 1)) - 1 : NUMBER_MAX
  return {
    id: `${stamp}.${rule}.${String(Math.max(0, number)).padStart(NUMBER_WIDTH, '0')}`,
    region,
    stamp,
    rule,
    openedAtMs: atMs,
    lastSeenAtMs: atMs,
    joined: [],
    joinedCount: 0,
    firing: [],
    standing: null,
    resolved: null,
  }
}

function joinedTo(incident: Incident, { atMs, source, detail }: Sighting): Incident {
  // A step may run twice: what was joined already is not joined again.
  const isRepeat = incident.joined.some(
    (one) => one.atMs === atMs && one.source === source && one.detail === detail,
  )
  if (isRepeat) return incident
  return {
    ...incident,
    lastSeenAtMs: Math.max(atMs, incident.lastSeenAtMs),
    joined: [...incident.joined, { atMs, source, detail }].slice(-JOINED_MAX),
    joinedCount: incident.joinedCount + 1,
  }
}

function endedByAge(incident: Incident, atMs: number): Incident {
  const reason = `open for ${JOINS_FOR_MS / DAY_MS} days; what comes now is an incident of its own`
  return { ...incident, resolved: { atMs, by: 'Restamp', reason } }
}

/** What a scan itself has seen. */
export function sightingsOf({ needsAction, atMs }: Scan): Sighting[] {
  return needsAction.map(({ stamp, rule, detail }) => ({ stamp, rule, atMs, source: 'scan', detail }))
}

/**
 * Open incidents that a scan shows to be over: hot ones once every pool is cool again, dominated ones once all are judged
 * and nobody dominates, reactive ones once the stamp's load is known and fine. What is not known ends nothing.
 */
export function overBy(scan: Scan, latest: readonly Incident[]): Incident[] {
  const { atMs } = scan
  return latest.flatMap((incident) => {
    if (incident.resolved !== null || scan.needsAction.some((need) => keyOf(need) === keyOf(incident)))
      return []
    const reason = whyOver(scan, incident)
    return reason === null ? [] : [{ ...incident, resolved: { atMs, by: 'Restamp', reason } }]
  })
}

function whyOver(scan: Scan, { stamp, rule }: Incident): string | null {
  const pools = scan.pools.filter((pool) => pool.stamp === stamp)
  const isJudged = pools.length > 0 && pools.every(({ verdict }) => verdict !== 'insufficient-data')
  switch (rule) {
    case 'hot':
      return isJudged && pools.every(({ verdict }) => verdict === 'cool') ? 'every pool is cool again' : null
    case 'dominated':
      return isJudged ? 'nobody dominates a pool of it any more' : null
    case 'outage':
    case 'errors':
    case 'throttling':
    case 'low-throughput':
      return scan.heard?.includes(stamp) ? 'its requests are served again as they should be' : null
    case 'alert':
    case 'customer-report':
      return null
    default:
      return rule satisfies never
  }
}
