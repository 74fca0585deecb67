import { durationMs, type Policy } from './policy.ts'
import { byId, type Tenant } from './region-data.ts'
import type { Situation } from './situation.ts'

const DAY_MS = 86_400_000
/** So many names stand in a sentence; the rest is counted. */
const NAMES_MAX = 5

export interface Blocked {
  readonly stamp: string
  readonly rule: string
  readonly detail: string
}

/** The rule that forbids to move a replica, or null. These hold whatever a plan would gain. */
export function immovable(
  tenant: Tenant,
  situation: Pick<Situation, 'policy' | 'movedAtMs' | 'data'>,
): string | null {
  if (tenant.pinned) return 'pinned'
  if (tenant.routing !== 'dns') return 'private-link'
  const movedAtMs = situation.movedAtMs.get(tenant.registry)
  const cooldownMs = durationMs(situation.policy.cooldown) ?? 0
  return movedAtMs !== undefined && situation.data.nowMs - movedAtMs < cooldownMs ? 'cooldown' : null
}

/** What blocks these replicas, one entry for each stamp and rule. */
export function blockedOf(tenants: readonly Tenant[], situation: Situation): Blocked[] {
  const groups = new Map<string, { stamp: string; rule: string; registries: string[] }>()
  for (const tenant of tenants) {
    const rule = immovable(tenant, situation)
    if (rule === null) continue
    const key = `${tenant.homeStamp}/${rule}`
    const group = groups.get(key) ?? { stamp: tenant.homeStamp, rule, registries: [] }
    group.registries.push(tenant.registry)
    groups.set(key, group)
  }
  return [...groups.values()]
    .map(({ stamp, rule, registries }) => ({
      stamp,
      rule,
      detail: `${listed(registries)}: ${meaning(rule, situation.policy)}`,
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

function meaning(rule: string, policy: Policy): string {
  if (rule === 'pinned') return 'pinned to the home stamp; unpin to let it move'
  if (rule === 'private-link') return 'reached by private link, which does not follow our DNS'
  return `moved less than ${Math.round((durationMs(policy.cooldown) ?? 0) / DAY_MS)} days ago; wait for the cooldown's end`
}
