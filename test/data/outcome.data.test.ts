import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type BlockSeries, learnBaseline } from '../../src/domain/baseline.ts'
import { percentile } from '../../src/domain/hot-node.ts'
import { BLOCK_MS } from '../../src/domain/outcome-blocks.ts'
import { judgeOutcome } from '../../src/domain/outcome-guard.ts'
import { poisson, seeded } from '../domain/seeded-counts.ts'

/*
 * No public series has errors of tenants, so they are made from what was measured: as many requests as a service had each
 * minute, of which 1 % fail, at random. Harder: the failing share goes up and down as another measured series does about its
 * mean of the day around. That is not how errors of a registry are distributed; it is measured unevenness, not invented one.
 */
const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const DAY = 288
const PAST = 7 * DAY
const WINDOW = 2 * DAY
/** Windows begin one or two hours apart, so that neighbours share most of their minutes. */
const HOURLY = 12
const FOUR_HOURLY = 48
/** A time of day is what is an hour to both sides of it. */
const AROUND = 12
const HALF_HOUR = 6
/** A move ends anywhere within a block, so that half an hour later five whole blocks are sure to be there. */
const BLOCKS_IN_HALF_HOUR = 5
const SHARE = 0.01
const SECONDS = 60
const MINUTE_MS = 60_000
const SMD_OFFSETS = [0, 5, 10, 15, 20]

type Series = ReadonlyMap<string, Float64Array>

/** The third column's values by the second. */
function valuesByName(file: string): ReadonlyMap<string, readonly number[]> {
  const [, ...lines] = gunzipSync(readFileSync(`${DATA}${file}`))
    .toString()
    .trim()
    .split('\n')
  const found = new Map<string, number[]>()
  for (const line of lines) {
    const [, name = '', value = ''] = line.split(',')
    const known = found.get(name) ?? []
    known.push(Number(value))
    found.set(name, known)
  }
  return found
}

/** Values of each minute, summed over blocks of five. */
function blocksByName(file: string): Series {
  const size = BLOCK_MS / MINUTE_MS
  return new Map([...valuesByName(file)].map(([name, values]) => [name, summed(values, size)]))
}

function summed(values: readonly number[], size: number): Float64Array {
  return Float64Array.from({ length: Math.floor(values.length / size) }, (_, at) =>
    values.slice(at * size, (at + 1) * size).reduce((sum, value) => sum + value, 0),
  )
}

/** A series as a multiple of its mean over the day around. */
function shapeOf(values: Float64Array): Float64Array {
  return values.map((value, at) => {
    const from = Math.max(0, Math.min(values.length - DAY, at - DAY / 2))
    const mean = values.subarray(from, from + DAY).reduce((sum, one) => sum + one, 0) / DAY
    return mean > 0 ? value / mean : 1
  })
}

interface Service {
  readonly requests: Float64Array
  readonly errors: Float64Array
  /** What failed beyond that if errors doubled. */
  readonly more: Float64Array
  readonly shape: Float64Array
}

function service(requests: Float64Array, shape: Float64Array, draw: () => number): Service {
  const length = Math.min(requests.length, shape.length)
  const fail = () =>
    Float64Array.from({ length }, (_, at) => poisson((requests[at] ?? 0) * SHARE * (shape[at] ?? 1), draw))
  return { requests: requests.slice(0, length), errors: fail(), more: fail(), shape: shape.slice(0, length) }
}

function sumOf(services: readonly Service[], length: number): Service {
  const add = (key: keyof Service) =>
    Float64Array.from({ length }, (_, at) => services.reduce((sum, one) => sum + (one[key][at] ?? 0), 0))
  return { requests: add('requests'), errors: add('errors'), more: add('more'), shape: add('shape') }
}

function cut({ requests, errors }: Service, from: number, to: number): BlockSeries {
  const startMs = from * BLOCK_MS
  return { startMs, blockMs: BLOCK_MS, count: errors.slice(from, to), of: requests.slice(from, to) }
}

/** Whether half an hour's failing share was at least twice that of the same time of day of the week before. */
function holdsDoubling({ shape }: Service, from: number): boolean {
  for (let at = from; at + HALF_HOUR <= from + WINDOW; at += HALF_HOUR / 2) {
    let now = 0
    let past = 0
    for (let block = at; block < at + HALF_HOUR; block += 1) {
      now += shape[block] ?? 0
      for (let day = 1; day <= 7; day += 1) {
        const centre = block - day * DAY
        const around = shape.subarray(Math.max(0, centre - AROUND), centre + AROUND + 1)
        past += around.reduce((sum, one) => sum + one, 0) / around.length / 7
      }
    }
    if (now >= 2 * past) return true
  }
  return false
}

