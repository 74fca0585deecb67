import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aFolder } from '../adapters/files/written.ts'
import { naivePeakWindow, naiveSignals, type Row } from '../domain/naive-signals.ts'
import { runCli } from './run-cli.ts'

const { csv, gzip } = aFolder()
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The clocks go forward in Europe at 01:00 UTC of this day: no offset may care. */
const BEGIN = Date.UTC(2024, 2, 31, 0)

type Written = { readonly text: string; readonly atMs: number | null }

/** One instant, written in any of the ways of R3. */
const anyTime: fc.Arbitrary<Written> = fc
  .record({
    second: fc.integer({ min: -90, max: 7300 }),
    milli: fc.constantFrom(0, 0, 0, 1, 500, 999),
    form: fc.integer({ min: 0, max: 8 }),
    offset: fc.constantFrom(0, 60, 120, -210, 345, 840),
  })
  .map(({ second, milli, form, offset }) => {
    const atMs = BEGIN + second * 1000 + milli
    const utc = new Date(atMs).toISOString()
    const sign = offset < 0 ? '-' : '+'
    const two = (value: number) => String(value).padStart(2, '0')
    const hours = two(Math.floor(Math.abs(offset) / 60))
    const minutes = two(Math.abs(offset) % 60)
    const local = new Date(atMs + offset * MINUTE_MS).toISOString().replace('Z', '')
    const texts = [
      utc,
      utc.replace('Z', ''),
      `${local}${sign}${hours}:${minutes}`,
      `${local}${sign}${hours}${minutes}`,
      utc.replace('T', ' ').replace('Z', ''),
      utc.replace('.', ','),
      String(atMs / 1000),
      ` ${utc.toLowerCase()} `,
      `${utc.replace('Z', '')}0009Z`,
    ]
    return { text: texts[form] ?? utc, atMs }
  })
const anyBadTime: fc.Arbitrary<Written> = fc
  .constantFrom('', 'yesterday', '2024-02-30T00:00:00Z', '2024-03-31T25:00:00Z', '31/03/2024 00:10', 'NaN')
  .map((text) => ({ text, atMs: null }))

const anyValue = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.integer({ min: 0, max: 1300 }).map((value) => [String(value / 10), value / 10] as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('0', '-0', '+7.50', '1e1', ' 42 ', '.5', '99.99999999999999999', '100')
      .map((text) => [text, Number(text) + 0] as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        '',
        'null',
        'NaN',
        'nan',
        'inf',
        '-inf',
        'Infinity',
        '-0.1',
        'n/a',
        '12 %',
        '1,5',
        '0x10',
        '1e999',
      )
      .map((text) => [text, null] as const),
  },
)
const anyNode = fc.constantFrom('node-2', 'node-10', 'b', 'A', 'quoted "n", 1', '\u{1f600}', '\ufffd')

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const anyFile = fc.array(
  fc.record({
    time: fc.oneof({ weight: 30, arbitrary: anyTime }, { weight: 1, arbitrary: anyBadTime }),
    node: anyNode,
    value: anyValue,
  }),
  { minLength: 1, maxLength: 250 },
)

test('restamp signals prints the figures of a plain reading of the file, however its rows are written', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyFile,
      fc.constantFrom(30, 60, 120, 300),
      fc.constantFrom('given', 'found'),
      fc.constantFrom(0.05, 0.3, 0.95),
      fc.boolean(),
      async (rows, binSeconds, how, minCoverage, packed) => {
        const known: Row[] = rows.flatMap(({ time, node, value }) =>
          time.atMs === null ? [] : [{ atMs: time.atMs, node, cpu: value[1] }],
        )
        fc.pre(known.length > 0)
        const lines = rows.map(
          ({ time, node, value }) => `${quoted(node)},${quoted(value[0])},x,${quoted(time.text)}`,
        )
        const header = 'node,cpu_percent,note,timestamp'
        const path = packed ? gzip([header, ...lines].join('\r\n')) : csv(header, ...lines)
        const binMs = binSeconds * 1000
        const start = how === 'given' ? ['--start', new Date(BEGIN).toISOString()] : []
        const args = [
          '--hours',
          '1',
          '--bin',
          String(binSeconds),
          '--min-coverage',
          String(minCoverage),
          '--json',
        ]
        const { out, exitCode } = await runCli('signals', path, ...start, ...args)

        expect(exitCode).toBe(0)
        const sampled = known.filter(({ cpu }) => cpu !== null)
        const last = Math.max(...(sampled.length > 0 ? sampled : known).map(({ atMs }) => atMs))
        const nowMs = (Math.floor(last / binMs) + 1) * binMs
        const found = naivePeakWindow(known, { hours: 1, binMs, nowMs, minCoverage })
        const window =
          how === 'given'
            ? { startMs: BEGIN, endMs: BEGIN + HOUR_MS }
            : (found ?? { startMs: nowMs - HOUR_MS, endMs: nowMs })
        const expected = naiveSignals(known, { ...window, binMs }, { minCoverage })
        const [one] = JSON.parse(out)
        expect({ start: Date.parse(one.window.start), end: Date.parse(one.window.end) }).toEqual({
          start: window.startMs,
          end: window.endMs,
        })
        expect(one).toMatchObject({
          status: expected.status,
          coverage: {
            expectedBins: HOUR_MS / binMs,
            presentBins: expected.presentBins,
            minimum: minCoverage,
          },
          counts: { ...expected.counts, badTimestamps: rows.length - known.length },
        })
        expect(one.max && { ...one.max, at: Date.parse(one.max.at) }).toEqual(
          expected.max && {
            value: expected.max.value,
            node: expected.max.node,
            at: Math.floor(expected.max.atMs),
          },
        )
        for (const figure of ['hotNodeP95', 'poolAverage'] as const) {
          if (expected[figure] === null) expect(one[figure]).toBeNull()
          else expect(Math.abs(one[figure] - expected[figure])).toBeLessThanOrEqual(1e-9)
        }
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
