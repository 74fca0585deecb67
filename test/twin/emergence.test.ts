import { describe, expect, it } from 'vitest'
import { findPeakWindow, signalsIn } from '../../src/domain/hot-node.ts'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import { workedExample } from '../../src/twin/worked-example.ts'
import { DAY_MS, HandClock, MINUTE_MS, moveTo } from './a-twin.ts'

const SEED = 1
const CUSTOMER_REPLICAS = 40
const TAIL = 30
const TOP = 4
const DAYS = 9

const POOLS = [
  ['weu-a', 'registry'],
  ['weu-a', 'dataproxy'],
  ['weu-b', 'registry'],
  ['weu-b', 'dataproxy'],
] as const
const ALL_POOLS = [...POOLS, ['weu-c', 'registry'], ['weu-c', 'dataproxy'], ['weu-d', 'registry']] as const

interface Row {
  readonly before: number
  readonly after: number
  readonly change: number
  readonly maxBefore: number
  readonly maxAfter: number
  readonly average: number
}

const files = workedExample({ seed: SEED, metered: false })
const byTraffic = customerByTraffic()

/** Moves some of the customer's registries to C and compares the peak windows of before and `DAYS` later. */
async function tableAfter(registries: readonly string[]): Promise<ReadonlyMap<string, Row>> {
  const clock = new HandClock(0)
  const twin = createTwin({ files, database: ':memory:', clock, seed: SEED })
  clock.ms = twin.startsAtMs + 95 * MINUTE_MS
  for (const registry of registries) {
    await moveTo(twin, replicaId(registry, files.region), StampId.parse('weu-c'), `move-${registry}`)
  }
  clock.ms = twin.startsAtMs + DAYS * DAY_MS
  const rows = new Map<string, Row>()
  for (const [stamp, role] of ALL_POOLS) rows.set(`${stamp}/${role}`, await rowOf(twin, stamp, role))
  twin.close()
  return rows
}

async function rowOf(twin: Twin, stamp: string, role: string): Promise<Row> {
  const toMs = twin.startsAtMs
  const pool = { stamp: StampId.parse(stamp), role }
  const day = await twin.metrics.cpu({ ...pool, fromMs: toMs - DAY_MS, toMs })
  const window = findPeakWindow(day, { hours: 12, binMs: MINUTE_MS, nowMs: toMs, minCoverage: 0.95 })
  if (!window) throw new Error(`${stamp}/${role} has no peak window`)
  const shiftMs = DAYS * DAY_MS
  const later = { ...window, startMs: window.startMs + shiftMs, endMs: window.endMs + shiftMs }
  const before = signalsIn(day, window)
  const after = signalsIn(
    await twin.metrics.cpu({ ...pool, fromMs: later.startMs, toMs: later.endMs }),
    later,
  )
  const [p95, p95After] = [before.hotNodeP95 ?? Number.NaN, after.hotNodeP95 ?? Number.NaN]
  return {
    before: p95,
    after: p95After,
    change: 100 * (p95After / p95 - 1),
    maxBefore: before.max?.value ?? Number.NaN,
    maxAfter: after.max?.value ?? Number.NaN,
    average: before.poolAverage ?? Number.NaN,
  }
}

function customerByTraffic(): string[] {
  const requests = new Map<string, number>()
  for (const { registry, requests: column } of files.load.series) {
    const sum = column?.reduce((total, value) => total + value, 0) ?? 0
    requests.set(registry, (requests.get(registry) ?? 0) + sum)
  }
  return files.fleet.registries
    .filter((registry) => registry.customer === 'contoso')
    .map((registry) => registry.name)
    .toSorted((a, b) => (requests.get(b) ?? 0) - (requests.get(a) ?? 0))
}

function get(rows: ReadonlyMap<string, Row>, [stamp, role]: readonly [string, string]): Row {
  const row = rows.get(`${stamp}/${role}`)
  if (!row) throw new Error(`no row of ${stamp}/${role}`)
  return row
}

