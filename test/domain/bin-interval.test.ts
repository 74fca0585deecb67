import { describe, expect, test } from 'vitest'
import { binMsOf } from '../../src/domain/hot-node.ts'
import { asSamples, EIGHT, MINUTE_MS, minutely } from './cpu-samples.ts'

const at = (minute: number, second = 0) => EIGHT + minute * MINUTE_MS + second * 1000

describe('the bin of the data', () => {
  const every = (seconds: number, jitter = (_: number) => 0) =>
    asSamples(
      ['a', 'b'].flatMap((node) =>
        Array.from({ length: 50 }, (_, n) => ({ node, atMs: at(0, n * seconds + jitter(n)), cpu: 1 })),
      ),
    )

  test.each([
    [60, 60],
    [30, 60],
    [10, 60],
    [300, 300],
    [900, 900],
    [3600, 3600],
    [90, 120],
    [61, 60],
    [299, 300],
  ])('sampled every %d s is %d s', (seconds, bin) => {
    expect(binMsOf(every(seconds))).toBe(bin * 1000)
  })

  test('is not led astray by jitter, gaps, order or repeats', () => {
    const samples = every(300, (n) => (n % 3) - 1 + (n > 20 ? 90_000 : 0))
    expect(binMsOf(samples)).toBe(300_000)
    const mixed = {
      ...samples,
      timesMs: samples.timesMs.toReversed(),
      nodeAt: samples.nodeAt.toReversed(),
    }
    expect(binMsOf(mixed)).toBe(300_000)
    const rows = minutely('a', [1, 2, 3])
    expect(binMsOf(asSamples([...rows, ...rows, ...rows]))).toBe(MINUTE_MS)
    expect(binMsOf(asSamples([]))).toBe(MINUTE_MS)
  })
})
