import { describe, expect, test } from 'vitest'
import { hotSeries, signalsIn } from '../../src/domain/hot-node.ts'
import type { CpuSamples } from '../../src/domain/series.ts'
import { asSamples, EIGHT, HOUR_MS, MINUTE_MS, minutely, minutes } from './cpu-samples.ts'

const hottestOf = (samples: CpuSamples) => samples.nodes[hotSeries(samples, minutes(1)).hotNodeAt[0] ?? -1]
const at = (minute: number, second = 0) => EIGHT + minute * MINUTE_MS + second * 1000

test('a pool of eight with one node at 99 % averages little and is hot all the same', () => {
  const cold = Array.from({ length: 7 }, (_, n) => minutely(`n${n}`, Array(720).fill(6)))
  const signals = signalsIn(asSamples([...cold.flat(), ...minutely('n7', Array(720).fill(99))]), minutes(720))

  expect(signals).toMatchObject({ status: 'ok', hotNodeP95: 99, poolAverage: (7 * 6 + 99) / 8 })
  expect(signals.counts).toEqual({
    nodes: 8,
    samples: 5760,
    nulls: 0,
    over100: 0,
    duplicates: 0,
    conflicts: 0,
  })
})

test('one noisy minute lifts Max and not hot-node P95', () => {
  const rows = minutely('n1', [...Array(300).fill(43), 96, ...Array(419).fill(43)])
  const signals = signalsIn(asSamples(rows), minutes(720))

  expect(signals.hotNodeP95).toBe(43)
  expect(signals.max).toEqual({ value: 96, node: 'n1', atMs: at(300) })
})

describe('R1, R2: window and bins', () => {
  test('a sample at the start counts and one at the end does not', () => {
    const rows = [
      { node: 'a', atMs: at(0), cpu: 1 },
      { node: 'a', atMs: at(2), cpu: 90 },
    ]
    expect(signalsIn(asSamples(rows), minutes(2)).max?.value).toBe(1)
  })

  test('the last instant before the end belongs to the last bin', () => {
    const rows = [{ node: 'a', atMs: at(2) - 0.001, cpu: 7 }]
    expect([...hotSeries(asSamples(rows), minutes(2)).hot]).toEqual([Number.NaN, 7])
  })

  test('a start or a length that is no multiple of the bin is an error that says so', () => {
    const samples = asSamples(minutely('a', [1]))
    const startMs = EIGHT + 1000
    expect(() => signalsIn(samples, { startMs, endMs: startMs + HOUR_MS, binMs: MINUTE_MS })).toThrow(
      'starts 1000 ms past a bin of 60000 ms',
    )
    expect(() => signalsIn(samples, { startMs: EIGHT, endMs: EIGHT + 90_000, binMs: MINUTE_MS })).toThrow(
      'no multiple of the bin of 60000 ms',
    )
    expect(() => signalsIn(samples, { startMs: EIGHT, endMs: EIGHT, binMs: MINUTE_MS })).toThrow(RangeError)
    expect(() => signalsIn(samples, { startMs: EIGHT, endMs: EIGHT + HOUR_MS, binMs: 0 })).toThrow(RangeError)
  })

  test('bins before 1970 are aligned like any others', () => {
    const startMs = -2 * MINUTE_MS
    const rows = minutely('a', [1, 2, 3], startMs)
    const { hot } = hotSeries(asSamples(rows), { startMs, endMs: MINUTE_MS, binMs: MINUTE_MS })
    expect([...hot]).toEqual([1, 2, 3])
  })
})

describe('R4, R5: values', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.1])(
    '%d is no sample, is counted and is never zero',
    (value) => {
      const signals = signalsIn(asSamples(minutely('a', [40, value, 60])), minutes(3), { percentile: 0 })
      expect(signals).toMatchObject({ hotNodeP95: 40, poolAverage: 50, coverage: { presentBins: 2 } })
      expect(signals.counts).toMatchObject({ nulls: 1, samples: 2 })
    },
  )

  test('zero is a sample', () => {
    const signals = signalsIn(asSamples(minutely('a', [0, -0])), minutes(2))
    expect(signals).toMatchObject({ status: 'ok', hotNodeP95: 0, counts: { samples: 2, nulls: 0 } })
  })

  test('a value over 100 is kept and counted, 100 is not over', () => {
    const signals = signalsIn(asSamples(minutely('a', [100, 106])), minutes(2), { percentile: 100 })
    expect(signals).toMatchObject({ hotNodeP95: 106, counts: { over100: 1, samples: 2 } })
  })

  test('a node without any sample in the window is not counted', () => {
    const rows = [...minutely('a', [1, 2]), ...minutely('b', [null, null]), ...minutely('c', [5], at(5))]
    expect(signalsIn(asSamples(rows), minutes(2)).counts).toMatchObject({ nodes: 1, nulls: 2 })
  })
})