describe(`the worked example, seed ${SEED}`, () => {
  it('before the move nothing is hot, and Max, hot-node P95 and average disagree', async () => {
    const rows = await tableAfter([])

    for (const pool of ALL_POOLS) expect(get(rows, pool).before).toBeLessThan(70)
    const dataproxy = get(rows, ['weu-a', 'dataproxy'])
    expect(Math.abs(dataproxy.before - 43)).toBeLessThan(0.7)
    expect(Math.abs(dataproxy.maxBefore - 96)).toBeLessThan(1)
    expect(dataproxy.average).toBeLessThan(0.65 * dataproxy.before)
  })

  it('with no move all changes are 0', async () => {
    const rows = await tableAfter([])

    for (const pool of ALL_POOLS) {
      expect(Math.abs(get(rows, pool).change)).toBeLessThan(1)
      expect(Math.abs(get(rows, pool).after - get(rows, pool).before)).toBeLessThan(0.5)
      expect(Math.abs(get(rows, pool).maxAfter - get(rows, pool).maxBefore)).toBeLessThan(1)
    }
  })

  it('with only the tail moved all changes are under 1 point', async () => {
    const rows = await tableAfter(byTraffic.slice(-TAIL))

    for (const pool of POOLS) {
      expect(Math.abs(get(rows, pool).change)).toBeLessThan(1)
      expect(Math.abs(get(rows, pool).maxAfter - get(rows, pool).maxBefore)).toBeLessThan(1)
    }
  })

  it('the four top talkers give at least 90 % of each drop', async () => {
    const all = await tableAfter(byTraffic)
    const top = await tableAfter(byTraffic.slice(0, TOP))

    for (const pool of POOLS) {
      const drop = get(all, pool).before - get(all, pool).after
      expect(get(top, pool).before - get(top, pool).after).toBeGreaterThan(0.9 * drop)
    }
  })

  it('with all 40 moved the published changes come out', async () => {
    expect(byTraffic).toHaveLength(CUSTOMER_REPLICAS)
    const rows = await tableAfter(byTraffic)
    const changes = POOLS.map((pool) => get(rows, pool).change)
    const points = POOLS.map((pool) => get(rows, pool).maxAfter - get(rows, pool).maxBefore)

    for (const [at, published] of [-7, -34, -33, -44].entries()) {
      expect(Math.abs((changes[at] ?? Number.NaN) - published)).toBeLessThan(0.7)
    }
    for (const [at, published] of [0, -32, -3, -5].entries()) {
      expect(Math.abs((points[at] ?? Number.NaN) - published)).toBeLessThan(0.7)
    }
    expect(Math.abs(get(rows, ['weu-a', 'dataproxy']).after - 28.5)).toBeLessThan(0.7)
    for (const role of ['registry', 'dataproxy']) expect(get(rows, ['weu-c', role]).after).toBeLessThan(60)
    expect(Math.abs(get(rows, ['weu-d', 'registry']).change)).toBeLessThan(1)
  })
})

describe('who has the load of the worked example', () => {
  it('the top four have 96.7 % of the customer’s requests and the tail at most 1 %', () => {
    const requests = byTraffic.map((name) =>
      files.load.series
        .filter((series) => series.registry === name)
        .reduce((sum, series) => sum + (series.requests?.reduce((total, value) => total + value, 0) ?? 0), 0),
    )
    const total = requests.reduce((sum, value) => sum + value, 0)
    const share = (part: readonly number[]) => (100 * part.reduce((sum, value) => sum + value, 0)) / total

    expect(share(requests.slice(0, TOP))).toBeCloseTo(96.7, 1)
    expect(share(requests.slice(-TAIL))).toBeLessThan(1)
  })

  it('another seed gives other files with the same story', async () => {
    const again = workedExample({ seed: SEED, metered: false })
    const elsewhere = workedExample({ seed: SEED + 1, metered: true })

    expect(again.cpu[0]?.samples.cpuPercent).toEqual(files.cpu[0]?.samples.cpuPercent)
    expect(elsewhere.cpu[0]?.samples.cpuPercent).not.toEqual(files.cpu[0]?.samples.cpuPercent)
    expect(elsewhere.load.series.every((series) => series.cpuSeconds !== null)).toBe(true)
  })
})
