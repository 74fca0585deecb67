import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bestWay, isBetter, type Way } from './every-assignment.ts'
import { isSearched, planOf, wayOfPlan } from './plan-of.ts'
import { type RandomRegion, randomRegion } from './random-region.ts'

const SMALL = { stampsMax: 3, movableMax: 6 }
const anyRegion = fc.integer({ min: 1, max: 1e6 }).map((seed) => randomRegion({ seed, ...SMALL }))

function sameLoad(a: Way, b: Way): boolean {
  return Math.abs(a.load - b.load) <= 1e-6 * Math.max(a.load, b.load)
}

test('on small regions no way to send replicas is better than the plan in the order of the goals', () => {
  let moved = 0
  for (let seed = 1; seed <= 60; seed += 1) {
    const region = randomRegion({ seed, ...SMALL })
    const plan = planOf(region)
    if (!isSearched(plan)) continue
    const way = wayOfPlan(region, plan)
    const best = bestWay(region)
    if (best.moves > 0) moved += 1
    expect(way, `seed ${seed}`).toMatchObject({ over: best.over, moves: best.moves })
    expect(way && sameLoad(way, best), `seed ${seed}`).toBe(true)
  }
  expect(moved).toBeGreaterThan(10)
})

test('a plan says in its reason how many pools stay over the target by the truth, and where none does it says nothing of it', () => {
  let left = 0
  for (let seed = 1; seed <= 150; seed += 1) {
    const region = randomRegion({ seed, ...SMALL })
    const plan = planOf(region)
    const way = wayOfPlan(region, plan)
    if (plan.verdict !== 'rebalance' || way === null) continue
    const said = /of (\d+) pools over it (\d+) stay so/.exec(plan.reason)
    expect(Number(said?.[2] ?? 0), `seed ${seed}`).toBe(way.over)
    expect(plan.blocked.some(({ rule }) => rule === 'no-destination')).toBe(way.over > 0)
    if (way.over === 0) continue
    left += 1
    expect(Number(said?.[1])).toBe(wayOfPlan(region, { moves: [] })?.over)
  }
  expect(left).toBeGreaterThan(3)
})

test('a larger budget of moves never gives a worse plan', () => {
  let differed = 0
  fc.assert(
    fc.property(anyRegion, fc.integer({ min: 1, max: 3 }), (region, movesMax) => {
      const [less, more] = [planOf(region, { movesMax }), planOf(region, { movesMax: movesMax + 1 })]
      if (!isSearched(less) || !isSearched(more)) return
      expect(less.moves.length).toBeLessThanOrEqual(movesMax)
      const [lessWay, moreWay] = [wayOfPlan(region, less), wayOfPlan(region, more)]
      if (!lessWay || !moreWay) throw new Error('a plan breaks a limit')
      if (lessWay.over !== moreWay.over) differed += 1
      expect(isBetter(lessWay, moreWay)).toBe(false)
    }),
    { numRuns: 60, seed: 11 },
  )
  expect(differed).toBeGreaterThan(0)
})

test('scaling a tenant down adds no moves while the verdict and what stays over the target are the same', () => {
  let compared = 0
  fc.assert(
    fc.property(anyRegion, fc.nat(), fc.constantFrom(0.3, 0.6, 0.9), (region, draw, factor) => {
      const [before, after] = [planOf(region), planOf(scaled(region, draw, factor))]
      if (before.verdict !== 'rebalance' || after.verdict !== 'rebalance') return
      const left = wayOfPlan(region, before)?.over
      if (left !== wayOfPlan(scaled(region, draw, factor), after)?.over) return
      compared += 1
      expect(after.moves.length).toBeLessThanOrEqual(before.moves.length)
    }),
    { numRuns: 60, seed: 12 },
  )
  expect(compared).toBeGreaterThan(10)
})

function scaled(region: RandomRegion, draw: number, factor: number): RandomRegion {
  const at = draw % region.replicas.length
  const times = (values: Float64Array) => values.map((value) => value * factor)
  return {
    ...region,
    replicas: region.replicas.map((replica, other) =>
      other === at
        ? {
            ...replica,
            cores: { registry: times(replica.cores.registry), dataproxy: times(replica.cores.dataproxy) },
          }
        : replica,
    ),
  }
}
