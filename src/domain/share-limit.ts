import { type DraftMove, dayLoadOf, type Situation, tenantsAt } from './situation.ts'

/** Rounding may lift a share by so little. */
const SHARE_SLACK = 1e-9

/**
 * Tells of moves whether no stamp would hold more replicas than the policy allows, and no customer more of its load in
 * one fault domain than the policy allows and than now. Stamps without a fault domain count for themselves alone.
 */
export function shareLimit(situation: Situation): (moves: readonly DraftMove[]) => boolean {
  const { replicasMax, faultDomainPercentMax } = situation.policy
  const domainOf = new Map<string, string>(
    situation.stamps.map(({ id, faultDomain }) => [id, faultDomain ?? `stamp ${id}`]),
  )
  const customerOf = new Map<string, string>(
    situation.use.tenants.map(({ registry, customer }) => [registry, customer]),
  )
  const loads = faultDomainPercentMax < 100 ? loadsByDomain(situation, domainOf) : new Map()
  return (moves) => {
    for (const { to } of moves) {
      const come = moves.filter((move) => move.to === to).length
      const gone = moves.filter((move) => move.from === to).length
      if (tenantsAt(situation, to).length + come - gone > replicasMax) return false
    }
    if (loads.size === 0) return true
    const customers = new Set(moves.map(({ registry }) => customerOf.get(registry) ?? ''))
    return [...customers].every((customer) => {
      const before: ReadonlyMap<string, number> = loads.get(customer) ?? new Map()
      const after = new Map(before)
      for (const { registry, from, to } of moves) {
        if (customerOf.get(registry) !== customer) continue
        const load = dayLoadOf(situation, registry, from)
        add(after, domainOf.get(from) ?? from, -load)
        add(after, domainOf.get(to) ?? to, load)
      }
      const all = [...before.values()].reduce((sum, load) => sum + load, 0)
      const allowed = Math.max(greatest(before), (all * faultDomainPercentMax) / 100)
      return greatest(after) <= allowed * (1 + SHARE_SLACK)
    })
  }
}

/** Each customer's core-minutes over the day by fault domain. */
function loadsByDomain(
  situation: Situation,
  domainOf: ReadonlyMap<string, string>,
): Map<string, Map<string, number>> {
  const loads = new Map<string, Map<string, number>>()
  for (const { registry, customer, homeStamp } of situation.use.tenants) {
    const own = loads.get(customer) ?? new Map<string, number>()
    loads.set(customer, own)
    add(own, domainOf.get(homeStamp) ?? homeStamp, dayLoadOf(situation, registry, homeStamp))
  }
  return loads
}

function add(sums: Map<string, number>, key: string, load: number): void {
  sums.set(key, (sums.get(key) ?? 0) + load)
}

function greatest(sums: ReadonlyMap<string, number>): number {
  return Math.max(0, ...sums.values())
}
