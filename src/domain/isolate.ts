import type { Draft, NewPool } from './draft.ts'
import { type Blocked, blockedOf, byStampAndRule, immovable, listed } from './movable.ts'
import { changedHot, slopesOf } from './outlook.ts'
import { percent } from './pool-judgement.ts'
import { byId, type Tenant } from './region-data.ts'
import { destinationsOf } from './search-space.ts'
import {
  changeOf,
  type DraftMove,
  peakP95In,
  poolsOf,
  type Situation,
  skewOf,
  tenantsAt,
} from './situation.ts'

/** One node alone would be a stamp that a single fault takes down. */
const NODES_MIN = 2

/**
 * Moves all movable replicas that a customer has on the region's shared stamps to one isolation stamp: an active one
 * that is empty or only the customer's and can hold them, else a new one of the size that they need.
 */
export function draftIsolation(situation: Situation, customer: string, reason: string): Draft {
  const shared = situation.stamps
    .filter(({ kind, state }) => kind === 'shared' && state !== 'retired')
    .map(({ id }) => id)
  const members = situation.use.tenants.filter(
    (tenant) => tenant.customer === customer && shared.some((id) => id === tenant.homeStamp),
  )
  const movable = members.filter((tenant) => immovable(tenant, situation) === null)
  const blocked = blockedOf(members, situation)
  if (movable.length === 0) {
    return { kind: 'none', reason: `${reason} None of ${customer}'s replicas may move.`, blocked }
  }
  const { fits, unfit } = chooseStamp(situation, customer, movable)
  const [best] = fits
  const base = { kind: 'moves', verdict: 'isolate', customer } as const
  if (best) {
    return {
      ...base,
      moves: movesTo(movable, best.stamp),
      reason: `${reason} ${best.stamp} is isolated, active and ${best.empty ? 'empty' : `only ${customer}'s`}.`,
      blocked,
      nodes: best.nodes,
      newPools: [],
      whyNot: sameFor(movable, [
        ...fits
          .slice(1)
          .map(
            (fit) =>
              `${fit.stamp}: would show up to ${percent(fit.worst)}, ${best.stamp} ${percent(best.worst)}`,
          ),
        ...unfit.map(({ stamp, detail }) => `${stamp}: ${detail}`),
        ...sharedWords(situation, customer, movable),
      ]),
    }
  }
  const sized = newStamp(situation, movable)
  if ('tooHot' in sized) {
    const detail = `${customer} would make ${sized.tooHot} hot on the largest new stamp too; moving does not help`
    return {
      kind: 'none',
      reason: `${reason} ${detail}.`,
      blocked: [...blocked, ...heats(movable, detail)].toSorted(byStampAndRule),
    }
  }
  return {
    ...base,
    moves: movesTo(movable, 'new'),
    reason: `${reason} No isolated stamp is free for ${customer}: a new one is needed.`,
    blocked: [...blocked, ...unfit].toSorted(byStampAndRule),
    nodes: new Map(),
    newPools: sized.pools,
    whyNot: sameFor(movable, [
      ...unfit.map(({ stamp, detail }) => `${stamp}: ${detail}`),
      ...sharedWords(situation, customer, movable),
    ]),
  }
}

function sameFor(movable: readonly Tenant[], words: readonly string[]): Map<string, readonly string[]> {
  return new Map(movable.map(({ registry }) => [registry, words]))
}

interface Fit {
  readonly stamp: string
  readonly worst: number
  readonly empty: boolean
  /** By role, where more nodes are needed than there are. */
  readonly nodes: ReadonlyMap<string, number>
}

function chooseStamp(situation: Situation, customer: string, movable: readonly Tenant[]) {
  const fits: Fit[] = []
  const unfit: Blocked[] = []
  for (const stamp of situation.stamps.filter(({ kind }) => kind === 'isolated')) {
    const others = tenantsAt(situation, stamp.id).filter((tenant) => tenant.customer !== customer)
    const refuse = (rule: string, detail: string) => unfit.push({ stamp: stamp.id, rule, detail })
    if (stamp.state !== 'active') refuse('state', `is ${stamp.state}; only an active stamp takes replicas`)
    else if (others.length > 0)
      refuse('co-tenants', `holds ${listed([...new Set(others.map((one) => one.customer))])}`)
    else {
      const fit = fitOf(situation, stamp.id, movable)
      if ('refused' in fit) refuse(fit.rule, fit.refused)
      else fits.push(fit)
    }
  }
  fits.sort((a, b) => a.nodes.size - b.nodes.size || a.worst - b.worst || byId(a.stamp, b.stamp))
  return { fits, unfit }
}

function fitOf(
  situation: Situation,
  stamp: string,
  movable: readonly Tenant[],
): Fit | { readonly refused: string; readonly rule: string } {
  const moves = movesTo(movable, stamp)
  const sources = [...new Set(movable.map(({ homeStamp }) => homeStamp))]
  const nodes = new Map<string, number>()
  let worst = 0
  for (const role of rolesOf(situation, movable)) {
    const found = poolsOf(situation, stamp).find(({ scan }) => scan.pool === role)
    if (!found || found.use.pool.nodes === 0)
      return { rule: 'capacity', refused: `has no nodes in a ${role} pool` }
    const { use, scan } = found
    if (scan.verdict === 'insufficient-data')
      return { rule: 'insufficient-data', refused: `sends too little data: ${found.words}` }
    const change = changeOf(situation, { stamp, role, relativeSpeed: use.pool.relativeSpeed }, moves)
    const p95 = peakP95In(
      situation,
      use,
      changedHot(slopesOf(use), change, { skew: skewOf(situation, role, sources).middle }),
    )
    if (p95 === null)
      return { rule: 'insufficient-data', refused: `too few minutes with load to predict its ${role} pool` }
    const needed = Math.ceil((use.pool.nodes * p95) / situation.policy.targetPercent - 1e-9)
    if (needed > Math.max(use.pool.nodes, use.pool.maxNodes)) {
      return {
        rule: 'capacity',
        refused: `its ${role} pool would show ${percent(p95)}, and need ${needed} nodes of at most ${use.pool.maxNodes}`,
      }
    }
    if (needed > use.pool.nodes) nodes.set(role, needed)
    worst = Math.max(worst, (p95 * use.pool.nodes) / Math.max(needed, use.pool.nodes))
  }
  return { stamp, worst, empty: tenantsAt(situation, stamp).length === 0, nodes }
}

