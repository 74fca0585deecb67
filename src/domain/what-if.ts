import { z } from 'zod'
import type { PoolUse } from './attribution.ts'
import type { Fleet, Stamp } from './fleet.ts'
import { RegistryName, StampId } from './ids.ts'
import type { Policy } from './policy.ts'
import { byId, type RegionData, type Tenant } from './region-data.ts'
import type { RegionLoad } from './series.ts'
import { type DraftMove, type Situation, situationOf, skewOf } from './situation.ts'
import { supposedCpu } from './supposed-pools.ts'

/** What no pool of a real stamp has, and what no traffic grows by. */
const NODES_MAX = 1000
const FACTOR_MAX = 100

/** Something that could be otherwise. To `lose` a stamp, or all stamps of a fault domain: those that are left serve their replicas. */
export const Supposition = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('move'), registry: z.string(), to: z.string() }),
  z.strictObject({ kind: z.literal('add'), stamp: z.string(), like: z.string() }),
  z.strictObject({
    ...{ kind: z.literal('resize'), stamp: z.string(), role: z.string() },
    nodes: z.int().min(1).max(NODES_MAX),
  }),
  z.strictObject({ kind: z.literal('lose'), name: z.string() }),
  z.strictObject({
    ...{ kind: z.literal('traffic'), customer: z.string().nullable() },
    factor: z.number().min(0).max(FACTOR_MAX),
  }),
])
export type Supposition = z.infer<typeof Supposition>

export interface Supposed {
  /** The region as its last day would have been, and the day before as well. */
  readonly data: RegionData
  readonly moves: readonly DraftMove[]
  /** What can't be, or would be down, in plain sentences. */
  readonly problems: readonly string[]
}

/** A region's data as they would be had its last day been otherwise. Throws RangeError where a name is unknown. */
export function suppose(data: RegionData, suppositions: readonly Supposition[], policy: Policy): Supposed {
  const world = new World(situationOf(data, { policy, pastMoves: [] }))
  for (const supposition of suppositions) world.apply(supposition)
  return world.outcome()
}

class World {
  readonly #situation: Situation
  readonly #stamps: Map<string, Stamp>
  readonly #homes: Map<string, string>
  readonly #factors: Map<string, number>
  readonly #problems: string[] = []

  constructor(situation: Situation) {
    this.#situation = situation
    this.#stamps = new Map(situation.stamps.map((stamp) => [stamp.id, stamp]))
    this.#homes = new Map(situation.use.tenants.map(({ registry, homeStamp }) => [registry, homeStamp]))
    this.#factors = new Map(situation.use.tenants.map(({ registry }) => [registry, 1]))
  }

  apply(supposition: Supposition): void {
    switch (supposition.kind) {
      case 'move':
        this.#tenant(supposition.registry)
        this.#stamp(supposition.to)
        this.#homes.set(supposition.registry, supposition.to)
        return
      case 'add':
        this.#add(supposition.stamp, supposition.like)
        return
      case 'resize':
        this.#resize(supposition)
        return
      case 'lose':
        this.#lose(supposition.name)
        return
      case 'traffic':
        for (const { registry, customer } of this.#situation.use.tenants)
          if (supposition.customer === null || customer === supposition.customer)
            this.#factors.set(registry, (this.#factors.get(registry) ?? 1) * supposition.factor)
        return
      default:
        supposition satisfies never
    }
  }

  outcome(): Supposed {
    const { data } = this.#situation
    const stamps = [...this.#stamps.values()]
    const parts = {
      situation: this.#situation,
      homes: this.#homes,
      factors: this.#factors,
      skew: this.#skews(stamps),
    }
    const cpu = stamps
      .filter(({ state }) => state !== 'retired')
      .flatMap((stamp) => stamp.pools.map((pool) => supposedCpu(parts, stamp, pool)))
    const moves = this.#situation.use.tenants.flatMap(({ registry, homeStamp }) => {
      const to = this.#homes.get(registry) ?? homeStamp
      return to === homeStamp ? [] : [{ registry, from: homeStamp, to }]
    })
    return {
      data: { ...data, fleet: this.#fleet(stamps), cpu, load: this.#load(data.load) },
      moves,
      problems: this.#problems,
    }
  }

  #tenant(registry: string): Tenant {
    const found = this.#situation.use.tenants.find((tenant) => tenant.registry === registry)
    if (found) return found
    throw new RangeError(`${registry} has no replica in ${this.#situation.data.region}; check its name`)
  }