interface Tally {
  windows: number
  alarms: number
  foundInHalfHour: number
  foundInHour: number
  left: number
}

/** Runs the guard over each window as it was, and with errors doubled from its first block on. */
function tallyWindows(moved: Service, unmoved: Service | null, every: number, tally: Tally): void {
  for (let from = PAST; from + WINDOW <= moved.requests.length; from += every) {
    if (holdsDoubling(moved, from)) {
      tally.left += 1
      continue
    }
    const pastUnmoved = unmoved && cut(unmoved, from - PAST, from)
    const baseline = learnBaseline(cut(moved, from - PAST, from), pastUnmoved, 0.001)
    const verdictOf = (subject: Service, blocks: number) => {
      const sinceMs = from * BLOCK_MS
      const atMs = (from + blocks) * BLOCK_MS
      const now = cut(subject, from, from + blocks)
      const controls = unmoved && cut(unmoved, from, from + blocks)
      const group = { subject: 'moved', measure: 'errors', among: 1, baseline, now, controls } as const
      return judgeOutcome({
        sinceMs,
        atMs,
        windowMs: WINDOW * BLOCK_MS,
        voids: [],
        minCoverage: 0.95,
        groups: [group],
        replicas: [],
        pools: [],
      }).verdict
    }
    const doubled = { ...moved, errors: moved.errors.map((count, at) => count + (moved.more[at] ?? 0)) }
    tally.windows += 1
    if (verdictOf(moved, WINDOW) === 'worse') tally.alarms += 1
    if (verdictOf(doubled, BLOCKS_IN_HALF_HOUR) === 'worse') tally.foundInHalfHour += 1
    if (verdictOf(doubled, 2 * HALF_HOUR - 1) === 'worse') tally.foundInHour += 1
  }
}

interface Shape {
  readonly name: string
  readonly values: Float64Array
}

/** Each service is moved once under each shape; the others of its cluster stay, each with another of the shapes. */
function tallyServices(
  { tenants, servers }: { readonly tenants: Series; readonly servers: Series },
  shapes: readonly Shape[],
  { perSecond, every }: { readonly perSecond: number; readonly every: number },
): Tally {
  const tally = { windows: 0, alarms: 0, foundInHalfHour: 0, foundInHour: 0, left: 0 }
  const draw = seeded(5)
  const requestsOf = (values: Float64Array) => values.map((rate) => rate * perSecond)
  for (const [name, rates] of [...tenants, ...servers]) {
    for (const [at, shape] of shapes.entries()) {
      const moved = service(requestsOf(rates), shape.values, draw)
      const others = tenants.has(name) ? [...tenants].filter(([other]) => other !== name) : []
      const unmoved = others.map(([, values], other) => {
        const its = shapes[(at + 3 * (other + 1)) % shapes.length]?.values ?? shape.values
        return service(requestsOf(values), its, draw)
      })
      const control = unmoved.length > 0 ? sumOf(unmoved, moved.requests.length) : null
      tallyWindows(moved, control, every, tally)
    }
  }
  return tally
}

const percent = (part: number, whole: number) =>
  `${part} of ${whole} (${((100 * part) / whole).toFixed(2)} %)`

function print(name: string, { windows, alarms, foundInHalfHour, foundInHour, left }: Tally): void {
  console.log(
    `${name}: healthy 48-h windows that alarm ${percent(alarms, windows)}, doubled errors found within 30 minutes ${percent(foundInHalfHour, windows)}, within 60 ${percent(foundInHour, windows)}; left out since errors doubled by themselves: ${left}`,
  )
}

const LIMIT_PERCENT = 70
const SPAN_MS = 6 * 3_600_000

