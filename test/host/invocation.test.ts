import { app, type InvocationContext, type LogHookContext } from '@azure/functions'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import type { HostOptions } from '../../src/host/host.ts'
import { instance, start, until } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const hourMs = 3_600_000
const never = () => new Promise<never>(() => {})
const isOver = ({ runtimeStatus }: { runtimeStatus: string }) => /Completed|Failed/.test(runtimeStatus)

/** A host whose error lines are kept. */
async function loggingHost(options: Partial<HostOptions> & Pick<HostOptions, 'load'>) {
  const errors: string[] = []
  const host = await smallHost({
    log: ({ level, message }) => void (level === 'error' && errors.push(message)),
    ...options,
  })
  return { host, errors }
}

describe('functionTimeout', () => {
  const appDir = () => appFolder({ functionTimeout: '00:00:01' })

  it('fails an activity with one blank before the text of the real host', async () => {
    const { host, errors } = await loggingHost({
      appDir: appDir(),
      load: () => {
        df.app.activity('Endless', { handler: never })
        df.app.orchestration('Calls', function* (context) {
          try {
            yield context.df.callActivity('Endless')
            return ''
          } catch (error) {
            return error instanceof Error ? error.message : ''
          }
        })
      },
    })
    await start(host, 'Calls', 'c', null)
    expect((await until(() => instance(host, 'c'), isOver)).output).toBe(
      "Activity function 'Endless' failed: Timeout value of 00:00:01 was exceeded by function: Functions.Endless \n ",
    )
    expect(errors.join()).toMatch(
      /^Timeout value of 00:00:01 exceeded by function 'Functions.Endless' \(Id: '[\da-f-]{36}'\)\.$/,
    )
  })

  it('answers 500 for an HTTP function, and what comes later goes nowhere', async () => {
    let release = (_: object) => {}
    const { host } = await loggingHost({
      appDir: appDir(),
      load: () =>
        app.http('slow', {
          authLevel: 'anonymous',
          handler: () => new Promise<object>((resolve) => (release = resolve)),
        }),
    })
    const response = await fetch(`${host.baseUrl}/api/slow`)
    release({ body: 'late' })
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('')
  })

  it('ends a run of a timer function, whose schedule goes on', async () => {
    let runs = 0
    const { host, errors } = await loggingHost({
      appDir: appDir(),
      clock: 'real',
      load: () => app.timer('hourly', { schedule: '0 0 * * * *', handler: () => ++runs === 1 && never() }),
    })
    await host.clock.advance(hourMs)
    await host.whenIdle()
    await host.clock.advance(hourMs)
    expect(runs).toBe(2)
    expect(errors.join()).toContain('Functions.hourly')
  })

  it('is no limit with -1, and half an hour where nothing is said', async () => {
    const limited = appFolder({ functionTimeout: '00:00:01' })
    const settings = { AzureFunctionsJobHost__functionTimeout: '-1' }
    const load = () =>
      app.http('slow', {
        authLevel: 'anonymous',
        handler: () => new Promise((resolve) => setTimeout(resolve, 1300, { body: 'there' })),
      })
    for (const options of [{ appDir: limited, settings }, { appDir: appFolder() }]) {
      const { host } = await loggingHost({ ...options, load })
      expect(await (await fetch(`${host.baseUrl}/api/slow`)).text()).toBe('there')
    }
  })

  it.each(['00:00:00.5', 'soon', '-00:01:00'])('may not be %s', async (functionTimeout) => {
    await expect(smallHost({ appDir: appFolder({ functionTimeout }), load: () => {} })).rejects.toThrow(
      `functionTimeout is "${functionTimeout}"; expected a time span of 00:00:01 or more`,
    )
  })
})

