import { availableParallelism } from 'node:os'
import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import { hostConfig } from '../../src/host/host-config.ts'
import { instance, start, until } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const isOver = ({ runtimeStatus }: { runtimeStatus: string }) => /Completed|Failed/.test(runtimeStatus)
const durable = (durableTask: object) => ({ extensions: { durableTask } })

describe('host.json', () => {
  it('has the defaults of the real host', () => {
    expect(hostConfig({}, {})).toMatchObject({
      functions: undefined,
      http: { routePrefix: 'api', concurrentMax: Infinity, outstandingMax: Infinity, customHeaders: {} },
      hubName: 'TestHubName',
      activitiesMax: 10 * availableParallelism(),
      orchestratorsMax: 10 * availableParallelism(),
      actionsMax: 100_000,
      versioning: { defaultVersion: null, match: 'CurrentOrOlder', otherwise: 'Reject' },
      functionTimeoutMs: 1_800_000,
      anyStateReplaceable: false,
      storeInputs: false,
      isTraced: false,
    })
  })

  it('takes the name of the site for the hub before the default', () => {
    expect(hostConfig({}, { WEBSITE_SITE_NAME: 'shop' }).hubName).toBe('shop')
    const named = durable({ hubName: 'Own%WHERE%' })
    expect(hostConfig(named, { WEBSITE_SITE_NAME: 'shop', where: 'West' }).hubName).toBe('OwnWest')
    expect(() => hostConfig(named, {})).toThrow('Setting "WHERE", named in "Own%WHERE%", is not set')
  })

  it('has names in any case, and each value can be overridden by a setting', () => {
    const file = {
      FunctionTimeout: '00:05:00',
      functions: ['a', 'b'],
      extensions: { DurableTask: { MaxConcurrentActivityFunctions: 3, tracing: { version: 'V2' } } },
    }
    expect(hostConfig(file, {})).toMatchObject({ activitiesMax: 3, functionTimeoutMs: 300_000 })
    const settings = {
      AzureFunctionsJobHost__functionTimeout: '00:10:00',
      AZUREFUNCTIONSJOBHOST__extensions__durableTask__maxConcurrentActivityFunctions: '4',
      AzureFunctionsJobHost__extensions__durableTask__tracing__distributedTracingEnabled: 'true',
      AzureFunctionsJobHost__extensions__http__routePrefix: '',
      AzureFunctionsJobHost__functions__1: 'c',
    }
    expect(hostConfig(file, settings)).toMatchObject({
      activitiesMax: 4,
      functionTimeoutMs: 600_000,
      isTraced: true,
      http: { routePrefix: '' },
      functions: ['a', 'c'],
    })
  })

  it.each([
    ['maxConcurrentActivityFunctions', 0],
    ['maxConcurrentOrchestratorFunctions', -1],
    ['maxOrchestrationActions', 1.5],
    ['maxConcurrentActivityFunctions', 'many'],
  ])('is refused when %s is %s', (name, value) => {
    expect(() => hostConfig(durable({ [name]: value }), {})).toThrow(
      `extensions.durableTask.${name} is ${value}; expected a whole number above 0`,
    )
  })
})

it.each([
  ['maxConcurrentRequests', 0],
  ['maxOutstandingRequests', -2],
])('host.json is refused when %s is %i', (name, value) => {
  expect(() => hostConfig({ extensions: { http: { [name]: value } } }, {})).toThrow(
    `extensions.http.${name} is ${value}; expected a whole number above 0, or -1`,
  )
})

describe('HTTP functions', () => {
  /** A host with one function that answers when it is let go. */
  async function slowHost(http: object) {
    const waiting: (() => void)[] = []
    const host = await smallHost({
      appDir: appFolder({ extensions: { http } }),
      load: () =>
        app.http('slow', {
          authLevel: 'anonymous',
          handler: () => new Promise((resolve) => waiting.push(() => resolve({ body: 'done' }))),
        }),
    })
    const get = async () => (await fetch(`${host.baseUrl}/api/slow`)).status
    const runs = (count: number) =>
      until(
        () => waiting.length,
        (length) => length >= count,
      )
    return { get, waiting, runs }
  }

  it('run as many at once as maxConcurrentRequests says, the others after them', async () => {
    const { get, waiting, runs } = await slowHost({ maxConcurrentRequests: 2 })
    const answers = [get(), get(), get()]
    await runs(2)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(waiting).toHaveLength(2)
    waiting[0]?.()
    await runs(3)
    for (const release of waiting) release()
    expect(await Promise.all(answers)).toEqual([200, 200, 200])
  })

  it('are answered 429 beyond maxOutstandingRequests, until there is room again', async () => {
    const { get, waiting, runs } = await slowHost({ maxOutstandingRequests: 1 })
    const first = get()
    await runs(1)
    expect(await get()).toBe(429)
    waiting[0]?.()
    expect(await first).toBe(200)
    const next = get()
    await runs(2)
    waiting[1]?.()
    expect(await next).toBe(200)
  })

  it('answer with the customHeaders of host.json, their own first', async () => {
    const customHeaders = { 'x-content-type-options': 'nosniff', 'x-own': 'host' }
    const host = await smallHost({
      appDir: appFolder({ extensions: { http: { customHeaders } } }),
      load: () =>
        app.http('own', { authLevel: 'anonymous', handler: () => ({ headers: { 'x-own': 'app' } }) }),
    })
    const { headers } = await fetch(`${host.baseUrl}/api/own`)
    expect([headers.get('x-content-type-options'), headers.get('x-own')]).toEqual(['nosniff', 'app'])
  })
})

