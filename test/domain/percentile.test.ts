import { describe, expect, test } from 'vitest'
import { percentile } from '../../src/domain/hot-node.ts'

describe('R10: percentile', () => {
  test.each([
    [[15, 20, 35, 40, 50], 40, 29],
    [[1, 2, 3, 4], 75, 3.25],
    [[50, 15, 40, 20, 35], 0, 15],
    [[50, 15, 40, 20, 35], 100, 50],
    [[7], 95, 7],
    [[10, Number.NaN, 20], 50, 15],
    [[2, 10, 9], 50, 9],
  ])('of %j at %d is %d', (values, p, expected) => {
    expect(percentile(Float64Array.from(values), p)).toBeCloseTo(expected, 12)
  })

  test('of nothing is null, and outside 0 to 100 an error', () => {
    expect(percentile(Float64Array.of(Number.NaN), 95)).toBeNull()
    expect(() => percentile(Float64Array.of(1), 101)).toThrow('expected 0 to 100')
  })

  test('leaves its input as it was', () => {
    const values = Float64Array.of(3, 1, 2)
    percentile(values, 50)
    expect([...values]).toEqual([3, 1, 2])
  })
})
