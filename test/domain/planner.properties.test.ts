import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, sealPlan } from '../../src/domain/canonical.ts'
import { batchesOf, type Move } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import type { RegionData } from '../../src/domain/region-data.ts'
import {
  aContext,
  aRegion,
  coresOf,
  HOT_WEIGHT,
  NOW_MS,
  type RegionSpec,
  type RegistrySpec,
  ROLES,
  type StampSpec,
} from './a-region.ts'

const HOURS = 30
const DAY_MS = 86_400_000
const COOLED_DOWN = 'r2'
const TARGET = 60
/** Cores of a stamp's pool: four nodes of eight. */
const CAPACITY = 32

const anyStamps = fc
  .array(
    fc.record({
      kind: fc.constantFrom('shared' as const, 'shared' as const, 'isolated' as const),
      state: fc.constantFrom('active' as const, 'active' as const, 'active' as const, 'cordoned' as const),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((others): StampSpec[] => [
    { id: 'weu-0', idlePercent: 0 },
    ...others.map((stamp, at) => ({ ...stamp, id: `weu-${at + 1}`, idlePercent: 0 })),
  ])

const anyRegistry = fc.record({
  home: fc.integer({ min: 0, max: 5 }),
  mean: fc.integer({ min: 1, max: 12 }),
  swing: fc.constantFrom(0, 0.1, 0.4),
  period: fc.constantFrom(37, 61, 83, 240),
  customer: fc.constantFrom('adatum', 'contoso', 'fabrikam', 'litware'),
  pinned: fc.integer({ min: 0, max: 7 }).map((draw) => draw === 0),
  routing: fc.constantFrom('dns' as const, 'dns' as const, 'dns' as const, 'privateLink' as const),
})

const anySpec: fc.Arbitrary<RegionSpec> = fc
  .record({ stamps: anyStamps, drawn: fc.array(anyRegistry, { minLength: 2, maxLength: 8 }) })
  .map(({ stamps, drawn }) => ({
    stamps,
    hours: HOURS,
    registries: drawn.map(
      ({ home, mean, swing, period, customer, pinned, routing }, at): RegistrySpec => ({
        name: `r${at}`,
        customer,
        pinned,
        routing,
        // Half of all live on the first stamp, so that it is often hot.
        stamp: stamps[home < 3 ? 0 : home % stamps.length]?.id ?? 'weu-0',
        cores: (minute, role) =>
          mean * (1 + swing * Math.sin(minute / period + at)) * (role === 'registry' ? 1 : 0.8),
      }),
    ),
  }))

const anyContext = fc
  .constantFrom(50, 100)
  .map((dominance) => aContext({ policy: { dominance }, movedAtMs: { [COOLED_DOWN]: NOW_MS - DAY_MS } }))

/** Hot-node P95 of a stamp's pool by the published rules, from what its registries cost; shares no code with the planner. */
function truth(
  spec: RegionSpec,
  homes: ReadonlyMap<string, string>,
  place: { stamp: string; role: string },
): number {
  const hot: number[] = []
  for (let minute = (HOURS - 24) * 60; minute < HOURS * 60; minute += 1) {
    let cores = 0
    for (const registry of spec.registries) {
      if (homes.get(registry.name) === place.stamp) cores += coresOf(registry, minute, place.role)
    }
    hot.push(((cores * 100) / CAPACITY) * HOT_WEIGHT)
  }
  let best = { sum: Number.NEGATIVE_INFINITY, at: 0 }
  let sum = hot.slice(0, 720).reduce((all, value) => all + value, 0)
  for (let at = 0; at + 720 <= hot.length; at += 1) {
    if (sum >= best.sum - 1e-7) best = { sum: Math.max(sum, best.sum), at }
    sum += (hot[at + 720] ?? 0) - (hot[at] ?? 0)
  }
  const sorted = hot.slice(best.at, best.at + 720).toSorted((a, b) => a - b)
  const rank = (719 * 95) / 100
  const low = sorted[Math.floor(rank)] ?? 0
  return low + (rank - Math.floor(rank)) * ((sorted[Math.floor(rank) + 1] ?? low) - low)
}

function homesAfter(spec: RegionSpec, moves: readonly Move[]): Map<string, string> {
  const homes = new Map(spec.registries.map(({ name, stamp }) => [name, stamp]))
  for (const { registry, to } of moves) homes.set(registry, to)
  return homes
}

test('no plan breaks a hard limit, moves a replica twice, or lacks a reverse', () => {
  fc.assert(
    fc.property(anySpec, anyContext, (spec, context) => {
      const plan = makePlan(aRegion(spec), {}, context)
      const stamps = new Map(spec.stamps.map((stamp) => [stamp.id, stamp]))
      expect(new Set(plan.moves.map(({ registry }) => registry)).size).toBe(plan.moves.length)
      for (const move of plan.moves) {
        const registry = spec.registries.find(({ name }) => name === move.registry)
        expect(registry).toMatchObject({ pinned: false, routing: 'dns', stamp: move.from })
        expect(move.registry).not.toBe(COOLED_DOWN)
        expect(move.to).not.toBe(move.from)
        if (move.to === 'new') {
          expect(plan.isolation?.pools.map(({ role }) => role)).toEqual(['dataproxy', 'registry'])
          continue
        }
        const destination = stamps.get(move.to)
        expect(destination?.state ?? 'active').toBe('active')
        expect(destination?.kind ?? 'shared').toBe(plan.verdict === 'isolate' ? 'isolated' : 'shared')
        if (plan.verdict === 'isolate') {
          const others = spec.registries
            .filter(({ stamp }) => stamp === move.to)
            .map(({ customer }) => customer)
          expect(others.every((customer) => customer === plan.customer)).toBe(true)
        }
      }
      expect(plan.reverses).toEqual(
        plan.moves.toReversed().map(({ registry, from, to }) => ({ registry, from: to, to: from })),
      )
      expect(batchesOf(plan).flatMap(({ moves }) => moves)).toEqual(plan.moves)
      if (plan.moves.length === 0)
        expect(['none', 'storage-bound', 'insufficient-data']).toContain(plan.verdict)
    }),
    { numRuns: 60 },
  )
})

let rebalanced = 0

test('an independent recomputation of every pool after a rebalance finds none over target that was not before', () => {
  fc.assert(
    fc.property(anySpec, (spec) => {
      const plan = makePlan(aRegion(spec), {}, aContext({ policy: { dominance: 100 } }))
      if (plan.verdict !== 'rebalance') return
      rebalanced += 1
      const homes = homesAfter(spec, plan.moves)
      const touched = new Set(plan.moves.flatMap(({ from, to }) => [from, to]))
      for (const stamp of touched) {
        for (const role of ROLES) {
          const actual = truth(spec, homes, { stamp, role })
          const before = truth(spec, homesAfter(spec, []), { stamp, role })
          expect(actual).toBeLessThanOrEqual(Math.max(TARGET, before) + 1e-6)
          const said = plan.pools.find((pool) => pool.stamp === stamp && pool.pool === role)
          expect(said?.predicted.hotNodeP95).toBeCloseTo(actual, 6)
        }
      }
    }),
    { numRuns: 120 },
  )
  expect(rebalanced).toBeGreaterThan(5)
})

test('no order of rows, registries, stamps or nodes changes a byte of the plan', () => {
  fc.assert(
    fc.property(anySpec, anyContext, fc.integer({ min: 1, max: 1e6 }), (spec, context, seed) => {
      const data = aRegion(spec)
      const turned = shuffled(data, seed)
      expect(canonicalJson(makePlan(turned, {}, context))).toBe(canonicalJson(makePlan(data, {}, context)))
    }),
    { numRuns: 20 },
  )
})

/** The same region in another order of everything; the estimate without metered CPU included. */
function shuffled(data: RegionData, seed: number): RegionData {
  const order = <T>(items: readonly T[]): T[] =>
    items
      .map((item, at) => ({ item, place: ((at + 1) * 2654435761 * seed) % 1000003 }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ item }) => item)
  return {
    ...data,
    fleet: {
      regions: data.fleet.regions.map((region) => ({
        ...region,
        stamps: order(region.stamps).map((stamp) => ({ ...stamp, pools: stamp.pools.toReversed() })),
      })),
      registries: order(data.fleet.registries),
    },
    cpu: order(data.cpu).map((pool) => {
      const rows = order(Array.from(pool.samples.timesMs, (_, at) => at))
      const nodes = pool.samples.nodes.toReversed()
      return {
        ...pool,
        samples: {
          nodes,
          timesMs: Float64Array.from(rows, (at) => pool.samples.timesMs[at] ?? 0),
          nodeAt: Uint32Array.from(rows, (at) => nodes.length - 1 - (pool.samples.nodeAt[at] ?? 0)),
          cpuPercent: Float64Array.from(rows, (at) => pool.samples.cpuPercent[at] ?? 0),
          cpuPercentMax: null,
        },
      }
    }),
    load: { ...data.load, series: order(data.load.series) },
  }
}

test('on small regions no plan has more moves than the fewest that an exhaustive search finds', () => {
  const anyCores = fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 3, maxLength: 6 })
  let compared = 0
  fc.assert(
    fc.property(
      anyCores,
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 12 }),
      (cores, onB, onC) => {
        const spec: RegionSpec = {
          stamps: ['weu-0', 'weu-b', 'weu-c'].map((id) => ({ id, idlePercent: 0 })),
          hours: HOURS,
          registries: [
            ...cores.map((value, at) => ({ name: `r${at}`, stamp: 'weu-0', cores: value })),
            { name: 'bee', stamp: 'weu-b', cores: onB },
            { name: 'cee', stamp: 'weu-c', cores: onC },
          ],
        }
        const percentOf = (sum: number) => (sum * HOT_WEIGHT * 100) / CAPACITY
        const all = cores.reduce((sum, value) => sum + value, 0)
        if (percentOf(all) < 70) return
        const plan = makePlan(aRegion(spec), { stamp: 'weu-0' }, aContext({ policy: { dominance: 100 } }))
        const best = exhaustive(cores, (sums) =>
          [all - sums[0] - sums[1], onB + sums[0], onC + sums[1]].every((sum) => percentOf(sum) <= TARGET),
        )
        compared += 1
        if (best === null) expect(plan.verdict).not.toBe('rebalance')
        else {
          const load = plan.moves.reduce(
            (sum, { registry }) => sum + (cores[Number(registry.slice(1))] ?? 0),
            0,
          )
          expect([plan.verdict, plan.moves.length, load]).toEqual(['rebalance', best.moves, best.load])
        }
      },
    ),
    { numRuns: 60 },
  )
  expect(compared).toBeGreaterThan(10)
})

