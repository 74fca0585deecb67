import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findPeakWindow, hotSeries, signalsIn } from '../../src/domain/hot-node.ts'
import { asSamples, EIGHT, HOUR_MS, MINUTE_MS } from './cpu-samples.ts'
import { naivePeakWindow, naiveSignals, type Row } from './naive-signals.ts'

const SECOND_MS = 1000
const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 1200 }).map((tenths) => tenths / 10) },
  { weight: 2, arbitrary: fc.constantFrom(0, 50, 100) },
  { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, -1, Number.POSITIVE_INFINITY) },
)
// Few nodes and instants, so that repeats, ties and empty bins all come up.
const anyRow = fc.record({
  node: fc.constantFrom('b', 'a', 'node-2', 'node-10', '\u{1f600}', '\ufffd'),
  atMs: fc.integer({ min: -30, max: 630 }).map((step) => EIGHT + step * SECOND_MS),
  cpu: anyValue,
})
const anyPeakRow = fc.record({ row: anyRow, peak: anyValue })
const anyRows: fc.Arbitrary<Row[]> = fc.oneof(
  fc.array(anyRow, { maxLength: 120 }),
  fc.array(
    anyPeakRow.map(({ row, peak }) => ({ ...row, peak })),
    { maxLength: 60 },
  ),
)
const WINDOW = { startMs: EIGHT, endMs: EIGHT + 10 * MINUTE_MS, binMs: MINUTE_MS }

function distinct(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [`${row.node} ${row.atMs}`, row])).values()]
}

test('the figures, counts, bins and hottest nodes are those of a plain reading of the rules', () => {
  fc.assert(
    fc.property(
      anyRows,
      fc.constantFrom(0, 50, 95, 100),
      fc.constantFrom(0, 0.3, 0.7, 0.95, 1),
      (rows, p, min) => {
        const samples = asSamples(rows)
        const options = { percentile: p, minCoverage: min }
        const found = signalsIn(samples, WINDOW, options)
        const expected = naiveSignals(rows, WINDOW, options)
        const series = hotSeries(samples, WINDOW)

        expect(found.status).toBe(expected.status)
        expect(found.counts).toEqual(expected.counts)
        expect(found.coverage.presentBins).toBe(expected.presentBins)
        expect(found.max).toEqual(expected.max)
        expectClose([found.hotNodeP95, found.poolAverage], [expected.hotNodeP95, expected.poolAverage])
        expectClose(
          Array.from(series.hot, (hot) => (Number.isNaN(hot) ? null : hot)),
          expected.hot,
        )
      },
    ),
    { numRuns: 400 },
  )
})

test('the hottest node of each bin is the one that a plain reading names', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 120 }), (rows) => {
      // Whole percents at one instant a minute: averages are exact, so ties are true ties.
      const whole = rows.map((row) => ({
        ...row,
        atMs: Math.floor(row.atMs / MINUTE_MS) * MINUTE_MS,
        cpu: row.cpu === null ? null : Math.round(row.cpu / 25) * 25,
      }))
      const samples = asSamples(whole)
      const named = Array.from(hotSeries(samples, WINDOW).hotNodeAt, (at) => samples.nodes[at] ?? null)
      expect(named).toEqual(naiveSignals(whole, WINDOW).hotNodes)
    }),
    { numRuns: 300 },
  )
})

test('the order of rows changes not one bit, unless rows of one instant differ', () => {
  const shuffled = anyRows.chain((rows) => {
    const once = distinct(rows)
    return fc.tuple(fc.constant(once), fc.shuffledSubarray(once, { minLength: once.length }))
  })
  fc.assert(
    fc.property(shuffled, ([rows, others]) => {
      const [one, other] = [asSamples(rows), asSamples(others)]
      expect(signalsIn(other, WINDOW)).toEqual(signalsIn(one, WINDOW))
      const [left, right] = [hotSeries(one, WINDOW), hotSeries(other, WINDOW)]
      expect(right.hot).toEqual(left.hot)
      expect(right.average).toEqual(left.average)
      expect(Array.from(right.hotNodeAt, (at) => other.nodes[at])).toEqual(
        Array.from(left.hotNodeAt, (at) => one.nodes[at]),
      )
    }),
    { numRuns: 300 },
  )
})

test('saying all rows twice changes nothing but the count of duplicates', () => {
  fc.assert(
    fc.property(anyRows.map(distinct), (rows) => {
      const { counts, ...figures } = signalsIn(asSamples(rows), WINDOW)
      const twice = signalsIn(asSamples([...rows, ...rows]), WINDOW)
      expect(twice).toMatchObject(figures)
      expect(twice.counts).toEqual({ ...counts, nulls: counts.nulls * 2, duplicates: counts.samples })
    }),
  )
})

test('the found peak window is the one that trying every window finds', () => {
  const BIN_MS = 30 * MINUTE_MS
  const anySeries = fc.array(fc.option(fc.integer({ min: 0, max: 6 }).map((step) => step / 10)), {
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(
      anySeries,
      fc.integer({ min: 1, max: 24 }),
      fc.constantFrom(0, 0.5, 0.95),
      (values, hours, min) => {
        const rows = values.map((cpu, bin) => ({ node: 'a', cpu, atMs: EIGHT + bin * BIN_MS }))
        const options = { hours, binMs: BIN_MS, nowMs: EIGHT + values.length * BIN_MS, minCoverage: min }
        const found = findPeakWindow(asSamples(rows), options)
        const expected = naivePeakWindow(rows, options)
        expect(found && { startMs: found.startMs, endMs: found.endMs }).toEqual(expected)
        if (found) expect(found.endMs - found.startMs).toBe(hours * HOUR_MS)
      },
    ),
    { numRuns: 300 },
  )
})

function expectClose(found: (number | null)[], expected: (number | null)[]): void {
  expect(found.length).toBe(expected.length)
  for (const [at, value] of expected.entries()) {
    if (value === null) expect(found[at]).toBeNull()
    else expect(Math.abs((found[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-9)
  }
}
