import { describe, expect, test } from 'vitest'
import { hottestOf, hottestOnNodes, learnSkew, reach } from '../../src/domain/skew.ts'

function bins(
  count: number,
  nodes: number,
  at: (mean: number) => number,
  meanAt = (bin: number) => 10 + (bin % 50),
) {
  const average = Float64Array.from({ length: count }, (_, bin) => meanAt(bin))
  return { hot: average.map((mean) => at(mean)), average, nodes: Array<number>(count).fill(nodes) }
}

test('the reach of n nodes is the mean of the greatest of n draws', () => {
  // Tabulated expectations of the largest of n standard normal draws.
  for (const [nodes, mean] of [
    [2, 0.564],
    [5, 1.163],
    [10, 1.539],
    [50, 2.249],
    [100, 2.508],
  ] as const)
    expect(reach(nodes)).toBeCloseTo(mean, 1)
  expect(reach(1)).toBe(0)
})

describe('the relation of a pool', () => {
  test('is found again in bins that follow it', () => {
    const truth = { points: 2, share: 0.3 }
    const learned = learnSkew(bins(500, 8, (mean) => hottestOf(truth, { mean, nodes: 8 })))
    expect(learned?.points).toBeCloseTo(2, 6)
    expect(learned?.share).toBeCloseTo(0.3, 6)
  })

  test('says what it was off: the P90 of its own bins', () => {
    const exact = learnSkew(bins(500, 8, (mean) => 1.4 * mean))
    let bin = 0
    const noisy = learnSkew(
      bins(500, 8, (mean) => {
        bin += 1
        return 1.4 * mean + (bin % 2 ? 6 : -6)
      }),
    )
    expect(exact?.error).toBe(1)
    expect(noisy?.error).toBeGreaterThan(5)
  })

  test('has no term below zero, so that no hottest node is cooler than the mean', () => {
    const learned = learnSkew(bins(500, 8, (mean) => Math.max(mean, 40)))
    expect([learned && learned.points >= 0, learned && learned.share >= 0]).toEqual([true, true])
  })

  test('is not told from too few bins, from single nodes, or from a pool that does nothing', () => {
    expect(learnSkew(bins(30, 8, (mean) => mean * 2))).toBeNull()
    expect(learnSkew(bins(500, 1, (mean) => mean))).toBeNull()
    expect(
      learnSkew(
        bins(
          500,
          8,
          () => 0,
          () => 0,
        ),
      ),
    ).toBeNull()
    expect(learnSkew(bins(500, 8, () => Number.NaN))).toBeNull()
  })
})

test('the same load on twice the nodes leaves the hottest one more than half', () => {
  const relation = { points: 1, share: 0.2, error: 1, bins: 500 }
  const bin = { hot: 60, mean: 40, nodes: 4 }
  const after = hottestOnNodes(relation, bin, 8)
  expect(after).toBeGreaterThan(30)
  expect(after).toBeLessThan(60)
  expect(hottestOnNodes(relation, bin, 4)).toBeCloseTo(60, 9)
})
