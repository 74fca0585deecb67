import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { MonitorClient } from '@azure/arm-monitor'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import { MetricsClient } from '@azure/monitor-query-metrics'
import { describe, expect, it } from 'vitest'
import { minimumOf, withMinimum } from '../../../src/adapters/azure/autoscale-minimum.ts'
import {
  amountOf,
  ColumnMissing,
  instantOf,
  placesIn,
  wholeTable,
} from '../../../src/adapters/azure/logs-table.ts'
import { createMonitorCpu, type LeftOut } from '../../../src/adapters/azure/monitor-cpu.ts'
import { StampId } from '../../../src/domain/ids.ts'
import { anyCredential, wire } from './azure-client.ts'

const folder = resolve(import.meta.dirname, '../../../../shared/wire')
const isThere = existsSync(folder)
if (!isThere) console.warn(`Wire payloads SKIPPED: ${folder} is not there.`)

interface Example {
  readonly parameters: { readonly batchRequest?: { readonly resourceids: readonly string[] } }
  readonly responses: Readonly<Record<string, { readonly body: object }>>
}

function example(name: string): Example {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

describe.skipIf(!isThere)('answers of the real services, skipped where ../shared/wire is not there', () => {
  it('an autoscale setting goes back with nothing changed but minimums, defaults and our tags', async () => {
    const { body } = example('capacity/autoscale-get.json').responses['200'] ?? {}
    const sent: { body?: object } = {}
    const httpClient = wire(({ method, body: text }) => {
      if (method === 'PUT') sent.body = JSON.parse(String(text))
      return { status: 200, body }
    })
    const { autoscaleSettings } = new MonitorClient(anyCredential, 's', { httpClient })
    const setting = await autoscaleSettings.get('rg', 'MySetting')
    expect(minimumOf(setting)).toMatchObject({ minNodes: 1, maxNodes: 10, epoch: 0, lastChangeKey: null })
    await autoscaleSettings.createOrUpdate('rg', 'MySetting', withMinimum(setting, 4, 'k1'))

    // The SDK writes the same instants with their milliseconds.
    const known = JSON.parse(JSON.stringify(body).replaceAll(/(\d\d:\d\d:\d\d)Z/g, '$1.000Z'))
    for (const { capacity } of known.properties.profiles)
      Object.assign(capacity, { minimum: '4', default: '4' })
    expect(sent.body).toMatchObject({
      location: known.location,
      properties: { profiles: known.properties.profiles },
    })
    expect(sent.body).toMatchObject({ tags: { ...known.tags, 'restamp-epoch': '1', 'restamp-change': 'k1' } })
  })

  it('an answer of the batch API for something else, by the quarter of an hour and full of gaps, is no CPU of ours', async () => {
    const { parameters, responses } = example('metrics/batch-with-gaps.json')
    const [resourceId = ''] = parameters.batchRequest?.resourceids ?? []
    const client = new MetricsClient('https://eastus.metrics.monitor.azure.com', anyCredential, {
      httpClient: wire(() => ({ status: 200, body: responses['200']?.body })),
    })
    const left: LeftOut[] = []
    const fromMs = Date.parse('2023-02-01T20:00:00Z')
    const stamp = StampId.parse('weu-a')
    const cpu = createMonitorCpu({
      scaleSetOf: async () => ({ resourceId, client }),
      clock: { nowMs: () => Date.parse('2023-02-03T00:00:00Z') },
      leftOut: (span) => left.push(span),
    })

    expect(
      (await cpu({ stamp, role: 'registry', fromMs, toMs: fromMs + 3 * 3_600_000 })).timesMs,
    ).toHaveLength(0)
    expect(left).toHaveLength(1)
  })

  it.each(['errors/compute-429.json'])('%s is an error of the SDK, with its status', async (name) => {
    const { responses } = example(name)
    const body = responses['429']?.body ?? responses.default?.body
    const httpClient = wire(() => ({ status: 429, headers: { 'retry-after': '17' }, body }))
    const client = new MonitorClient(anyCredential, 's', { httpClient, retryOptions: { maxRetries: 0 } })

    await expect(client.autoscaleSettings.get('rg', 'MySetting')).rejects.toMatchObject({ statusCode: 429 })
  })

  it('a recorded answer that was cut off is a partial one, and none of its rows count', async () => {
    const { Entries } = JSON.parse(readFileSync(join(folder, 'logs/recorded-partial-error.json'), 'utf8'))
    const httpClient = wire(() => ({ status: 200, body: Entries[0].ResponseBody }))
    const client = new LogsQueryClient(anyCredential, { httpClient })
    const answer = await client.queryWorkspace('w', Entries[0].RequestBody.query, { duration: 'P7D' })

    expect(wholeTable(answer)).toMatchObject({
      kind: 'incomplete',
      why: expect.stringMatching('PartialError'),
    })
  })

  it('cells come by column, counts as text too', async () => {
    const { responses } = example('logs/query.json')
    const httpClient = wire(() => ({ status: 200, body: responses['200']?.body }))
    const client = new LogsQueryClient(anyCredential, { httpClient })
    const answer = wholeTable(await client.queryWorkspace('w', 'Usage | take 10', { duration: 'PT12H' }))
    if (answer.kind !== 'whole') throw new Error(answer.why)
    const place = placesIn(answer.table, 'Usage')
    const [row = []] = answer.table.rows

    expect(instantOf(row[place('TimeGenerated')])).toBe(Date.parse('2017-08-24T06:59:59Z'))
    expect(amountOf(row[place('TotalBatches')])).toBeGreaterThanOrEqual(0)
    expect(() => place('registry')).toThrow(ColumnMissing)
  })
})