/** Judges a pool's hottest node over windows of 48 h a day apart, six hours at a time, as the guard does. */
function tallyPool(
  hot: readonly number[],
  binMs: number,
  tally: { windows: number; alarms: number; left: number },
): void {
  const bins = SPAN_MS / binMs
  for (let from = 0; from + 8 * bins <= hot.length; from += 4 * bins) {
    const spans = Array.from({ length: 8 }, (_, span) =>
      Float64Array.from(hot.slice(from + span * bins, from + (span + 1) * bins)),
    ).map((values) => ({ values, hotNodeP95: percentile(values, 95) }))
    if (spans.some(({ hotNodeP95 }) => (hotNodeP95 ?? 100) >= LIMIT_PERCENT)) {
      tally.left += 1
      continue
    }
    const verdicts = spans.map(({ values, hotNodeP95 }) => {
      const pool = {
        subject: 'pool',
        limitPercent: LIMIT_PERCENT,
        limitWords: 'hot from',
        hot: values,
        binMs,
      }
      const rest = { endMs: SPAN_MS, judgedFrom: 0, hotNodeP95, pastHotNodeP95: null, controlsHeatedBy: null }
      const seen = { sinceMs: 0, atMs: SPAN_MS, windowMs: SPAN_MS, voids: [], minCoverage: 0.95 }
      const pools = [{ ...pool, ...rest, voidMinutes: 0 }]
      return judgeOutcome({ ...seen, groups: [], replicas: [], pools }).verdict
    })
    tally.windows += 1
    if (verdicts.includes('worse')) tally.alarms += 1
  }
}

describe.skipIf(!existsSync(DATA))('measured services, skipped where ../shared/data is not there', () => {
  const flat: Shape = { name: 'even', values: new Float64Array(12_000).fill(1) }
  const read = () => ({
    tenants: blocksByName('ms-requests-1min/tenant_requests.csv.gz'),
    servers: blocksByName('ms-requests-1min/server_requests.csv.gz'),
    machines: blocksByName('smd-cpu-1min/cpu.csv.gz'),
  })

  test('with 1 % of measured requests failing, at most 1 % of healthy windows alarm and 90 % of doublings are found in 30 minutes', () => {
    const { tenants, servers } = read()
    for (const part of [1, 10, 60]) {
      const tally = tallyServices({ tenants, servers }, [flat], { perSecond: SECONDS / part, every: HOURLY })
      print(`even errors, 1/${part} of the measured requests`, tally)
      expect(tally.alarms).toBeLessThanOrEqual(tally.windows / 100)
      // A sixtieth leaves some services a single failed request a minute: that is too little to tell within 30 minutes.
      if (part < 60) expect(tally.foundInHalfHour).toBeGreaterThanOrEqual(0.9 * tally.windows)
    }
  })

  test('with errors as uneven as measured load, at most 1 % of healthy windows alarm', () => {
    const { tenants, servers, machines } = read()
    const shapes = [...tenants, ...servers].map(([name, values]) => ({ name, values: shapeOf(values) }))
    const bursts = [...machines].flatMap(([name, values]) =>
      // Machine 2-2 idles at 0.4 % with single peaks: as a share of errors it would be none at all and then all of them.
      name === 'machine-2-2'
        ? []
        : SMD_OFFSETS.map((day) => ({ name, values: shapeOf(values).slice(day * DAY) })),
    )
    for (const [name, some] of Object.entries({
      'uneven as services': shapes,
      'uneven as servers': bursts,
    })) {
      const tally = tallyServices({ tenants, servers }, some, { perSecond: SECONDS, every: FOUR_HOURLY })
      print(name, tally)
      expect(tally.alarms).toBeLessThanOrEqual(tally.windows / 100)
    }
  }, 180_000)

  test('pools below their limit by hot-node P95 alarm in at most 1 % of windows', () => {
    const servers = [...valuesByName('smd-cpu-1min/cpu.csv.gz').values()]
    const hottest = servers[0]?.map((_, at) => Math.max(...servers.map((values) => values[at] ?? 0))) ?? []
    const machines = [...valuesByName('azure-vm-cpu-5min/cpu.csv.gz').values()]
    const tally = { windows: 0, alarms: 0, left: 0 }
    tallyPool(hottest, MINUTE_MS, tally)
    for (const machine of machines) tallyPool(machine, BLOCK_MS, tally)
    const { windows, alarms, left } = tally
    console.log(
      `hot nodes: healthy 48-h windows that alarm ${percent(alarms, windows)}; left out as hot: ${left}`,
    )
    expect(windows).toBeGreaterThan(0)
    expect(alarms).toBeLessThanOrEqual(windows / 100)
  })
})
