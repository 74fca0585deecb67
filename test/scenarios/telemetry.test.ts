import { ResourceGraphClient } from '@azure/arm-resourcegraph'
import { shutdownAzureMonitor } from '@azure/monitor-opentelemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAzureMonitor } from '../../src/adapters/telemetry/azure-monitor.ts'
import { LateTelemetry } from '../../src/adapters/telemetry/late-telemetry.ts'
import { OTEL_SPANS } from '../../src/adapters/telemetry/otel-spans.ts'
import { replicaId } from '../../src/domain/ids.ts'
import { METRICS } from '../../src/domain/readings.ts'
import type { PlanView } from '../../src/messages/api.ts'
import { anyCredential, wire } from '../adapters/azure/azure-client.ts'
import { AzureMonitorDouble } from '../adapters/azure-monitor-double.ts'
import { approve, awaits, gatesOf, is, madePlan } from '../support/run-steps.ts'
import { REGION } from '../support/small-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const monitor = new AzureMonitorDouble()
const graph = new ResourceGraphClient(anyCredential, {
  httpClient: wire(() => ({
    status: 200,
    body: { totalRecords: 0, count: 0, resultTruncated: 'false', data: [] },
  })),
})

let app: TestApp
let view: PlanView
beforeAll(async () => {
  // The SDK would tell its maker how it is used, from a test, too.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT = '1'
  const connectionString =
    'InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://in.example/'
  const telemetry = new LateTelemetry({
    load: async () => startAzureMonitor({ connectionString, credential: anyCredential, httpClient: monitor }),
    print: () => {},
    nowMs: Date.now,
  })
  await telemetry.publish([])
  app = await startTestApp({
    watched: { gauges: telemetry, log: telemetry.log, spans: OTEL_SPANS },
    // An activity that asks this port also asks an Azure service by its SDK.
    ports: (own) => ({
      ...own,
      interlocks: {
        between: async (asked) => {
          await graph.resources({ query: 'resources' })
          return own.interlocks.between(asked)
        },
      },
    }),
  })
  view = await madePlan(app)
  const { id, digest } = view.plan
  const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }
  expect((await app.ask('operator', 'POST', `plans/${id}/start`, { digest }, headers)).status).toBe(202)
  await approve(app, view, gatesOf(await app.until(id, awaits())))
  await app.until(id, is('completed'))
  await app.stop()
  await shutdownAzureMonitor()
}, 60_000)
afterAll(() => app.stop().catch(() => {}))

const inTrace = () =>
  monitor.of('RemoteDependencyData').filter(({ tags }) => tags['ai.operation.id'] === TRACE)
const named = (name: string) => inTrace().filter(({ data }) => data.baseData.name === name)

test('one trace leads from the request that starts a run to each activity, which names plan, gate and replica', () => {
  const rebinds = named('activity rebind')
  expect(rebinds).toHaveLength(view.plan.moves.length)
  for (const { data, tags } of rebinds) {
    expect(data.baseData.properties).toMatchObject({
      'restamp.planId': view.plan.id,
      'restamp.gate': expect.stringMatching(/^(tail|medium|top)-\d+$/),
      'restamp.replica': expect.stringContaining(`@${REGION}`),
      'restamp.direction': 'forward',
      'restamp.outcome': expect.any(String),
    })
    expect(tags['ai.operation.parentId']).toMatch(/^[\da-f]{16}$/)
  }
  expect(rebinds.map(({ data }) => data.baseData.properties?.['restamp.replica']).toSorted()).toEqual(
    view.plan.moves.map(({ registry }) => replicaId(registry, REGION)).toSorted(),
  )
})

test('what an Azure SDK is asked within an activity is a span below it', () => {
  const activities = new Set(
    inTrace().flatMap(({ data }) =>
      data.baseData.name?.startsWith('activity ') && data.baseData.id ? [data.baseData.id] : [],
    ),
  )
  const calls = named('POST /providers/Microsoft.ResourceGraph/resources')
  expect(calls.length).toBeGreaterThan(0)
  for (const { tags } of calls) expect(activities).toContain(tags['ai.operation.parentId'])
})

test('each thing that the audit tells is logged once, with fixed words and the plan and replica in fields', () => {
  const entries = monitor.of('MessageData').map(({ data }) => data.baseData)
  const rebound = entries.filter(
    ({ message, properties }) =>
      message === 'an effect is recorded' && / rebind was made$/.test(properties?.what ?? ''),
  )
  expect(rebound.map(({ properties }) => [properties?.planId, properties?.replica]).toSorted()).toEqual(
    view.plan.moves.map(({ registry }) => [view.plan.id, `${registry}@${REGION}`]).toSorted(),
  )
  expect(entries.filter(({ message }) => message === 'a run was started')).toHaveLength(1)
})

test('what is measured has the names, and no more attributes, than the table of metrics says', () => {
  const table = new Map<string, readonly string[]>(
    Object.entries(METRICS).map(([name, { by }]) => [name, by]),
  )
  const sent = monitor.of('MetricData').flatMap(({ data }) => {
    const { metrics = [], properties = {} } = data.baseData
    // The SDK tells on its own where it runs.
    const own = metrics.filter(({ name }) => name !== '_OTELRESOURCE_')
    return own.map(({ name }) => ({ name, by: Object.keys(properties).toSorted() }))
  })
  for (const { name, by } of sent) expect([name, by]).toEqual([name, table.get(name)?.toSorted()])
  expect([...new Set(sent.map(({ name }) => name))]).toEqual(
    expect.arrayContaining(['restamp.moves', 'restamp.plans', 'restamp.runs', 'restamp.scan.age']),
  )
})

test('it is sent as an identity, without any key', () => {
  expect([...monitor.tokens]).toEqual(['Bearer a-token'])
})