describe('retry options', () => {
  it('of host.json are those of timer functions that have none of their own', async () => {
    const runs = { plain: 0, own: 0 }
    const fail = (name: keyof typeof runs) => () => {
      runs[name] += 1
      throw new Error('not now')
    }
    const { host } = await loggingHost({
      appDir: appFolder({
        retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: '00:00:05' },
      }),
      clock: 'real',
      load: () => {
        app.timer('plain', { schedule: '0 0 * * * *', handler: fail('plain') })
        app.timer('own', {
          schedule: '0 0 * * * *',
          retry: { strategy: 'fixedDelay', maxRetryCount: 1, delayInterval: { seconds: 5 } },
          handler: fail('own'),
        })
      },
    })
    await host.clock.advance(hourMs + 60_000)
    expect(runs).toEqual({ plain: 4, own: 2 })
  })

  it('with exponential backoff wait twice as long each time, up to the longest', async () => {
    const at: number[] = []
    const { host } = await loggingHost({
      clock: 'real',
      load: ({ clock }) =>
        app.timer('flaky', {
          schedule: '0 0 * * * *',
          retry: {
            strategy: 'exponentialBackoff',
            maxRetryCount: 4,
            minimumInterval: { seconds: 10 },
            maximumInterval: { seconds: 30 },
          },
          handler: () => {
            at.push(clock.nowMs())
            throw new Error('not now')
          },
        }),
    })
    await host.clock.advance(hourMs + 300_000)
    const waits = at.slice(1).map((ms, i) => Math.round((ms - (at[i] ?? 0)) / 1000))
    expect(waits).toEqual([10, 20, 30, 30])
  })

  it('leave activities and HTTP functions alone', async () => {
    const runs = { activity: 0, http: 0 }
    const { host } = await loggingHost({
      appDir: appFolder({
        retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: '00:00:00' },
      }),
      load: () => {
        app.http('failing', {
          authLevel: 'anonymous',
          handler: () => {
            runs.http += 1
            throw new Error('no')
          },
        })
        df.app.activity('Fails', {
          handler: () => {
            runs.activity += 1
            throw new Error('no')
          },
        })
        df.app.orchestration('Calls', function* (context) {
          yield context.df.callActivity('Fails')
        })
      },
    })
    expect((await fetch(`${host.baseUrl}/api/failing`)).status).toBe(500)
    await start(host, 'Calls', 'c', null)
    await until(() => instance(host, 'c'), isOver)
    expect(runs).toEqual({ activity: 1, http: 1 })
  })
})

describe('hooks', () => {
  it('run around every invocation, with data of its own, and at start and stop with that of the app', async () => {
    const seen: string[] = []
    const { host } = await loggingHost({
      load: () => {
        app.hook.appStart(({ hookData }) => {
          Object.assign(hookData, { since: 'start' })
        })
        app.hook.preInvocation((context) => {
          Object.assign(context.hookData, { at: context.invocationContext.functionName })
          context.inputs = context.inputs.map((input) => (input === 'in' ? 'changed' : input))
        })
        app.hook.postInvocation((context) => {
          seen.push(`${context.hookData.at}, ${context.hookData.since ?? 'nothing'} since`)
          if (context.error) Object.assign(context, { error: null, result: 'saved' })
        })
        app.hook.appTerminate(({ hookData }) => {
          seen.push(`stop, ${hookData.since} since`)
        })
        df.app.activity('Echo', {
          handler: (input: unknown) => {
            if (input === 'bad') throw new Error('no')
            return input
          },
        })
        df.app.orchestration('Calls', function* (context) {
          const first = yield context.df.callActivity('Echo', 'in')
          return [first, yield context.df.callActivity('Echo', 'bad')]
        })
      },
    })
    await start(host, 'Calls', 'c', null)
    expect((await until(() => instance(host, 'c'), isOver)).output).toEqual(['changed', 'saved'])
    await host.stop()
    expect(new Set(seen.slice(0, -1))).toEqual(new Set(['Calls, nothing since', 'Echo, nothing since']))
    expect(seen.at(-1)).toBe('stop, start since')
  })

  it('that throw before an invocation fail it', async () => {
    const { host } = await loggingHost({
      load: () => {
        app.hook.preInvocation(() => {
          throw new Error('closed')
        })
        app.http('any', { authLevel: 'anonymous', handler: () => ({ body: 'in' }) })
      },
    })
    expect((await fetch(`${host.baseUrl}/api/any`)).status).toBe(500)
  })

  it('of the log see and change what the app logs', async () => {
    const lines: string[] = []
    const categories = new Set<string>()
    const host = await smallHost({
      log: ({ level, category, message }) => lines.push(`${level} ${category} ${message}`),
      load: () => {
        app.hook.log((context: LogHookContext) => {
          categories.add(`${context.category} of ${context.invocationContext?.functionName}`)
          if (context.category !== 'user') return
          context.level = 'warning'
          context.message = context.message.replace('secret', '***')
        })
        app.http('talks', {
          authLevel: 'anonymous',
          handler: (_request, context: InvocationContext) => {
            context.log('a secret')
            return {}
          },
        })
      },
    })
    await fetch(`${host.baseUrl}/api/talks`)
    expect(lines).toContain('warning Function.talks.User a ***')
    expect(categories).toContain('user of talks')
  })
})
