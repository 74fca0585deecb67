import { LogsQueryClient } from '@azure/monitor-query-logs'
import { MetricsClient } from '@azure/monitor-query-metrics'
import { describe, expect, it } from 'vitest'
import { createLogsLoad, type LoadLeftOut } from '../../../src/adapters/azure/logs-load.ts'
import { createMonitorCpu } from '../../../src/adapters/azure/monitor-cpu.ts'
import { LATE_MS } from '../../../src/adapters/azure/telemetry-lateness.ts'
import { partsOf, type RegistryName, type StampId } from '../../../src/domain/ids.ts'
import type { Rebound } from '../../../src/domain/stays.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'
import { metricsContract } from '../../ports/metrics.contract.ts'
import {
  aTwin,
  busy,
  DAY_MS,
  empty,
  type FilesLike,
  MINUTE_MS,
  quiet,
  STARTS_MS,
  shared,
} from '../../twin/a-twin.ts'
import { anyCredential, type WireAnswer, wire } from './azure-client.ts'
import { LOAD_QUERY, logsServer } from './logs-server.ts'
import { metricsServer } from './metrics-server.ts'

const REGION = 'north'
const FROM_MS = STARTS_MS - DAY_MS / 2
const anHour = { region: REGION, fromMs: FROM_MS, toMs: FROM_MS + 60 * MINUTE_MS }

interface Odd extends Partial<Parameters<typeof logsServer>[0]> {
  readonly files?: FilesLike
  readonly answer?: () => WireAnswer
  readonly rebounds?: readonly Rebound[]
  /** Has no row in the workspace. */
  readonly without?: string
}

/** The twin's load as a workspace has it. */
function workspace({ files, answer, without, rebounds = [], ...odd }: Odd = {}) {
  const { twin } = aTwin(files)
  const known: Metrics['load'] = async (query) => {
    const load = await twin.metrics.load(query)
    return { ...load, series: load.series.filter(({ registry }) => registry !== without) }
  }
  const server = logsServer({ region: REGION, load: known, ...odd })
  const client = new LogsQueryClient(anyCredential, {
    httpClient: wire((request) => answer?.() ?? server.answer(request)),
    retryOptions: { maxRetries: 0 },
  })
  const left: LoadLeftOut[] = []
  const load = createLogsLoad({
    regions: [{ region: REGION, workspaceId: 'w', loadQuery: LOAD_QUERY, binMs: MINUTE_MS }],
    client,
    fleet: () => twin.catalog.fleet(),
    rebounds: async () => rebounds,
    clock: { nowMs: () => STARTS_MS + MINUTE_MS },
    leftOut: (span) => left.push(span),
  })
  return { twin, load, left, queries: server.queries }
}

metricsContract('Azure Monitor and Log Analytics', async () => {
  const { twin, load } = workspace({ idle: 'left out' })
  const resourceId = '/subscriptions/s/resourceGroups/g/providers/x/virtualMachineScaleSets/vmss'
  const server = metricsServer({ cpu: twin.metrics.cpu, poolOf: () => ({ stamp: shared, role: 'registry' }) })
  const client = new MetricsClient('https://westeurope.metrics.monitor.azure.com', anyCredential, {
    httpClient: wire(server.answer),
  })
  const scaleSetOf = async (stamp: StampId) => (stamp === shared ? { resourceId, client } : undefined)
  const cpu = createMonitorCpu({ scaleSetOf, clock: { nowMs: () => STARTS_MS }, leftOut: () => undefined })
  const { fromMs, toMs } = anHour
  return {
    metrics: { lateMs: LATE_MS, cpu, load },
    ...{ region: REGION, stamp: shared, role: 'registry', fromMs, toMs },
  }
})

const requestsOf = (load: Awaited<ReturnType<ReturnType<typeof createLogsLoad>>>, registry: RegistryName) =>
  load.series.find((series) => series.registry === registry)?.requests