  #stamp(id: string): Stamp {
    const found = this.#stamps.get(id)
    if (found) return found
    throw new RangeError(
      `${id} is no stamp of ${this.#situation.data.region}; pick one of ${[...this.#stamps.keys()].join(', ')}`,
    )
  }

  #add(id: string, like: string): void {
    if (this.#stamps.has(id)) throw new RangeError(`${id} is there already; name the new stamp otherwise`)
    const named = StampId.safeParse(id)
    if (!named.success)
      throw new RangeError(`"${id}" is no name for a stamp: ${named.error.issues[0]?.message}`)
    const { faultDomain: _, ...stamp } = this.#stamp(like)
    this.#stamps.set(id, { ...stamp, id: named.data, state: 'active' })
  }

  #resize({ stamp, role, nodes }: Extract<Supposition, { kind: 'resize' }>): void {
    const found = this.#stamp(stamp)
    const pool = found.pools.find((one) => one.role === role)
    if (!pool)
      throw new RangeError(
        `${stamp} has no pool ${role}; it has ${found.pools.map((one) => one.role).join(', ')}`,
      )
    if (nodes > pool.maxNodes)
      this.#problems.push(
        `${stamp} ${role} has at most ${pool.maxNodes} nodes; ${nodes} take a higher maximum`,
      )
    const pools = found.pools.map((one) =>
      one.role === role
        ? { ...one, nodes, maxNodes: Math.max(nodes, one.maxNodes), minNodes: Math.min(nodes, one.minNodes) }
        : one,
    )
    this.#stamps.set(stamp, { ...found, pools })
  }

  /** Heaviest first, each replica goes to the stamp that is then the emptiest for what it brings. */
  #lose(name: string): void {
    const lost = [...this.#stamps.values()].filter((stamp) => stamp.id === name || stamp.faultDomain === name)
    if (lost.length === 0)
      throw new RangeError(`${name} is neither a stamp nor a fault domain of ${this.#situation.data.region}`)
    for (const stamp of lost) this.#stamps.set(stamp.id, { ...stamp, state: 'retired' })
    const left = [...this.#stamps.values()].filter(
      ({ state, kind }) => state === 'active' && kind === 'shared',
    )
    const homeless = this.#situation.use.tenants
      .filter(({ registry }) => lost.some(({ id }) => id === this.#homes.get(registry)))
      .toSorted((a, b) => this.#weight(b) - this.#weight(a) || byId(a.registry, b.registry))
    const down = homeless.filter(({ routing }) => routing !== 'dns')
    if (down.length > 0)
      this.#problems.push(
        `${down.map(({ registry }) => registry).join(', ')}: reached by private link, so down with ${name}`,
      )
    if (left.length === 0) {
      this.#problems.push(`no active shared stamp is left to take the replicas of ${name}`)
      return
    }
    const filled = new Map(left.map(({ id }) => [id, this.#fill(id)]))
    for (const tenant of homeless) {
      if (tenant.routing !== 'dns') {
        this.#factors.set(tenant.registry, 0)
        continue
      }
      const [to] = left
        .map(({ id }) => ({ id, share: (filled.get(id) ?? 0) + this.#weight(tenant) / this.#capacity(id) }))
        .toSorted((a, b) => a.share - b.share || byId(a.id, b.id))
      if (!to) continue
      this.#homes.set(tenant.registry, to.id)
      filled.set(to.id, to.share)
    }
  }

  /** A replica's core-minutes of the day, all roles. */
  #weight({ registry }: Tenant): number {
    const factor = this.#factors.get(registry) ?? 1
    return this.#situation.use.pools.reduce((all, use) => all + factor * sumOf(use.by.get(registry)), 0)
  }

  #capacity(stamp: string): number {
    const own = this.#usesAt(stamp)
    return Math.max(
      1e-9,
      own.reduce((all, use) => all + sumOf(use.capacity), 0),
    )
  }

  /** The share of a stamp's cores that was in use over the day. */
  #fill(stamp: string): number {
    const own = this.#usesAt(stamp)
    return own.reduce((all, use) => all + sumOf(use.load), 0) / this.#capacity(stamp)
  }

  #usesAt(stamp: string): PoolUse[] {
    return this.#situation.use.pools.filter((use) => use.stamp.id === stamp)
  }

  /** By role: hottest node over mean, of all loaded pools of it. */
  #skews(stamps: readonly Stamp[]): ReadonlyMap<string, number> {
    const roles = new Set(stamps.flatMap(({ pools }) => pools.map(({ role }) => role)))
    const ids = stamps.map(({ id }) => id)
    return new Map([...roles].map((role) => [role, skewOf(this.#situation, role, ids).middle]))
  }

  #fleet(stamps: readonly Stamp[]): Fleet {
    const { fleet, region } = this.#situation.data
    return {
      regions: fleet.regions.map((one) => (one.name === region ? { ...one, stamps: [...stamps] } : one)),
      registries: fleet.registries.map((registry) => ({
        ...registry,
        name: RegistryName.parse(registry.name),
        replicas: registry.replicas.map((replica) =>
          replica.region === region
            ? { ...replica, homeStamp: StampId.parse(this.#homes.get(registry.name) ?? replica.homeStamp) }
            : replica,
        ),
      })),
    }
  }

  #load(load: RegionLoad): RegionLoad {
    const scaled = (column: Float64Array | null, factor: number) =>
      column?.map((value) => value * factor) ?? null
    const series = load.series.map((one) => {
      const factor = this.#factors.get(one.registry) ?? 1
      if (factor === 1) return one
      return {
        ...one,
        requests: scaled(one.requests, factor),
        bytes: scaled(one.bytes, factor),
        throttled: scaled(one.throttled, factor),
        errors: scaled(one.errors, factor),
        inFlight: scaled(one.inFlight, factor),
        cpuSeconds: scaled(one.cpuSeconds, factor),
      }
    })
    return { ...load, series }
  }
}

function sumOf(values: Float64Array | undefined): number {
  return values?.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0) ?? 0
}
