import type { PastMove } from './past-moves.ts'
import { durationMs, type Policy } from './policy.ts'
import { byId, type RegionData, type Tenant } from './region-data.ts'

const DAY_MS = 86_400_000
/** So long no replica goes back to a stamp that it came from, whatever the policy's cooldown. */
const NO_RETURN_MS = 14 * DAY_MS
/** The cooldown is doubled no more often. */
const ROUNDS_MAX = 4
/** So many names stand in a sentence; the rest is counted. */
const NAMES_MAX = 5

export interface Blocked {
  readonly stamp: string
  readonly rule: string
  readonly detail: string
}

/** What forbids moves now as a plan sees it: an interlock in force, or a spent error budget. */
export interface Veto {
  readonly rule: string
  readonly detail: string
  /** What it holds: each that is named must match; an interlock that names nothing holds the region. */
  readonly stamp?: string
  readonly customer?: string
  readonly registry?: string
}

/** What is asked when it is told whether a replica may move. */
interface Held {
  readonly data: Pick<RegionData, 'region' | 'nowMs'>
  readonly policy: Policy
  /** By registry. */
  readonly pastMoves: ReadonlyMap<string, readonly PastMove[]>
  readonly interlocks: readonly Veto[]
}

/** The rule that forbids to move a replica, or null. These hold whatever a plan would gain. */
export function immovable(tenant: Tenant, held: Held): string | null {
  if (tenant.pinned) return 'pinned'
  if (tenant.routing !== 'dns') return 'private-link'
  const own = held.pastMoves.get(tenant.registry) ?? []
  const inFlight = own.filter(({ landedAtMs }) => landedAtMs === null)
  if (inFlight.some(({ region }) => region === held.data.region)) return 'in-flight'
  if (inFlight.length > 0) return 'other-region'
  const here = own.filter(({ region }) => region === held.data.region)
  const cooldownMs = cooldownOf(held.policy) * 2 ** roundsIn(here)
  if (here.some((move) => sinceMs(move, held) < cooldownMs)) return 'cooldown'
  return interlockOn(tenant, held)?.rule ?? null
}

/** How often a replica went back where it had just come from: each time its cooldown is twice as long as before. */
function roundsIn(moves: readonly PastMove[]): number {
  const inOrder = moves.toSorted((a, b) => (a.landedAtMs ?? 0) - (b.landedAtMs ?? 0))
  let rounds = 0
  for (let at = 1; at < inOrder.length; at += 1) {
    const [there, back] = [inOrder[at - 1], inOrder[at]]
    if (there?.from !== back?.to || there?.to !== back?.from) continue
    rounds += 1
    at += 1
  }
  return Math.min(rounds, ROUNDS_MAX)
}

/** Whether a replica left a stamp less than 14 days ago: it does not go back there. */
export function isReturn(registry: string, to: string, held: Held): boolean {
  return (held.pastMoves.get(registry) ?? []).some(
    (move) => move.region === held.data.region && move.from === to && sinceMs(move, held) < NO_RETURN_MS,
  )
}

/** The interlock that keeps replicas from coming to a stamp, or going from it; undefined where there is none. */
export function interlockAt(stamp: string, { interlocks }: Pick<Held, 'interlocks'>): Veto | undefined {
  return interlocks.find(
    (one) => one.customer === undefined && one.registry === undefined && (one.stamp ?? stamp) === stamp,
  )
}

function interlockOn(tenant: Tenant, { interlocks }: Held): Veto | undefined {
  return interlocks.find(
    ({ stamp, customer, registry }) =>
      (stamp ?? tenant.homeStamp) === tenant.homeStamp &&
      (customer ?? tenant.customer) === tenant.customer &&
      (registry ?? tenant.registry) === tenant.registry,
  )
}

/** At least a day: a replica's load must have been seen for that long where it is before it moves on. */
function cooldownOf({ cooldown }: Policy): number {
  return Math.max(durationMs(cooldown) ?? 0, DAY_MS)
}

function sinceMs({ landedAtMs }: PastMove, { data }: Pick<Held, 'data'>): number {
  return data.nowMs - (landedAtMs ?? data.nowMs)
}

/** What blocks these replicas, one entry for each stamp and rule. */
export function blockedOf(tenants: readonly Tenant[], held: Held): Blocked[] {
  const groups = new Map<string, { stamp: string; rule: string; members: Tenant[] }>()
  for (const tenant of tenants) {
    const rule = immovable(tenant, held)
    if (rule === null) continue
    const key = `${tenant.homeStamp}/${rule}`
    const group = groups.get(key) ?? { stamp: tenant.homeStamp, rule, members: [] }
    group.members.push(tenant)
    groups.set(key, group)
  }
  return [...groups.values()]
    .map(({ stamp, rule, members }) => ({
      stamp,
      rule,
      detail: `${listed(members.map(({ registry }) => registry))}: ${meaning(rule, members, held)}`,
    }))
    .toSorted(byStampAndRule)
}

export function byStampAndRule(a: Blocked, b: Blocked): number {
  return byId(a.stamp, b.stamp) || byId(a.rule, b.rule) || byId(a.detail, b.detail)
}

/** A list of names as people read it. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(', ')
  return names.length > NAMES_MAX ? `${shown} and ${names.length - NAMES_MAX} more` : shown
}

function meaning(rule: string, members: readonly Tenant[], held: Held): string {
  if (rule === 'pinned') return 'pinned to the home stamp; unpin to let it move'
  if (rule === 'private-link') return 'reached by private link, which does not follow our DNS'
  if (rule === 'in-flight') return 'being moved right now; counted as landed'
  if (rule === 'other-region')
    return 'being moved in another region; never two regions of one registry at once'
  if (rule === 'cooldown') {
    const days = Math.round(cooldownOf(held.policy) / DAY_MS)
    return `moved less than ${days} days ago, or twice that for each time it came back; wait for the cooldown's end`
  }
  return (
    members.map((tenant) => interlockOn(tenant, held)?.detail).find((words) => words !== undefined) ?? rule
  )
}
