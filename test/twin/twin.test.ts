import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StampId } from '../../src/domain/ids.ts'
import { TwinMismatch } from '../../src/twin/effect-log.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import {
  aTwin,
  busy,
  DAY_MS,
  empty,
  HandClock,
  MINUTE_MS,
  moveTo,
  quiet,
  STARTS_MS,
  shared,
  someFiles,
} from './a-twin.ts'

const role = 'registry'

async function meanCpu(twin: Twin, stamp: StampId, fromMs: number, toMs: number): Promise<number> {
  const { cpuPercent } = await twin.metrics.cpu({ stamp, role, fromMs, toMs })
  return cpuPercent.reduce((sum, value) => sum + value, 0) / cpuPercent.length
}

/** CPU time rather than time that passed: other tests may run beside this one. */
function cpuMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

describe('the telemetry of a twin', () => {
  it('before the start is exactly that of the files', async () => {
    const { twin, files } = aTwin({ cpu: (bin, node) => (bin % 7 === node ? Number.NaN : bin / 20 + node) })
    for (const { stamp, samples } of files.cpu) {
      const before = await twin.metrics.cpu({
        stamp: stamp as StampId,
        role,
        fromMs: 0,
        toMs: twin.startsAtMs,
      })
      expect(before.timesMs).toEqual(samples.timesMs)
      expect(before.cpuPercent).toEqual(samples.cpuPercent)
      expect([...before.nodeAt].map((at) => before.nodes[at])).toEqual(
        [...samples.nodeAt].map((at) => samples.nodes[at]),
      )
    }
    const load = await twin.metrics.load({
      region: 'north',
      fromMs: files.load.startMs,
      toMs: twin.startsAtMs,
    })
    expect(load).toEqual(files.load)
  })

  it('does not show the future', async () => {
    const { twin, clock } = aTwin()
    clock.ms += 90 * MINUTE_MS + 30_000
    const { timesMs } = await twin.metrics.cpu({
      stamp: shared,
      role,
      fromMs: STARTS_MS,
      toMs: STARTS_MS + DAY_MS,
    })
    const load = await twin.metrics.load({ region: 'north', fromMs: STARTS_MS, toMs: STARTS_MS + DAY_MS })

    expect(timesMs.at(-1)).toBe(STARTS_MS + 89 * MINUTE_MS)
    expect(load.bins).toBe(90)
  })

  it('repeats the files from day to day with a little noise while nothing is moved', async () => {
    const { twin, clock, files } = aTwin()
    clock.ms += 5 * DAY_MS
    const day = await twin.metrics.cpu({
      stamp: shared,
      role,
      fromMs: STARTS_MS + 3 * DAY_MS,
      toMs: STARTS_MS + 4 * DAY_MS,
    })
    const recorded = files.cpu.find((cpu) => cpu.stamp === shared)?.samples.cpuPercent ?? new Float64Array(0)

    expect(day.cpuPercent).toHaveLength(recorded.length)
    expect(day.cpuPercent).not.toEqual(recorded)
    expect(day.cpuPercent.every((value, at) => Math.abs(value - (recorded[at] ?? 0)) < 1)).toBe(true)
  })

  it('repeats a gap of the files as a gap', async () => {
    const { twin, clock } = aTwin({ cpu: (bin) => (bin >= 600 && bin < 620 ? Number.NaN : 30) })
    clock.ms += 2 * DAY_MS
    const fromMs = STARTS_MS + 600 * MINUTE_MS
    const gap = await twin.metrics.cpu({ stamp: shared, role, fromMs, toMs: fromMs + 20 * MINUTE_MS })

    expect(gap.cpuPercent.some((value) => !Number.isNaN(value))).toBe(false)
  })

  it('repeats the recorded span where less than a day is recorded', async () => {
    const { twin, clock } = aTwin({ minutes: 1000, cpu: (bin) => 10 + bin / 50 })
    clock.ms += 2 * DAY_MS
    const day = await twin.metrics.cpu({
      stamp: shared,
      role,
      fromMs: STARTS_MS,
      toMs: STARTS_MS + DAY_MS,
    })
    const first = await meanCpu(twin, shared, STARTS_MS, STARTS_MS + MINUTE_MS)
    const sameTime = await meanCpu(twin, shared, STARTS_MS + 440 * MINUTE_MS, STARTS_MS + 441 * MINUTE_MS)

    expect(new Set(day.timesMs).size).toBe(1440)
    expect(first).toBeCloseTo(10, 0)
    expect(sameTime).toBeCloseTo(10, 0)
    expect(await meanCpu(twin, shared, STARTS_MS + 1439 * MINUTE_MS, STARTS_MS + DAY_MS)).toBeCloseTo(30, 0)
  })

  it('goes from the old stamp to the new one as traffic does', async () => {
    const { twin, clock } = aTwin()
    clock.ms += 60 * MINUTE_MS
    const before = await meanCpu(twin, shared, clock.ms - 30 * MINUTE_MS, clock.ms)
    const idle = await meanCpu(twin, empty, clock.ms - 30 * MINUTE_MS, clock.ms)
    await moveTo(twin, busy, empty, 'k1')
    const fromMs = clock.ms + 15 * MINUTE_MS
    clock.ms += 60 * MINUTE_MS

    expect(await meanCpu(twin, shared, fromMs, clock.ms)).toBeLessThan(0.75 * before)
    expect(await meanCpu(twin, empty, fromMs, clock.ms)).toBeGreaterThan(2 * idle)
  })

  it('of a replica that is bound elsewhere but not routed there does not change', async () => {
    const { twin, clock } = aTwin()
    const untouched = aTwin({ clock }).twin
    clock.ms += 10 * MINUTE_MS
    await twin.catalog.rebind({ replica: busy, to: empty, expectedEpoch: 1, moveKey: 'k1' })
    clock.ms += 60 * MINUTE_MS
    const query = { stamp: shared, role, fromMs: STARTS_MS, toMs: clock.ms }

    expect(await twin.metrics.cpu(query)).toEqual(await untouched.metrics.cpu(query))
    expect(await twin.traffic.pull(busy, empty)).toMatchObject({ ok: true })
    expect(await twin.traffic.residue(busy, empty)).toMatchObject({ lastRequestAtMs: null })
  })

  it('near the end of 20,000 minutes and many moves costs less than a second', async () => {
    const { twin, clock } = aTwin()
    for (let hour = 0; hour < 40; hour++) {
      clock.ms += 60 * MINUTE_MS
      await moveTo(twin, quiet, hour % 2 === 0 ? empty : shared, `k${hour}`)
    }
    clock.ms = STARTS_MS + 20_000 * MINUTE_MS
    const started = process.cpuUsage()
    await twin.metrics.cpu({ stamp: shared, role, fromMs: STARTS_MS, toMs: clock.ms })
    await twin.capacity.pools(shared)
    expect(cpuMsSince(started)).toBeLessThan(1000)

    const again = process.cpuUsage()
    await twin.metrics.cpu({ stamp: shared, role, fromMs: clock.ms - DAY_MS, toMs: clock.ms })
    expect(cpuMsSince(again)).toBeLessThan(100)
  })
})