it.each([true, false])(
  'a durable client reaches its host with localRpcEndpointEnabled %s',
  async (isEnabled) => {
    const bindings: unknown[] = []
    const host = await smallHost({
      appDir: appFolder(durable({ localRpcEndpointEnabled: isEnabled })),
      load: () => {
        // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
        df.app.orchestration('Short', function* (context) {
          return context.df.getInput()
        })
        df.app.client.http('begin', {
          authLevel: 'anonymous',
          handler: async (_request, client) => {
            bindings.push(Reflect.get(client, 'clientData'))
            return { body: await client.startNew('Short', { instanceId: 's', input: 'in' }) }
          },
        })
      },
    })
    expect(await (await fetch(`${host.baseUrl}/api/begin`)).text()).toBe('s')
    expect((await until(() => instance(host, 's'), isOver)).output).toBe('in')
    expect(bindings[0]).toMatchObject({ rpcBaseUrl: isEnabled ? expect.stringMatching(/127/) : null })
  },
)

describe('throttles', () => {
  it.each([1, 3])('let %i activities run at once', async (max) => {
    let [running, most] = [0, 0]
    const host = await smallHost({
      appDir: appFolder(durable({ maxConcurrentActivityFunctions: max })),
      load: () => {
        df.app.activity('Busy', {
          handler: async () => {
            running += 1
            most = Math.max(most, running)
            await new Promise((resolve) => setTimeout(resolve, 5))
            running -= 1
          },
        })
        df.app.orchestration('Many', function* (context) {
          yield context.df.Task.all(Array.from({ length: 9 }, () => context.df.callActivity('Busy')))
        })
      },
    })
    await start(host, 'Many', 'm', null)
    await until(() => instance(host, 'm'), isOver)
    expect(most).toBe(max)
  })

  it.each([1, 2])('let %i orchestrators run at once', async (max) => {
    let [running, most] = [0, 0]
    const host = await smallHost({
      appDir: appFolder(durable({ maxConcurrentOrchestratorFunctions: max })),
      load: () => {
        app.hook.preInvocation(async () => {
          running += 1
          most = Math.max(most, running)
          await new Promise((resolve) => setTimeout(resolve, 5))
        })
        app.hook.postInvocation(() => {
          running -= 1
        })
        // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
        df.app.orchestration('Short', function* (context) {
          return context.df.instanceId
        })
      },
    })
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    await Promise.all(ids.map((id) => start(host, 'Short', id, null)))
    for (const id of ids) expect((await until(() => instance(host, id), isOver)).output).toBe(id)
    expect(most).toBe(max)
  })

  it('count activities, children and timers against maxOrchestrationActions, waits and further attempts not', async () => {
    const host = await smallHost({
      appDir: appFolder(durable({ maxOrchestrationActions: 3 })),
      load: () => {
        let failures = 2
        df.app.activity('Flaky', {
          handler: () => {
            if (failures-- > 0) throw new Error('again')
          },
        })
        // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
        df.app.orchestration('Child', function* () {
          return 1
        })
        df.app.orchestration('Counts', function* (context) {
          const soon = new Date(context.df.currentUtcDateTime.getTime() + 1000)
          yield context.df.callActivityWithRetry('Flaky', new df.RetryOptions(1000, 3))
          yield context.df.callSubOrchestrator('Child')
          yield context.df.Task.any([context.df.createTimer(soon), context.df.waitForExternalEvent('never')])
          if (context.df.getInput() === 'more') yield context.df.callActivity('Flaky')
          return 'done'
        })
      },
    })
    await start(host, 'Counts', 'few', null)
    expect((await until(() => instance(host, 'few'), isOver)).output).toBe('done')
    await start(host, 'Counts', 'many', 'more')
    expect((await until(() => instance(host, 'many'), isOver)).runtimeStatus).toBe('Failed')
  })
})

it.each([true, false])('storeInputsInOrchestrationHistory %s decides what history shows', async (isKept) => {
  const host = await smallHost({
    appDir: appFolder(durable({ storeInputsInOrchestrationHistory: isKept })),
    load: () => {
      df.app.activity('Echo', { handler: (x: unknown) => x })
      df.app.orchestration('One', function* (context) {
        yield context.df.callActivity('Echo', { n: 1 })
      })
    },
  })
  await start(host, 'One', 'o', null)
  await until(() => instance(host, 'o'), isOver)
  const { historyEvents = [] } = await instance(host, 'o', '?showHistory=true')
  const task = historyEvents.find(({ EventType }) => EventType === 'TaskCompleted')
  expect(task?.Input).toBe(isKept ? '{"n":1}' : null)
})
