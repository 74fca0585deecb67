import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { MetricsClient } from '@azure/monitor-query-metrics'
import { describe, expect, it } from 'vitest'
import { createMonitorCpu, type LeftOut } from '../../../src/adapters/azure/monitor-cpu.ts'
import { StampId } from '../../../src/domain/ids.ts'
import { anyCredential, type WireAnswer, wire } from './azure-client.ts'

const MINUTE_MS = 60_000
const FROM_MS = Date.parse('2026-11-22T06:00:00Z')
const NOW_MS = FROM_MS + 48 * 3_600_000
const stamp = StampId.parse('weu-a')
const role = 'registry'
const SCALE_SET =
  '/subscriptions/0000/resourceGroups/rg-weu-a/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-weu-a'

/** CPU of a node at a minute since `FROM_MS`; undefined where it did not report. */
type Cpu = (node: number, minute: number) => number | undefined

/** What the batch API answers for a scale set of so many nodes: lower-case dimensions, gaps as points without a value. */
function batchAnswer(request: PipelineRequest, { nodes, cpu }: { nodes: number; cpu: Cpu }): object {
  const query = new URL(request.url).searchParams
  const startMs = Date.parse(query.get('starttime') ?? '')
  const endMs = Date.parse(query.get('endtime') ?? '')
  const top = Number(query.get('top') ?? 10)
  const data = (node: number) =>
    Array.from({ length: Math.ceil((endMs - startMs) / MINUTE_MS) }, (_, at) => {
      const atMs = startMs + at * MINUTE_MS
      const value = cpu(node, (atMs - FROM_MS) / MINUTE_MS)
      const values = value === undefined ? {} : { average: value, maximum: value + 1 }
      return { timeStamp: new Date(atMs).toISOString().replace('.000Z', 'Z'), ...values }
    })
  return {
    values: [
      {
        starttime: query.get('starttime'),
        endtime: query.get('endtime'),
        interval: query.get('interval'),
        namespace: 'microsoft.compute/virtualmachinescalesets',
        resourceregion: 'westeurope',
        resourceid: SCALE_SET.toLowerCase(),
        value: [
          {
            id: `${SCALE_SET}/providers/Microsoft.Insights/metrics/Percentage CPU`,
            type: 'Microsoft.Insights/metrics',
            name: { value: 'Percentage CPU', localizedValue: 'Percentage CPU' },
            unit: 'Percent',
            errorCode: 'Success',
            timeseries: Array.from({ length: Math.min(nodes, top) }, (_, node) => ({
              metadatavalues: [
                { name: { value: 'vmname', localizedValue: 'vmname' }, value: `vmss-weu-a_${node}` },
              ],
              data: data(node),
            })),
          },
        ],
      },
    ],
  }
}

function monitor(answer: (request: PipelineRequest) => WireAnswer) {
  const requests: URL[] = []
  const httpClient = wire((request) => {
    requests.push(new URL(request.url))
    return answer(request)
  })
  const client = new MetricsClient('https://westeurope.metrics.monitor.azure.com', anyCredential, {
    httpClient,
    retryOptions: { maxRetries: 0 },
  })
  const left: LeftOut[] = []
  const cpu = createMonitorCpu({
    scaleSetOf: async (_stamp, of) => (of === role ? { resourceId: SCALE_SET, client } : undefined),
    clock: { nowMs: () => NOW_MS },
    leftOut: (span) => left.push(span),
  })
  return { cpu, requests, left }
}

const wholeOf = (nodes: number, cpu: Cpu = (node) => 10 + node) =>
  monitor((request) => ({ status: 200, body: batchAnswer(request, { nodes, cpu }) }))

/** An answer with one thing about its only result, or about its metric, other than it should be. */
function oddly(result: object, metric: object = {}) {
  return monitor((request) => {
    const whole = JSON.parse(JSON.stringify(batchAnswer(request, { nodes: 3, cpu: () => 50 })))
    Object.assign(whole.values[0], result)
    Object.assign(whole.values[0].value[0], metric)
    return { status: 200, body: whole }
  })
}

const anHour = { stamp, role, fromMs: FROM_MS, toMs: FROM_MS + 60 * MINUTE_MS }

