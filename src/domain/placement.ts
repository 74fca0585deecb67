import { changedHot } from './outlook.ts'
import { byId, type Tenant } from './region-data.ts'
import { changeOf, loadOf, peakP95In, poolsOf, type Situation, type Skew, skewOf } from './situation.ts'

/** Up to so many ways to spread replicas over stamps are all tried; beyond, each goes where it fits best. */
const WAYS_MAX = 1024

/** Where replicas go, and the greatest hot-node P95 that comes of it on a destination. */
export interface Placement {
  /** Stamps, in the order of the replicas. */
  readonly to: readonly string[]
  readonly worst: number
}

/** Works out hot-node P95s after moves off one stamp, and remembers what it worked out. */
export class Outcomes {
  readonly #situation: Situation
  readonly #from: string
  readonly #known = new Map<string, number>()
  readonly #skews = new Map<string, Skew>()

  constructor(situation: Situation, from: string) {
    this.#situation = situation
    this.#from = from
  }

  /** The source's greatest P95 with these replicas gone; infinite where it can't be predicted. */
  source(gone: readonly Tenant[]): number {
    return this.#worst(this.#from, gone, 'elsewhere')
  }

  /** A destination's greatest P95 with these replicas come; infinite where it can't take or can't be predicted. */
  destination(stamp: string, come: readonly Tenant[]): number {
    return this.#worst(stamp, come, stamp)
  }

  #worst(stamp: string, moved: readonly Tenant[], to: string): number {
    const names = moved.map(({ registry }) => registry).toSorted(byId)
    const key = `${stamp}/${names.join('/')}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const worst = this.#computed(stamp, names, to)
    this.#known.set(key, worst)
    return worst
  }

  #computed(stamp: string, names: readonly string[], to: string): number {
    const moves = names.map((registry) => ({ registry, from: this.#from, to }))
    const pools = poolsOf(this.#situation, stamp)
    const homeRoles = poolsOf(this.#situation, this.#from).map(({ scan }) => scan.pool)
    const homeless = homeRoles.some(
      (role) =>
        !pools.some(({ scan }) => scan.pool === role) &&
        names.some((registry) => loadOf(this.#situation, registry, role) !== undefined),
    )
    if (homeless) return Number.POSITIVE_INFINITY
    let worst = 0
    for (const { use, scan } of pools) {
      const change = changeOf(
        this.#situation,
        { stamp, role: scan.pool, relativeSpeed: use.pool.relativeSpeed },
        moves,
      )
      const skew = this.#skew(scan.pool).middle
      worst = Math.max(
        worst,
        peakP95In(this.#situation, use, changedHot(use, change, { skew })) ?? Number.POSITIVE_INFINITY,
      )
    }
    return worst
  }

  #skew(role: string): Skew {
    const known = this.#skews.get(role) ?? skewOf(this.#situation, role, [this.#from])
    this.#skews.set(role, known)
    return known
  }
}

/** Spreads replicas (heaviest first) over stamps so that none goes over target and the hottest is least hot; null if none can. */
export function place(
  outcomes: Outcomes,
  replicas: readonly Tenant[],
  stamps: readonly string[],
  targetPercent: number,
): Placement | null {
  if (stamps.length === 0) return null
  const ways = stamps.length ** replicas.length
  const found = ways <= WAYS_MAX ? everyWay(outcomes, replicas, stamps) : oneByOne(outcomes, replicas, stamps)
  return found.worst <= targetPercent ? found : null
}

function everyWay(outcomes: Outcomes, replicas: readonly Tenant[], stamps: readonly string[]): Placement {
  let best: Placement = { to: [], worst: Number.POSITIVE_INFINITY }
  const ways = stamps.length ** replicas.length
  for (let way = 0; way < ways; way += 1) {
    const to = replicas.map((_, at) => stamps[Math.floor(way / stamps.length ** at) % stamps.length] ?? '')
    const worst = worstOf(outcomes, replicas, to)
    if (worst < best.worst) best = { to, worst }
  }
  return best
}

function oneByOne(outcomes: Outcomes, replicas: readonly Tenant[], stamps: readonly string[]): Placement {
  const here = new Map<string, Tenant[]>(stamps.map((stamp) => [stamp, []]))
  const to: string[] = []
  for (const replica of replicas) {
    const ranked = stamps
      .map((stamp) => ({ stamp, worst: outcomes.destination(stamp, [...(here.get(stamp) ?? []), replica]) }))
      .toSorted((a, b) => a.worst - b.worst || byId(a.stamp, b.stamp))
    const stamp = ranked[0]?.stamp ?? ''
    here.get(stamp)?.push(replica)
    to.push(stamp)
  }
  return { to, worst: worstOf(outcomes, replicas, to) }
}

function worstOf(outcomes: Outcomes, replicas: readonly Tenant[], to: readonly string[]): number {
  const stamps = [...new Set(to)]
  return stamps.reduce(
    (worst, stamp) =>
      Math.max(
        worst,
        outcomes.destination(
          stamp,
          replicas.filter((_, at) => to[at] === stamp),
        ),
      ),
    0,
  )
}
