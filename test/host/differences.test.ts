import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import { control, instance, raise, start, until } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const isOver = ({ runtimeStatus }: { runtimeStatus: string }) =>
  /Completed|Failed|Terminated/.test(runtimeStatus)

/** Runs one orchestrator to its end, on the host's own clock. */
async function ended(
  orchestrator: df.OrchestrationHandler,
  { more = () => {}, appDir = appFolder() }: { more?: () => void; appDir?: string } = {},
) {
  const host = await smallHost({
    appDir,
    load: () => {
      df.app.orchestration('Case', orchestrator)
      more()
    },
  })
  await start(host, 'Case', 'case', null)
  return until(() => instance(host, 'case'), isOver)
}

// This is the whole list of what the host does otherwise than the real one; src/host/README.md has it in words.
describe('where the real host hangs for ever', () => {
  it('a thrown value without a message fails the instance', async () => {
    // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
    const seen = await ended(function* () {
      throw 'text'
    })
    expect(seen).toMatchObject({ runtimeStatus: 'Failed' })
    expect(seen.output).toMatch(/^Orchestrator function 'Case' failed: .*Throw an Error with a message/)
  })

  it('retries that ran into retryTimeout fail the instance', async () => {
    const seen = await ended(
      function* (context) {
        const options = new df.RetryOptions(2500, 6)
        options.retryTimeoutInMilliseconds = 5000
        yield context.df.callActivityWithRetry('Boom', options)
      },
      {
        more: () =>
          df.app.activity('Boom', {
            handler: () => {
              throw new Error('boom')
            },
          }),
      },
    )
    expect(seen).toMatchObject({ runtimeStatus: 'Failed' })
    expect(seen.output).toMatch(/retryTimeoutInMilliseconds \(5000\) had passed.*maxNumberOfAttempts/)
  })

  it('an activity that is not registered fails the task', async () => {
    const seen = await ended(function* (context) {
      try {
        return yield context.df.callActivity('Nowhere')
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    })
    expect(seen).toMatchObject({ runtimeStatus: 'Completed' })
    expect(seen.output).toMatch(/Activity function 'Nowhere' failed: {2}The function 'Nowhere' doesn't exist/)
  })

  it('a child orchestrator that is not registered fails the task', async () => {
    const seen = await ended(function* (context) {
      try {
        return yield context.df.callSubOrchestrator('Nowhere')
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    })
    expect(seen.output).toMatch(
      /Orchestrator function 'Nowhere' failed: The function 'Nowhere' doesn't exist/,
    )
  })

  it('an orchestrator that continues as new without end fails, and the host goes on', async () => {
    const seen = await ended(function* (context) {
      if (context.df.getInput() === 'never') yield context.df.callActivity('Any')
      context.df.continueAsNew(1)
    })
    expect(seen).toMatchObject({ runtimeStatus: 'Failed' })
    expect(seen.output).toMatch(/continued as new 10000 times/)
  })

  it.each(['case', '@case'])('a child with the id %s fails the instance', async (childId) => {
    const seen = await ended(function* (context) {
      yield context.df.callSubOrchestrator('Case', null, childId)
    })
    expect(seen).toMatchObject({ runtimeStatus: 'Failed' })
    expect(seen.output).toContain(`was given the instance id '${childId}'`)
  })

  it('a child with the id of its grandparent fails its parent', async () => {
    const seen = await ended(
      function* (context) {
        try {
          return yield context.df.callSubOrchestrator('Between', null, 'between')
        } catch (error) {
          return error instanceof Error ? error.message : ''
        }
      },
      {
        more: () =>
          df.app.orchestration('Between', function* (context) {
            yield context.df.callSubOrchestrator('Case', null, 'case')
          }),
      },
    )
    expect(seen.output).toContain("was given the instance id 'case'")
  })

  it('actions beyond maxOrchestrationActions fail the instance', async () => {
    const appDir = appFolder({ extensions: { durableTask: { maxOrchestrationActions: 3 } } })
    const seen = await ended(
      function* (context) {
        const tasks = [1, 2, 3, 4].map((n) => context.df.callActivity('Echo', n))
        return yield context.df.Task.all(tasks)
      },
      { more: () => df.app.activity('Echo', { handler: (x: unknown) => x }), appDir },
    )
    expect(seen).toMatchObject({ runtimeStatus: 'Failed' })
    expect(seen.output).toContain('Maximum amount of orchestration actions (3) has been reached')
  })
})

describe('where the real host does what nobody should rely on', () => {
  it('a function that exceeds functionTimeout takes nothing else down with it', async () => {
    const host = await smallHost({
      appDir: appFolder({ functionTimeout: '00:00:01' }),
      load: () => {
        let release = () => {}
        df.app.activity('Endless', { handler: () => new Promise<void>((resolve) => (release = resolve)) })
        df.app.activity('Patient', {
          handler: () => new Promise((resolve) => setTimeout(resolve, 700, 'kept')),
        })
        df.app.orchestration('Both', function* (context) {
          try {
            yield context.df.callActivity('Endless')
          } catch {
            release()
          }
          return context.df.getInput()
        })
        df.app.orchestration('Other', function* (context) {
          yield context.df.callActivity('Patient')
          return yield context.df.callActivity('Patient')
        })
      },
    })
    await start(host, 'Both', 'both', 'went on')
    await start(host, 'Other', 'other', null)
    expect((await until(() => instance(host, 'other'), isOver)).output).toBe('kept')
    expect(await until(() => instance(host, 'both'), isOver)).toMatchObject({
      runtimeStatus: 'Completed',
      output: 'went on',
    })
  })

  it('no timer fires early', async () => {
    const seen = await ended(function* (context) {
      const due = new Date(context.df.currentUtcDateTime.getTime() + 1500)
      yield context.df.createTimer(due)
      return context.df.currentUtcDateTime.getTime() - due.getTime()
    })
    expect(Number(seen.output)).toBeGreaterThanOrEqual(0)
  })

  it('a body must be JSON', async () => {
    const host = await smallHost({
      load: () => {
        df.app.orchestration('Wait', function* (context) {
          return yield context.df.waitForExternalEvent('go')
        })
      },
    })
    await start(host, 'Wait', 'w', null)
    const send = (body: string) =>
      fetch(`${host.baseUrl}/runtime/webhooks/durabletask/instances/w/raiseEvent/go?code=${host.systemKey}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    for (const body of ["'x'", '{a:1}', '[1,]', 'undefined', '// no'])
      expect((await send(body)).status).toBe(400)
    expect(await raise(host, 'w', 'go', { a: 1 })).toBe(202)
  })

  it('a history with two events of one id is shown', async () => {
    let episodes = 0
    const host = await smallHost({
      load: () => {
        for (const name of ['First', 'Second']) df.app.activity(name, { handler: () => {} })
        df.app.orchestration('Moody', function* (context) {
          episodes += 1
          yield context.df.callActivity(episodes === 1 ? 'First' : 'Second')
        })
      },
    })
    await start(host, 'Moody', 'm', null)
    await until(() => instance(host, 'm'), isOver)
    const seen = await instance(host, 'm', '?showHistory=true')
    expect(seen.output).toContain('Non-Deterministic workflow detected')
    expect(seen.historyEvents?.at(-1)).toMatchObject({ EventType: 'ExecutionCompleted' })
  })

  it('a status document is valid JSON also after terminate("undefined")', async () => {
    const host = await smallHost({
      load: () => {
        df.app.orchestration('Wait', function* (context) {
          return yield context.df.waitForExternalEvent('go')
        })
      },
    })
    await start(host, 'Wait', 'w', null)
    await control(host, 'w', 'terminate', 'undefined')
    expect(await until(() => instance(host, 'w'), isOver)).toMatchObject({
      runtimeStatus: 'Terminated',
      output: null,
    })
  })

  it.each(['0x1F', '007', '{a:1}'])('a reason is JSON or the text it is: %s', async (reason) => {
    const host = await smallHost({
      load: () => {
        df.app.orchestration('Waits', function* (context) {
          return yield context.df.waitForExternalEvent('never')
        })
      },
    })
    await start(host, 'Waits', 'w', null)
    await until(
      () => instance(host, 'w'),
      ({ runtimeStatus }) => runtimeStatus === 'Running',
    )
    await control(host, 'w', 'terminate', reason)
    expect((await until(() => instance(host, 'w'), isOver)).output).toBe(reason)
  })
})

describe('what this host does not have', () => {
  it.each([
    [
      'signalEntity',
      (c: df.OrchestrationContext) => {
        c.df.signalEntity(new df.EntityId('E', 'k'), 'op')
        return c.df.callActivity('Any')
      },
    ],
    ['lock', (c: df.OrchestrationContext) => c.df.lock(new df.EntityId('E', 'k'))],
    ['callEntity', (c: df.OrchestrationContext) => c.df.callEntity(new df.EntityId('E', 'k'), 'op')],
    [
      'callHttp',
      (c: df.OrchestrationContext) => c.df.callHttp({ method: 'GET', url: 'http://127.0.0.1:1/' }),
    ],
  ])('%s fails the instance with a reason', async (name, act) => {
    const seen = await ended(function* (context) {
      yield act(context)
    })
    expect(seen).toMatchObject({ runtimeStatus: 'Failed' })
    expect(seen.output).toContain(`cannot run ${name}`)
  })

  it('rewind is refused', async () => {
    const host = await smallHost({
      load: () => {
        // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
        df.app.orchestration('Fail', function* () {
          throw new Error('no')
        })
      },
    })
    await start(host, 'Fail', 'f', null)
    await until(() => instance(host, 'f'), isOver)
    expect(await control(host, 'f', 'rewind')).toBe(501)
  })
})
