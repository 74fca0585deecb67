import { expect, test } from 'vitest'
import { isSearched, planOf, wayOfPlan } from './plan-of.ts'
import { type RandomRegion, randomRegion } from './random-region.ts'

/** Too many replicas to look at every way. */
function largeRegions(count: number): RandomRegion[] {
  const regions: RandomRegion[] = []
  for (let seed = 1; regions.length < count; seed += 1) {
    const region = randomRegion({ seed, stampsMax: 6, movableMax: 40 })
    if (region.replicas.filter(({ movable }) => movable).length > 15) regions.push(region)
  }
  return regions
}

test('plans of larger regions break no limit by the truth, and leave fewer pools over than there were', () => {
  let relieved = 0
  for (const region of largeRegions(12)) {
    const plan = planOf(region)
    if (!isSearched(plan) || plan.moves.length === 0) continue
    const [way, before] = [wayOfPlan(region, plan), wayOfPlan(region, { moves: [] })]
    expect(way).not.toBeNull()
    expect(way?.over).toBeLessThan(before?.over ?? 0)
    if (way?.over === 0) relieved += 1
  }
  expect(relieved).toBeGreaterThan(3)
})

test('no move of a larger plan can be left out: without any of them a pool more is over, or a limit is broken', () => {
  for (const region of largeRegions(8)) {
    const plan = planOf(region)
    const way = wayOfPlan(region, plan)
    if (!isSearched(plan) || way === null) continue
    for (const move of plan.moves) {
      const without = wayOfPlan(region, { moves: plan.moves.filter((one) => one !== move) })
      if (without) expect(without.over).toBeGreaterThan(way.over)
    }
  }
})