describe('the file of a twin', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'restamp-twin-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('gives the same region again after a restart', async () => {
    const database = join(folder, 'twin.sqlite')
    const clock = new HandClock()
    const first = aTwin({ database, clock }).twin
    clock.ms += 17 * MINUTE_MS
    await moveTo(first, busy, empty, 'k1')
    clock.ms += 30 * MINUTE_MS
    await first.capacity.setMinimum({ stamp: empty, role, minNodes: 6 })
    first.inject({ kind: 'rebind-fails', times: 1, replica: quiet })
    clock.ms += 2 * DAY_MS
    const seen = await lookAt(first, clock.ms)
    first.close()

    const second = aTwin({ database, clock }).twin
    expect(await lookAt(second, clock.ms)).toEqual(seen)
    expect(await second.catalog.binding(busy)).toMatchObject({
      homeStamp: empty,
      epoch: 2,
      lastMoveKey: 'k1',
    })
    second.close()
  })

  it('is refused for other files or another seed', () => {
    const database = join(folder, 'twin.sqlite')
    aTwin({ database }).twin.close()

    expect(() => aTwin({ database, seed: 2 })).toThrow(TwinMismatch)
    expect(() => aTwin({ database, nodes: 5 })).toThrow(/other files or another seed/)
  })

  it('is refused in one sentence when it is no database or another program’s', () => {
    const text = join(folder, 'notes.txt')
    writeFileSync(text, 'these are notes, and there are more than a hundred bytes of them; '.repeat(20))
    const foreign = join(folder, 'foreign.sqlite')
    const other = new DatabaseSync(foreign)
    other.exec('CREATE TABLE theirs (id INTEGER)')
    other.close()

    expect(() => aTwin({ database: text })).toThrow(/is no SQLite database/)
    expect(() => aTwin({ database: foreign })).toThrow(/another program's database/)
  })

  it('is refused while another twin has it open', () => {
    const database = join(folder, 'twin.sqlite')
    const { twin } = aTwin({ database })

    expect(() => aTwin({ database })).toThrow(/is locked by another process/)
    twin.close()
    aTwin({ database }).twin.close()
  })

  it('needs CPU samples or load to begin with', () => {
    const files = someFiles()
    const none = { ...files, cpu: [], load: { startMs: 0, binMs: MINUTE_MS, bins: 0, series: [] } }

    expect(() => createTwin({ files: none, database: ':memory:', clock: new HandClock(), seed: 1 })).toThrow(
      /neither CPU samples nor load/,
    )
  })

  async function lookAt(twin: Twin, nowMs: number): Promise<unknown> {
    const span = { fromMs: STARTS_MS - DAY_MS, toMs: nowMs }
    return {
      shared: await twin.metrics.cpu({ stamp: shared, role, ...span }),
      empty: await twin.metrics.cpu({ stamp: empty, role, ...span }),
      load: await twin.metrics.load({ region: 'north', ...span }),
      residue: await twin.traffic.residue(busy, shared),
      pools: await twin.capacity.pools(empty),
      fleet: await twin.catalog.fleet(),
    }
  }
})
