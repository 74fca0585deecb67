import { expect, test } from 'vitest'
import { cutDownCpu, cutDownLoad, cutDownPlan } from '../../src/domain/cut-down.ts'
import { acmePlan } from '../support/answered-run.ts'
import { smallRegion } from '../support/small-region.ts'

const { load, cpu } = smallRegion()
const plan = acmePlan()
const homeOf = () => 's-c'

test('a cut-down plan is sealed anew, holds moves of the heaviest batch only, and their reverses', () => {
  const cut = cutDownPlan(plan, 'kill')
  if (!cut) throw new Error('there is nothing to cut')
  expect([cut.id, cut.digest === plan.digest]).toEqual([`${plan.id}-kill`, false])
  expect(cut.moves.length).toBeGreaterThan(0)
  expect(cut.moves.length).toBeLessThanOrEqual(2)
  for (const move of cut.moves) expect(plan.moves).toContainEqual(move)
  const heaviest = plan.moves.toSorted((a, b) => b.share - a.share)[0]
  expect(cut.moves.map(({ phase }) => phase)).toEqual(cut.moves.map(() => heaviest?.phase))
  expect(cut.reverses.map(({ registry }) => registry)).toEqual(cut.moves.map(({ registry }) => registry))
  expect(cutDownPlan({ ...plan, moves: [] }, 'kill')).toBeUndefined()
})

test('load in five minutes sums five, keeps what moves, and a missing minute makes five missing', () => {
  const holed = load.series.map((one, at) => (at === 0 ? { ...one, requests: withHole(one.requests) } : one))
  const cut = cutDownLoad({ ...load, series: holed }, plan.moves.slice(0, 1), homeOf)
  expect([cut.binMs, cut.bins]).toEqual([300_000, load.bins / 5])
  const moved = plan.moves[0]?.registry
  expect(cut.series.map(({ registry }) => registry)).toContain(moved)
  const [before, after] = [
    load.series[1],
    cut.series.find(({ registry }) => registry === load.series[1]?.registry),
  ]
  expect(after?.requests?.[3]).toBe(before?.requests?.subarray(15, 20).reduce((sum, each) => sum + each, 0))
  const first = cut.series.find(({ registry }) => registry === load.series[0]?.registry)
  expect([first?.requests?.[1], first?.requests?.[2]]).toEqual([expect.any(Number), Number.NaN])
})

test('samples in five minutes are averages of each node', () => {
  const [pool] = cpu
  if (!pool) throw new Error('there is no pool')
  const cut = cutDownCpu(pool)
  expect(cut.samples.timesMs.length).toBe(pool.samples.timesMs.length / 5)
  const ofFirst = [0, 1, 2, 3, 4].map((bin) => pool.samples.cpuPercent[bin * pool.samples.nodes.length] ?? 0)
  expect(cut.samples.cpuPercent[0]).toBeCloseTo(ofFirst.reduce((sum, each) => sum + each, 0) / 5, 9)
})

function withHole(column: Float64Array | null): Float64Array | null {
  return column?.map((value, at) => (at === 12 ? Number.NaN : value)) ?? null
}
