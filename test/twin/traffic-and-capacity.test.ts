import { describe, expect, it } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import type { TwinFault } from '../../src/twin/twin.ts'
import { CatalogUnavailable } from '../../src/twin/twin-catalog.ts'
import { aTwin, busy, DAY_MS, empty, MINUTE_MS, moveTo, quiet, STARTS_MS, shared } from './a-twin.ts'

const role = 'registry'
const SECOND_MS = 1000

describe('traffic after a route has changed', () => {
  it('leaves the old stamp for the most part within a TTL, and to the last within 15 minutes', async () => {
    const { twin, clock } = aTwin()
    clock.ms += 10 * MINUTE_MS
    const before = await twin.traffic.residue(busy, shared)
    await moveTo(twin, busy, empty, 'k1')
    const routedMs = clock.ms

    clock.ms = routedMs + 90 * SECOND_MS
    const soon = await twin.traffic.residue(busy, shared)
    const there = await twin.traffic.residue(busy, empty)
    expect(before.inFlight).toBeGreaterThan(50)
    expect(soon.inFlight).toBeLessThan(0.3 * before.inFlight)
    expect(soon.lastRequestAtMs ?? 0).toBeGreaterThan(routedMs + 60 * SECOND_MS)
    expect(there.inFlight).toBeGreaterThan(0.7 * before.inFlight)

    clock.ms = routedMs + 60 * MINUTE_MS
    const late = await twin.traffic.residue(busy, shared)
    expect(late).toMatchObject({ inFlight: 0, openUploads: 0 })
    expect(late.lastRequestAtMs).toBeGreaterThan(routedMs + 2 * MINUTE_MS)
    expect(late.lastRequestAtMs).toBeLessThanOrEqual(routedMs + 15 * MINUTE_MS)
  })

  it('the last request only moves forward, by whole seconds, and never beyond now', async () => {
    const { twin, clock } = aTwin()
    clock.ms += 10 * MINUTE_MS + 321
    await moveTo(twin, busy, empty, 'k1')
    let last = 0
    for (let poll = 0; poll < 100; poll++) {
      clock.ms += 10 * SECOND_MS
      const { lastRequestAtMs } = await twin.traffic.residue(busy, shared)
      expect(lastRequestAtMs).toBeGreaterThanOrEqual(last)
      expect(lastRequestAtMs).toBeLessThanOrEqual(clock.ms)
      expect((lastRequestAtMs ?? 0) % SECOND_MS).toBe(0)
      last = lastRequestAtMs ?? 0
    }
  })

  it('of a nearly idle replica is its own sparse requests', async () => {
    const { twin, clock } = aTwin()
    clock.ms += 60 * MINUTE_MS
    // Requests come in bins 13, 110, 207 ... of each day.
    const { lastRequestAtMs } = await twin.traffic.residue(quiet, shared)
    const bin = Math.floor(((lastRequestAtMs ?? 0) - STARTS_MS) / MINUTE_MS)
    expect(bin).toBe(13)

    await moveTo(twin, quiet, empty, 'k1')
    clock.ms += 3 * 60 * MINUTE_MS
    expect((await twin.traffic.residue(quiet, shared)).lastRequestAtMs).toBe(lastRequestAtMs)
    expect((await twin.traffic.residue(quiet, empty)).lastRequestAtMs).toBeGreaterThan(
      STARTS_MS + 200 * MINUTE_MS,
    )
  })

  it('of a replica without any request is null', async () => {
    const { twin } = aTwin({ quietRequests: () => 0 })

    expect((await twin.traffic.residue(quiet, shared)).lastRequestAtMs).toBeNull()
  })

  it('that drains slowly is still there after an hour', async () => {
    const { twin, clock } = aTwin()
    twin.inject({ kind: 'slow-drain', replica: busy })
    await moveTo(twin, busy, empty, 'k1')
    clock.ms += 60 * MINUTE_MS
    const { inFlight, lastRequestAtMs } = await twin.traffic.residue(busy, shared)

    expect(inFlight).toBeGreaterThan(0)
    expect(clock.ms - (lastRequestAtMs ?? 0)).toBeLessThan(10 * SECOND_MS)
  })

  it('comes back when the route does', async () => {
    const { twin, clock } = aTwin()
    await moveTo(twin, busy, empty, 'k1')
    clock.ms += 30 * SECOND_MS
    await moveTo(twin, busy, shared, 'k2')
    clock.ms += 30 * MINUTE_MS

    expect((await twin.traffic.residue(busy, empty)).inFlight).toBe(0)
    expect((await twin.traffic.residue(busy, shared)).inFlight).toBeGreaterThan(50)
  })
})