/** The fewest moves, then the least load, over all ways to leave each replica, or move it to one of two stamps. */
function exhaustive(
  cores: readonly number[],
  isFine: (sums: readonly [number, number]) => boolean,
): { moves: number; load: number } | null {
  let best: { moves: number; load: number } | null = null
  for (let way = 0; way < 3 ** cores.length; way += 1) {
    const to = cores.map((_, at) => Math.floor(way / 3 ** at) % 3)
    const sumTo = (stamp: number) => cores.reduce((sum, value, at) => sum + (to[at] === stamp ? value : 0), 0)
    const sums: readonly [number, number] = [sumTo(1), sumTo(2)]
    if (!isFine(sums)) continue
    const found = { moves: to.filter((stamp) => stamp !== 0).length, load: sums[0] + sums[1] }
    if (!best || found.moves < best.moves || (found.moves === best.moves && found.load < best.load))
      best = found
  }
  return best
}

test('any change of a move, of its order or of a reverse changes the digest', () => {
  const spec: RegionSpec = {
    stamps: [{ id: 'weu-0' }, { id: 'weu-1' }, { id: 'weu-2' }],
    registries: [9, 8, 7].map((cores, at) => ({ name: `r${at}`, stamp: 'weu-0', cores })),
  }
  const body = makePlan(aRegion(spec), {}, aContext({ policy: { dominance: 100 } }))
  expect(body.moves.length).toBeGreaterThan(0)
  const { digest } = sealPlan(body)
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  const [move] = body.moves
  const [reverse] = body.reverses
  if (!move || !reverse) throw new Error('the plan has no move')
  const changes: Partial<typeof body>[] = [
    ...(['from', 'to', 'registry', 'why'] as const).map((key) => ({ moves: [{ ...move, [key]: 'weu-x' }] })),
    { moves: [{ ...move, batch: 2 }] },
    { moves: [{ ...move, share: move.share / 2 }] },
    { moves: [] },
    { moves: [move, move] },
    ...(['from', 'to', 'registry'] as const).map((key) => ({ reverses: [{ ...reverse, [key]: 'weu-x' }] })),
    { reverses: [] },
    { requestedBy: 'bob' },
  ]
  const digests = changes.map((change) => sealPlan({ ...body, ...change }).digest)
  expect(new Set([digest, ...digests]).size).toBe(changes.length + 1)
  expect(sealPlan(structuredClone(body)).digest).toBe(digest)
})
