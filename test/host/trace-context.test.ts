import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { app, type HttpRequest, type InvocationContext } from '@azure/functions'
import * as df from 'durable-functions'
import { describe, expect, it, test } from 'vitest'
import { requestSpan, taskTrace } from '../../src/host/trace-context.ts'
import { instance, until } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const asked = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: 'vendor=1' }
const isOver = ({ runtimeStatus }: { runtimeStatus: string }) => /Completed|Failed/.test(runtimeStatus)

test('a span below that of a request is in its trace, and itself a new one', () => {
  const { traceParent, traceState } = requestSpan(asked)
  expect(traceParent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`))
  expect(traceParent).not.toBe(asked.traceparent)
  expect(traceState).toBe('vendor=1')
})

test.each([
  '',
  'text',
  `ff-${traceId}-00f067aa0ba902b7-01`,
  `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
])('below "%s", which is no span, begins a trace of its own', (traceparent) => {
  const { traceParent, traceState } = requestSpan({ ...asked, traceparent })
  expect(traceParent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/)
  expect(traceParent).not.toContain(traceId)
  expect(traceState).toBe('')
})

test('a trace state beyond 513 characters is dropped as a whole', () => {
  expect(taskTrace({ traceParent: 'p', traceState: 'a'.repeat(513) }).TraceState).toHaveLength(513)
  expect(taskTrace({ traceParent: 'p', traceState: 'a'.repeat(514) }).TraceState).toBeNull()
})

interface Seen {
  readonly by: string
  readonly traceParent: string | undefined
  readonly traceState: string | undefined
}

/** An app that starts an orchestration from an HTTP function and notes what trace each function was given. */
async function tracedHost(hostJson: object) {
  const seen: Seen[] = []
  const note = (by: string, { traceContext }: InvocationContext) => {
    seen.push({ by, traceParent: traceContext?.traceParent, traceState: traceContext?.traceState })
  }
  const host = await smallHost({
    appDir: appFolder(hostJson),
    load: () => {
      df.app.activity('Act', { handler: (_input, context) => note('activity', context) })
      df.app.orchestration('Child', function* (context) {
        note('child', context)
        yield context.df.callActivity('Act')
      })
      df.app.orchestration('Parent', function* (context) {
        note('parent', context)
        yield context.df.callActivity('Act')
        yield context.df.callSubOrchestrator('Child')
        if (context.df.getInput() === 'again') context.df.continueAsNew('last')
      })
      app.http('begin', {
        authLevel: 'anonymous',
        // The durable client sends these two headers as well where the app has an active OpenTelemetry span.
        handler: async (_request: HttpRequest, context) => {
          note('http', context)
          const url = `${host.baseUrl}/runtime/webhooks/durabletask/orchestrators/Parent/p?code=${host.systemKey}`
          const { traceParent = '', traceState = '' } = context.traceContext ?? {}
          const headers = { traceparent: traceParent, tracestate: traceState }
          return { status: (await fetch(url, { method: 'POST', headers, body: '"again"' })).status }
        },
      })
    },
  })
  expect((await fetch(`${host.baseUrl}/api/begin`, { headers: asked })).status).toBe(202)
  await until(() => instance(host, 'p'), isOver)
  return { host, seen }
}

const traced = {
  extensions: { durableTask: { tracing: { distributedTracingEnabled: true, version: 'V2' } } },
}
const spanOf = ({ traceParent }: Seen) => traceParent?.split('-')[2]

describe('with distributed tracing V2', () => {
  it('one trace leads from a request through start, orchestration, activity and child', async () => {
    const { seen } = await tracedHost(traced)
    expect(new Set(seen.map(({ by }) => by))).toEqual(new Set(['http', 'parent', 'activity', 'child']))
    for (const one of seen) {
      expect(one.traceParent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`))
      expect(one.traceState).toBe('vendor=1')
    }
  })

  it('an orchestration is one span in all episodes and generations, each activity and child another', async () => {
    const { seen } = await tracedHost(traced)
    const spans = (by: string) => new Set(seen.filter((one) => one.by === by).map(spanOf))
    expect(spans('parent').size).toBe(1)
    // Two generations with a child each, and two activities in each of them.
    expect(spans('child').size).toBe(2)
    expect(spans('activity').size).toBe(4)
    expect([...spans('parent')]).not.toEqual([...spans('http')])
  })

  it('the history keeps where it was started', async () => {
    const { host } = await tracedHost(traced)
    const { historyEvents = [] } = await instance(host, 'p', '?showHistory=true')
    expect(historyEvents[0]?.ParentTraceContext).toMatchObject({
      TraceParent: expect.stringMatching(new RegExp(`^00-${traceId}-`)),
      TraceState: 'vendor=1',
      Id: expect.stringMatching(new RegExp(`^00-${traceId}-`)),
    })
  })
})

describe('the durable client', () => {
  /** OpenTelemetry as an app would set it up, with the least of a context manager and a propagator. */
  function openTelemetry(): typeof import('@opentelemetry/api') {
    const otel = createRequire(createRequire(import.meta.url).resolve('durable-functions'))(
      '@opentelemetry/api',
    )
    const active = new AsyncLocalStorage()
    otel.context.setGlobalContextManager({
      active: () => active.getStore() ?? otel.ROOT_CONTEXT,
      with: (context: unknown, work: () => unknown) => active.run(context, work),
    })
    otel.propagation.setGlobalPropagator({
      inject: (context: unknown, carrier: Record<string, string>) => {
        const { traceId: trace, spanId } = otel.trace.getSpanContext(context)
        carrier.traceparent = `00-${trace}-${spanId}-01`
      },
    })
    return otel
  }

  it('leads the trace on where the app has an active span, and only there', async () => {
    const otel = openTelemetry()
    const seen = new Map<string, string | undefined>()
    const host = await smallHost({
      appDir: appFolder(traced),
      load: () => {
        // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
        df.app.orchestration('Short', function* (context) {
          seen.set(context.df.instanceId, context.traceContext?.traceParent)
        })
        df.app.client.http('begin', {
          authLevel: 'anonymous',
          handler: async (_request, client, context) => {
            const [, trace = '', spanId = ''] = context.traceContext?.traceParent?.split('-') ?? []
            const span = otel.trace.wrapSpanContext({ traceId: trace, spanId, traceFlags: 1 })
            const within = otel.trace.setSpan(otel.context.active(), span)
            await otel.context.with(within, () => client.startNew('Short', { instanceId: 'within' }))
            await client.startNew('Short', { instanceId: 'without' })
            return {}
          },
        })
      },
    })
    await fetch(`${host.baseUrl}/api/begin`, { headers: asked })
    for (const id of ['within', 'without']) await until(() => instance(host, id), isOver)
    expect(seen.get('within')).toContain(traceId)
    expect(seen.get('without')).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/)
    expect(seen.get('without')).not.toContain(traceId)
  })
})

it.each([
  [{}],
  [{ extensions: { durableTask: { tracing: { distributedTracingEnabled: true, version: 'V1' } } } }],
])('without it only HTTP functions are given a trace: %j', async (hostJson) => {
  const { host, seen } = await tracedHost(hostJson)
  for (const { by, traceParent } of seen) {
    if (by === 'http') expect(traceParent).toContain(traceId)
    else expect([by, traceParent]).toEqual([by, ''])
  }
  const { historyEvents = [] } = await instance(host, 'p', '?showHistory=true')
  expect(historyEvents[0]?.ParentTraceContext).toBeNull()
})