describe('CPU from Azure Monitor', () => {
  it('has every node of a stamp of more than ten', async () => {
    const { cpu, left } = wholeOf(37)
    const samples = await cpu(anHour)

    expect(samples.nodes).toHaveLength(37)
    expect(samples.timesMs).toHaveLength(37 * 60)
    expect(samples.cpuPercentMax?.[0]).toBe((samples.cpuPercent[0] ?? 0) + 1)
    expect(left).toEqual([])
  })

  it('asks for each node by the minute, average and greatest, a day at a time', async () => {
    const { cpu, requests } = wholeOf(1)
    await cpu({ ...anHour, toMs: FROM_MS + 30 * 3_600_000 })

    expect(requests.map(({ searchParams }) => searchParams.get('starttime'))).toEqual([
      '2026-11-22T06:00:00.000Z',
      '2026-11-23T06:00:00.000Z',
    ])
    const query = Object.fromEntries(requests[0]?.searchParams ?? [])
    expect(query).toMatchObject({
      interval: 'PT1M',
      metricnames: 'Percentage CPU',
      aggregation: 'average,maximum',
      filter: "VMName eq '*'",
    })
    expect(Number(query.top)).toBeGreaterThanOrEqual(1000)
  })

  it('keeps a gap as a gap', async () => {
    const { cpu } = wholeOf(2, (node, minute) => (node === 1 && minute < 30 ? undefined : 0))
    const samples = await cpu(anHour)

    expect(samples.timesMs).toHaveLength(60 + 30)
    expect([...samples.cpuPercent].every((value) => value === 0)).toBe(true)
  })

  it('leaves the last five minutes out, since nodes report late', async () => {
    const { cpu } = wholeOf(1)
    const samples = await cpu({ stamp, role, fromMs: NOW_MS - 60 * MINUTE_MS, toMs: NOW_MS })

    expect(samples.timesMs).toHaveLength(55)
    expect(samples.timesMs.at(-1)).toBe(NOW_MS - 6 * MINUTE_MS)
  })

  it('puts samples in order of time, whatever the order of the answer', async () => {
    const { cpu } = wholeOf(3)
    const { timesMs } = await cpu(anHour)

    expect([...timesMs]).toEqual([...timesMs].toSorted((a, b) => a - b))
  })

  it.each([
    ['another interval', oddly({ interval: 'PT5M' }), /by PT5M, not by PT1M/],
    [
      'an error code beside data',
      oddly({}, { errorCode: 'InvalidSamplingType', errorMessage: 'no such' }),
      /InvalidSamplingType: no such/,
    ],
    ['another scale set', oddly({ resourceid: `${SCALE_SET}0` }), /0 results for the scale set/],
    [
      'a series without a name',
      oddly({}, { timeseries: [{ metadatavalues: [], data: [] }] }),
      /names no node/,
    ],
  ])('leaves out, and tells of, an answer with %s', async (_what, { cpu, left }, why) => {
    expect((await cpu(anHour)).timesMs).toHaveLength(0)
    expect(left).toEqual([{ ...anHour, why: expect.stringMatching(why) }])
  })

  it('leaves out what may have been cut off', async () => {
    const { cpu, left } = wholeOf(1000)

    expect((await cpu(anHour)).timesMs).toHaveLength(0)
    expect(left[0]?.why).toMatch(/cut off at 1000 nodes/)
  })

  it('no nodes is no samples', async () => {
    expect((await wholeOf(0).cpu(anHour)).timesMs).toHaveLength(0)
  })

  it('being throttled is an error, not an idle stamp', async () => {
    const { cpu } = monitor(() => ({
      status: 429,
      headers: { 'retry-after': '7' },
      body: { error: { code: 'TooManyRequests', message: 'slow down' } },
    }))

    await expect(cpu(anHour)).rejects.toMatchObject({ statusCode: 429 })
  })

  it('a pool that nobody mapped has no samples', async () => {
    const { cpu, requests } = wholeOf(1)

    expect((await cpu({ ...anHour, role: 'dataproxy' })).timesMs).toHaveLength(0)
    expect(requests).toEqual([])
  })
})