describe('the nodes of a pool', () => {
  it('serve three minutes after a higher minimum asked for them, and show in telemetry', async () => {
    const { twin, clock } = aTwin()
    clock.ms += 10 * MINUTE_MS
    await twin.capacity.setMinimum({ stamp: empty, role, minNodes: 6 })
    clock.ms += MINUTE_MS
    expect(await twin.capacity.pools(empty)).toMatchObject([{ nodes: 6, readyNodes: 4, minNodes: 6 }])

    clock.ms += 3 * MINUTE_MS
    expect(await twin.capacity.pools(empty)).toMatchObject([{ nodes: 6, readyNodes: 6 }])
    const fromMs = clock.ms
    clock.ms += 2 * MINUTE_MS
    const { nodeAt } = await twin.metrics.cpu({ stamp: empty, role, fromMs, toMs: clock.ms })
    expect(new Set(nodeAt).size).toBe(6)
    expect((await twin.catalog.fleet()).regions[0]?.stamps[2]?.pools[0]).toMatchObject({
      nodes: 6,
      minNodes: 6,
    })
  })

  it('stay as the files have them while no load moves, however low the minimum', async () => {
    const { twin, clock } = aTwin({ minNodes: 1 })
    await twin.capacity.setMinimum({ stamp: shared, role, minNodes: 2 })
    clock.ms += 2 * DAY_MS

    expect(await twin.capacity.pools(shared)).toMatchObject([{ nodes: 4, readyNodes: 4, minNodes: 2 }])
  })

  it('become fewer after load has left, never below the minimum, and the rest carry the same load', async () => {
    const { twin, clock } = aTwin({ minNodes: 2 })
    await moveTo(twin, busy, empty, 'k1')
    clock.ms += DAY_MS
    const [pool] = await twin.capacity.pools(shared)
    expect(pool?.nodes).toBeLessThan(4)
    expect(pool?.nodes).toBeGreaterThanOrEqual(2)
    const { nodeAt } = await twin.metrics.cpu({
      stamp: shared,
      role,
      fromMs: clock.ms - MINUTE_MS,
      toMs: clock.ms,
    })
    expect(new Set(nodeAt).size).toBe(pool?.nodes)
  })

  it('do not become fewer than a minimum that they stand at', async () => {
    const { twin, clock } = aTwin()
    await moveTo(twin, busy, empty, 'k1')
    clock.ms += DAY_MS

    expect(await twin.capacity.pools(shared)).toMatchObject([{ nodes: 4, minNodes: 4 }])
  })

  it('become more where arriving load makes them hot', async () => {
    const { twin, clock } = aTwin({
      requests: () => 25_000,
      cpu: (_, __, stamp) => (stamp === empty ? 2 : 85),
    })
    await moveTo(twin, busy, empty, 'k1')
    await moveTo(twin, replicaId('third', 'north'), empty, 'k2')
    clock.ms += 4 * 60 * MINUTE_MS
    const [pool] = await twin.capacity.pools(empty)

    expect(pool?.nodes).toBeGreaterThan(4)
  })
})