describe('load from Log Analytics', () => {
  const [loud, idle] = [busy, quiet].map((replica) => partsOf(replica).registry) as [
    RegistryName,
    RegistryName,
  ]

  it('has what the region has, numbers sent as text or as numbers', async () => {
    for (const counts of ['text', 'number'] as const) {
      const { twin, load } = workspace({ counts })
      expect(await plain(load(anHour))).toEqual(await plain(twin.metrics.load(anHour)))
    }
  })

  it('a bin without a row is zero where the stamp has other rows, and missing where it has none', async () => {
    const silent = (bin: number) => (bin % 1440 < 730 ? Number.NaN : 100)
    const files = { requests: silent, quietRequests: () => 0 }
    const { load } = workspace({ idle: 'left out', files, without: 'third' })
    const whole = await load(anHour)

    expect(requestsOf(whole, loud)?.slice(0, 3)).toEqual(
      Float64Array.from([Number.NaN, Number.NaN, Number.NaN]),
    )
    expect(requestsOf(whole, loud)?.at(-1)).toBe(100)
    expect(requestsOf(whole, idle)).toBeUndefined()
  })

  it('asked for one replica alone, a bin without its row is zero since its neighbours on the stamp have rows', async () => {
    const files = { quietRequests: (bin: number) => (bin % 10 === 0 ? 5 : 0) }
    const { load, queries } = workspace({ idle: 'left out', files })
    const one = requestsOf(await load({ ...anHour, registries: [idle] }), idle)

    expect(one?.filter((value) => value === 5)).toHaveLength(6)
    expect(one?.filter((value) => value === 0)).toHaveLength(54)
    expect(queries).toHaveLength(2)
    expect(queries[0]).toContain(`| where registry in ("${idle}")`)
  })

  it('a stamp without traffic that tells of itself has zeros; before a move the one that served then is asked', async () => {
    const files = { quietRequests: (bin: number) => (bin % 10 === 0 ? 5 : 0) }
    const atMs = FROM_MS + 30 * MINUTE_MS
    const rebounds = [{ registry: idle, from: shared, to: empty, atMs }]
    for (const [heartbeats, zeros] of [
      [[empty], 54],
      [[shared], 27],
    ] as const) {
      const { twin, load } = workspace({ idle: 'left out', files, rebounds, heartbeats })
      await twin.catalog.rebind({ replica: quiet, to: empty, expectedEpoch: 1, moveKey: 'k1' })
      for (const registries of [undefined, [idle]]) {
        const one = requestsOf(await load({ ...anHour, ...(registries ? { registries } : {}) }), idle)
        expect(one?.filter((value) => value === 0)).toHaveLength(zeros)
      }
    }
  })

  it('what none of a replica’s rows tells is not zero where it has no row', async () => {
    const files = { quietRequests: (bin: number) => (bin % 10 === 0 ? 5 : 0) }
    const { load } = workspace({ idle: 'left out', files })
    const one = (await load(anHour)).series.find(({ registry }) => registry === idle)
    expect(one?.requests?.every((value) => !Number.isNaN(value))).toBe(true)
    expect(one?.cpuSeconds?.every(Number.isNaN)).toBe(true)
  })

  it('before its move a replica is judged by the stamp that served it then, though its new one was empty', async () => {
    const files = { quietRequests: (bin: number) => (bin % 10 === 0 ? 5 : 0) }
    const atMs = FROM_MS + 30 * MINUTE_MS
    const rebounds = [{ registry: idle, from: shared, to: empty, atMs }]
    const { twin, load } = workspace({ idle: 'left out', files, rebounds })
    await twin.catalog.rebind({ replica: quiet, to: empty, expectedEpoch: 1, moveKey: 'k1' })
    for (const registries of [undefined, [idle]]) {
      const one = requestsOf(await load({ ...anHour, ...(registries ? { registries } : {}) }), idle)
      expect(one?.slice(0, 30).filter((value) => value === 0)).toHaveLength(27)
      // On its new stamp it is alone: where it has no row, nothing shows that rows would have come.
      expect(one?.slice(30).filter(Number.isNaN)).toHaveLength(27)
    }
  })

  it('leaves the last five minutes out, since logs come late', async () => {
    const { load } = workspace()
    const { startMs, bins, binMs } = await load({
      region: REGION,
      fromMs: STARTS_MS - 3_600_000,
      toMs: STARTS_MS + 3_600_000,
    })

    expect(startMs + bins * binMs).toBe(STARTS_MS - 4 * MINUTE_MS)
  })

  it('asks in halves for what is too large for one answer, and has all of it then', async () => {
    const { load, left, queries, twin } = workspace({ rowsMax: 50 })

    expect(await plain(load(anHour))).toEqual(await plain(twin.metrics.load(anHour)))
    expect(left).toEqual([])
    expect(queries.length).toBeGreaterThan(4)
  })

  it('a stretch that can only be had in part is missing, never zero, and is told of', async () => {
    const { load, left } = workspace({ rowsMax: 0 })

    expect((await load(anHour)).series).toEqual([])
    expect(left.length).toBeGreaterThan(1)
    expect(left[0]?.why).toMatch(/partial: PartialError/)
  })

  it('a query without a column that it must give is an error that names it', async () => {
    const columns = [
      { name: 'timestamp', type: 'datetime' },
      { name: 'registry', type: 'string' },
    ]
    const answer = () => ({ status: 200, body: { tables: [{ name: 'PrimaryResult', columns, rows: [] }] } })
    const { load } = workspace({ answer })

    await expect(load(anHour)).rejects.toThrow(
      'the load query of north gives the columns timestamp, registry; expected pool too',
    )
  })

  it.each([
    [403, { error: { code: 'InsufficientAccessError', message: 'no role' } }],
    [429, { error: { code: 'TooManyRequests', message: 'slow down' } }],
  ])('an answer of %s is an error, not an idle region', async (status, body) => {
    const { load } = workspace({ answer: () => ({ status, body, headers: { 'retry-after': '7' } }) })

    await expect(load(anHour)).rejects.toMatchObject({ statusCode: status })
  })

  it('nobody asked for is nobody', async () => {
    const { load, queries } = workspace()

    expect((await load({ ...anHour, registries: [] })).series).toEqual([])
    expect(queries).toEqual([])
  })
})

/** Columns that are laid out when asked for, laid out. */
async function plain(load: ReturnType<ReturnType<typeof createLogsLoad>>) {
  const { series, ...grid } = await load
  const bySeries = series.map(({ registry, role, requests }) => ({
    registry,
    role,
    requests: [...(requests ?? [])],
  }))
  return { ...grid, series: bySeries.toSorted((a, b) => (a.registry < b.registry ? -1 : 1)) }
}