describe('R6: repeats', () => {
  const one = (cpu: number | null) => ({ node: 'a', atMs: at(0, 5), cpu })

  test('equal rows of one instant count once', () => {
    const rows = [one(10), one(10), { node: 'a', atMs: at(0, 35), cpu: 40 }]
    const signals = signalsIn(asSamples(rows), minutes(1))
    expect(signals).toMatchObject({ hotNodeP95: 25, counts: { samples: 2, duplicates: 1, conflicts: 0 } })
  })

  test('of rows that differ the last in input order wins, for Max as well', () => {
    const signals = signalsIn(asSamples([one(90), one(10), one(20)]), minutes(1))
    expect(signals).toMatchObject({ hotNodeP95: 20, counts: { samples: 1, duplicates: 2, conflicts: 2 } })
    expect(signals.max?.value).toBe(20)
  })

  test('the last wins also when other instants stand between, in any order', () => {
    const rows = [
      one(90),
      { node: 'a', atMs: at(0, 35), cpu: 40 },
      one(10),
      { node: 'a', atMs: at(0), cpu: 1 },
    ]
    const signals = signalsIn(asSamples(rows), minutes(1))
    expect(signals).toMatchObject({ hotNodeP95: 17, counts: { samples: 3, duplicates: 1, conflicts: 1 } })
  })

  test('no-sample never replaces a sample, and is no duplicate', () => {
    const signals = signalsIn(asSamples([one(30), one(null)]), minutes(1))
    expect(signals).toMatchObject({ hotNodeP95: 30, counts: { samples: 1, nulls: 1, duplicates: 0 } })
  })

  test('equal instants of two nodes are no repeats', () => {
    const signals = signalsIn(asSamples([...minutely('a', [1]), ...minutely('b', [1])]), minutes(1))
    expect(signals.counts).toMatchObject({ samples: 2, duplicates: 0 })
  })

  test('a value over 100 that was replaced is not counted', () => {
    expect(signalsIn(asSamples([one(120), one(10)]), minutes(1)).counts.over100).toBe(0)
  })
})

describe('R7, R8: the hottest node of a bin', () => {
  test('samples of one bin weigh alike, however far apart they are', () => {
    const rows = [0, 1, 59].map((second) => ({ node: 'a', atMs: at(0, second), cpu: second }))
    expect(signalsIn(asSamples(rows), minutes(1)).hotNodeP95).toBe(20)
  })

  test('the greatest average decides, not the greatest sample', () => {
    const rows = [
      { node: 'spiky', atMs: at(0, 0), cpu: 90 },
      { node: 'spiky', atMs: at(0, 30), cpu: 0 },
      { node: 'steady', atMs: at(0, 0), cpu: 50 },
    ]
    const samples = asSamples(rows)
    expect(hotSeries(samples, minutes(1)).hot[0]).toBe(50)
    expect(hottestOf(samples)).toBe('steady')
  })

  test('a node without a sample in a bin is no candidate there: no zero and nothing carried forward', () => {
    const samples = asSamples([...minutely('a', [80, null, 80]), ...minutely('b', [10, 10, 10])])
    const series = hotSeries(samples, minutes(3))
    expect([...series.hot]).toEqual([80, 10, 80])
    expect([...series.average]).toEqual([45, 10, 45])
    expect([...series.nodesPresent]).toEqual([2, 1, 2])
  })

  test.each([
    [['b', 'a'], 'a'],
    [['node-10', 'node-9'], 'node-10'],
    [['a', 'B'], 'B'],
    // U+FFFD comes before U+1F600, though its UTF-16 unit is greater.
    [['\u{1f600}', '\ufffd'], '\ufffd'],
    [['ab', 'a'], 'a'],
  ])('of %j with equal averages %s is named', (nodes, named) => {
    const samples = asSamples(nodes.flatMap((node) => minutely(node, [50])))
    expect(hottestOf(samples)).toBe(named)
  })

  test('averages of the same values are equal in whatever order these came', () => {
    const rows = (node: string, values: number[]) =>
      values.map((cpu, n) => ({ node, atMs: at(0, n * 10), cpu }))
    const samples = asSamples([...rows('b', [0.1, 0.2, 0.3]), ...rows('a', [0.3, 0.2, 0.1])])
    expect(hottestOf(samples)).toBe('a')
  })
})