describe('a pool of which the files hold no sample', () => {
  it('has none before the start, idle nodes behind it, and takes load', async () => {
    const { twin, clock } = aTwin({ unrecorded: empty, minNodes: 0 })
    clock.ms += 10 * MINUTE_MS
    const idle = await twin.metrics.cpu({ stamp: empty, role, fromMs: 0, toMs: clock.ms })
    expect(idle.timesMs[0]).toBe(STARTS_MS)
    expect(idle.cpuPercent.every((value) => Math.abs(value - 2) < 0.1)).toBe(true)

    await moveTo(twin, busy, empty, 'k1')
    clock.ms += 60 * MINUTE_MS
    const { cpuPercent } = await twin.metrics.cpu({
      stamp: empty,
      role,
      fromMs: clock.ms - 10 * MINUTE_MS,
      toMs: clock.ms,
    })
    expect(cpuPercent.every((value) => value > 3)).toBe(true)
  })

  it('begins without a node and serves once a minimum asked for some', async () => {
    const { twin, clock } = aTwin({ unrecorded: empty, minNodes: 0, emptyNodes: 0 })
    clock.ms += 10 * MINUTE_MS
    await twin.catalog.rebind({ replica: busy, to: empty, expectedEpoch: 1, moveKey: 'k1' })
    expect(await twin.traffic.pull(busy, empty)).toMatchObject({ ok: false })
    await twin.capacity.setMinimum({ stamp: empty, role, minNodes: 3 })
    clock.ms += 10 * MINUTE_MS

    expect(await twin.traffic.pull(busy, empty)).toMatchObject({ ok: true })
    expect(await twin.capacity.pools(empty)).toMatchObject([{ nodes: 3, readyNodes: 3 }])
    const last = { fromMs: clock.ms - MINUTE_MS, toMs: clock.ms }
    expect((await twin.metrics.cpu({ stamp: empty, role, ...last })).timesMs).toHaveLength(3)
  })
})

describe('faults', () => {
  it('a worse destination is hotter, fails requests and pulls, and recovers when its time is over', async () => {
    const { twin, clock } = aTwin()
    await moveTo(twin, busy, empty, 'k1')
    clock.ms += 30 * MINUTE_MS
    const span = (fromMs: number) => ({ fromMs, toMs: fromMs + 10 * MINUTE_MS })
    twin.inject({ kind: 'destination-worse', stamp: empty, factor: 3, untilMs: clock.ms + 10 * MINUTE_MS })
    const faultMs = clock.ms
    clock.ms += 30 * MINUTE_MS
    const mean = async (fromMs: number) => {
      const { cpuPercent } = await twin.metrics.cpu({ stamp: empty, role, ...span(fromMs) })
      return cpuPercent.reduce((sum, value) => sum + value, 0) / cpuPercent.length
    }
    const errors = async (fromMs: number) => {
      const load = await twin.metrics.load({ region: 'north', ...span(fromMs) })
      const series = load.series.find((one) => one.registry === 'busy')
      return series?.errors?.reduce((sum, value) => sum + value, 0) ?? 0
    }

    expect(await mean(faultMs)).toBeGreaterThan(2.5 * (await mean(faultMs - 10 * MINUTE_MS)))
    expect(await mean(faultMs + 10 * MINUTE_MS)).toBeLessThan(0.5 * (await mean(faultMs)))
    expect(await errors(faultMs)).toBeGreaterThan(500)
    expect(await errors(faultMs + 10 * MINUTE_MS)).toBe(0)
  })

  it('a silent stamp has neither samples nor load, and others have theirs', async () => {
    const { twin, clock } = aTwin()
    const fromMs = STARTS_MS + 10 * MINUTE_MS
    const toMs = fromMs + 20 * MINUTE_MS
    twin.inject({ kind: 'silent-source', stamp: shared, fromMs, untilMs: toMs })
    clock.ms += 60 * MINUTE_MS
    const load = await twin.metrics.load({ region: 'north', fromMs, toMs })
    const requestsOf = (name: string) => load.series.find((one) => one.registry === name)?.requests

    expect((await twin.metrics.cpu({ stamp: shared, role, fromMs, toMs })).timesMs).toHaveLength(0)
    expect((await twin.metrics.cpu({ stamp: empty, role, fromMs, toMs })).timesMs).toHaveLength(80)
    expect(requestsOf('busy')?.every(Number.isNaN)).toBe(true)
    expect(requestsOf('neighbour')?.some(Number.isNaN)).toBe(false)
    expect(
      (await twin.metrics.cpu({ stamp: shared, role, fromMs: toMs, toMs: clock.ms })).timesMs,
    ).toHaveLength(120)
  })

  it('a re-bind fails as often as was injected, changing nothing, and then works', async () => {
    const { twin } = aTwin()
    const fault: TwinFault = { kind: 'rebind-fails', times: 2 }
    twin.inject(fault)
    const move = { replica: busy, to: empty, expectedEpoch: 1, moveKey: 'k1' }

    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(twin.catalog.rebind(move)).rejects.toThrow(CatalogUnavailable)
      expect(await twin.catalog.binding(busy)).toMatchObject({ homeStamp: shared, epoch: 1 })
    }
    expect(await twin.catalog.rebind(move)).toMatchObject({ kind: 'bound' })
  })
})