/** The least stamp that keeps each pool at or under target, built like the pools that most of the load comes from. */
function newStamp(
  situation: Situation,
  movable: readonly Tenant[],
): { readonly pools: readonly NewPool[] } | { readonly tooHot: string } {
  const moves = movesTo(movable, 'new')
  const sources = [...new Set(movable.map(({ homeStamp }) => homeStamp))]
  const roles = [
    ...new Set(sources.flatMap((stamp) => poolsOf(situation, stamp).map(({ scan }) => scan.pool))),
  ].toSorted(byId)
  const pools: NewPool[] = []
  for (const role of roles) {
    const here = situation.use.pools.filter(
      (pool) => pool.pool.role === role && sources.includes(pool.stamp.id),
    )
    const [most] = here.toSorted(
      (a, b) => leaving(b, movable) - leaving(a, movable) || byId(a.stamp.id, b.stamp.id),
    )
    if (!most) continue
    const like = most.pool
    const idle = sumOf(most.baseline) / Math.max(sumOf(most.capacity), Number.MIN_VALUE)
    const idlePercent = Math.min(situation.policy.targetPercent / 2, idle * 100)
    const change = changeOf(situation, { stamp: 'new', role, relativeSpeed: like.relativeSpeed }, moves)
    const likeStamp = most.stamp.id
    const basis = newBasis(situation, { role, nodes: 1, like, likeStamp, idlePercent: 0 })
    const oneNode =
      peakP95In(
        situation,
        basis,
        changedHot(slopesOf(basis), change, { skew: skewOf(situation, role, sources).middle }),
      ) ?? 0
    const nodesMax = Math.max(
      ...situation.use.pools.filter(({ pool }) => pool.role === role).map(({ pool }) => pool.maxNodes),
    )
    const wanted = Math.ceil(oneNode / (situation.policy.targetPercent - idlePercent) - 1e-9)
    const nodes = Math.min(Math.max(NODES_MIN, wanted), Math.max(nodesMax, NODES_MIN))
    if (idlePercent + oneNode / nodes >= situation.policy.hotPercent)
      return { tooHot: `the ${role} pool (${nodes} nodes)` }
    pools.push({ role, nodes, like, likeStamp, idlePercent })
  }
  return { pools }
}

/** A pool that is not there yet, as if it had stood idle all day. */
export function newBasis({ use }: Pick<Situation, 'use'>, pool: NewPool) {
  const { bins, binMs } = use.grid
  const coreMinutes = (pool.nodes * pool.like.vcpusPerNode * binMs) / 60_000
  return {
    binMs,
    idlePercent: pool.idlePercent,
    hot: new Float64Array(bins).fill(pool.idlePercent),
    load: new Float64Array(bins),
    capacity: new Float64Array(bins).fill(coreMinutes),
    withLoad: null,
  }
}

function movesTo(tenants: readonly Tenant[], to: string): DraftMove[] {
  return tenants.map(({ registry, homeStamp }) => ({ registry, from: homeStamp, to }))
}

function rolesOf({ use }: Situation, tenants: readonly Tenant[]): string[] {
  const roles = use.pools
    .filter((pool) =>
      tenants.some(({ registry, homeStamp }) => homeStamp === pool.stamp.id && pool.by.has(registry)),
    )
    .map((pool) => pool.pool.role)
  return [...new Set(roles)].toSorted(byId)
}

function leaving(pool: Situation['use']['pools'][number], movable: readonly Tenant[]): number {
  return movable.reduce((sum, { registry }) => sum + sumOf(pool.by.get(registry) ?? new Float64Array(0)), 0)
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
}

/** Why not the other shared stamps: one that takes nobody by what it lacks, all others by whom they hold. */
function sharedWords(situation: Situation, customer: string, movable: readonly Tenant[]): string[] {
  const isOther = (stamp: string) => movable.every(({ homeStamp }) => homeStamp !== stamp)
  const { open, closed } = destinationsOf(situation)
  const shut = closed.filter(({ stamp, rule }) => rule !== 'isolated' && rule !== 'state' && isOther(stamp))
  const free = open.filter(isOther)
  const words = shut.map(({ stamp, rule, detail }) => `${stamp}: ${rule}, ${detail}`)
  if (free.length === 0) return words
  return [
    ...words,
    `${listed(free)}: shared, and ${customer} would move its neighbours' latency there as well`,
  ]
}

function heats(movable: readonly Tenant[], detail: string): Blocked[] {
  const stamps = [...new Set(movable.map(({ homeStamp }) => homeStamp))]
  return stamps.map((stamp) => ({ stamp, rule: 'heats-anywhere', detail }))
}