describe('R9: missing bins', () => {
  test.each([
    [95, 0.95, 'ok'],
    [94, 0.95, 'insufficient-coverage'],
    [55, 0.55, 'ok'],
    [54, 0.55, 'insufficient-coverage'],
    [1, 0, 'ok'],
    [100, 1, 'ok'],
    [99, 1, 'insufficient-coverage'],
    [96, 0.951, 'ok'],
    [95, 0.951, 'insufficient-coverage'],
  ])('%d of 100 bins at a minimum of %d are %s', (present, minCoverage, status) => {
    const signals = signalsIn(asSamples(minutely('a', Array(present).fill(50))), minutes(100), {
      minCoverage,
    })
    expect(signals).toMatchObject({ status, hotNodeP95: 50 })
    expect(signals.coverage).toEqual({ expectedBins: 100, presentBins: present, minimum: minCoverage })
  })

  test('684 of 720 bins are enough at 0.95 and 683 are not', () => {
    const status = (present: number) =>
      signalsIn(asSamples(minutely('a', Array(present).fill(50))), minutes(720)).status
    expect([status(684), status(683)]).toEqual(['ok', 'insufficient-coverage'])
  })

  test('five-minute data is refused in one-minute bins and judged in five-minute bins', () => {
    const rows = Array.from({ length: 144 }, (_, n) => ({ node: 'a', atMs: at(5 * n), cpu: n }))
    expect(signalsIn(asSamples(rows), minutes(720))).toMatchObject({
      status: 'insufficient-coverage',
      coverage: { presentBins: 144 },
    })
    expect(signalsIn(asSamples(rows), minutes(720, 300_000)).status).toBe('ok')
  })

  test('without any bin there is no data and there are no figures', () => {
    const signals = signalsIn(asSamples(minutely('a', [null, -1])), minutes(2), { minCoverage: 0 })
    expect(signals).toMatchObject({ status: 'no-data', hotNodeP95: null, poolAverage: null, max: null })
    expect(signals.counts.nulls).toBe(2)
    expect(signalsIn(asSamples([]), minutes(2)).status).toBe('no-data')
  })
})

test('R11: a bin weighs the same with one node as with three', () => {
  const rows = [...minutely('a', [10, 40]), ...minutely('b', [20]), ...minutely('c', [30])]
  expect(signalsIn(asSamples(rows), minutes(2)).poolAverage).toBe(30)
})

describe('R12: Max', () => {
  test('is a single raw sample, not an average', () => {
    const rows = [
      { node: 'a', atMs: at(0, 0), cpu: 90 },
      { node: 'a', atMs: at(0, 30), cpu: 10 },
    ]
    expect(signalsIn(asSamples(rows), minutes(1))).toMatchObject({ hotNodeP95: 50, max: { value: 90 } })
  })

  test('among equal values is the earliest, then the first node', () => {
    const rows = [...minutely('c', [90, 10]), ...minutely('b', [10, 90]), ...minutely('a', [10, 90])]
    expect(signalsIn(asSamples(rows), minutes(2)).max).toEqual({ value: 90, node: 'c', atMs: at(0) })
    expect(signalsIn(asSamples(rows), { ...minutes(2), startMs: at(1) }).max).toEqual({
      value: 90,
      node: 'a',
      atMs: at(1),
    })
  })

  test('names the first node of one instant also where a later instant of another node came before it', () => {
    const rows = [
      { node: 'b', atMs: at(0, 0), cpu: 90 },
      { node: 'b', atMs: at(0, 30), cpu: 10 },
      { node: 'a', atMs: at(0, 0), cpu: 90 },
    ]
    expect(signalsIn(asSamples(rows), minutes(1)).max?.node).toBe('a')
  })

  test('keeps an interval maximum that a repeated row no longer has', () => {
    const rows = [
      { node: 'a', atMs: at(0), cpu: 10, peak: 70 },
      { node: 'a', atMs: at(0), cpu: 10, peak: null },
    ]
    expect(signalsIn(asSamples(rows), minutes(1)).max?.value).toBe(70)
  })

  test('comes from the interval maximum where there is one, and else from the average', () => {
    const rows = [
      { node: 'a', atMs: at(0), cpu: 10, peak: 70 },
      { node: 'a', atMs: at(1), cpu: 20, peak: null },
    ]
    expect(signalsIn(asSamples(rows), minutes(2))).toMatchObject({ max: { value: 70 }, poolAverage: 15 })
    expect(signalsIn(asSamples(rows), { ...minutes(2), startMs: at(1) }).max?.value).toBe(20)
  })
})
