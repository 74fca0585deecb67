import { join } from 'node:path'
import * as df from 'durable-functions'
import { describe, expect, it, test } from 'vitest'
import { EventType } from '../../src/host/history.ts'
import { openHost } from '../../src/host/host.ts'
import { compareVersions } from '../../src/host/versioning.ts'
import { control, instance, raise, start, until } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const isOver = ({ runtimeStatus }: { runtimeStatus: string }) =>
  /Completed|Failed|Terminated/.test(runtimeStatus)

test.each([
  ['', '', 0],
  ['', '1.0', -1],
  ['1.0', '', 1],
  ['1.10', '1.9', 1],
  ['1.0', '1.0.0', -1],
  ['2.0.0.1', '2.0.0', 1],
  // One part is no version of .NET, so these are texts, and 10 comes before 9.
  ['10', '9', -1],
  ['v2', 'V2', 0],
  ['2026-01-02', '2026-01-10', -1],
])('version "%s" beside "%s" compares as %i', (a, b, expected) => {
  expect(compareVersions(a, b)).toBe(expected)
})

function app() {
  // biome-ignore lint/correctness/useYield: the SDK takes an orchestrator only as a generator
  df.app.orchestration('Own', function* (context) {
    return context.df.version ?? 'none'
  })
  df.app.orchestration('Parent', function* (context) {
    const given = context.df.getInput()
    const go = yield context.df.waitForExternalEvent('go')
    const plain = yield context.df.callSubOrchestrator('Own', go)
    const asked = yield context.df.callSubOrchestrator('Own', given, undefined, '0.5')
    return [context.df.version, plain, asked]
  })
  df.app.orchestration('Asks', function* (context) {
    try {
      return yield context.df.callSubOrchestrator('Own', null, 'child-of-asks', '9.0')
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : ''
    }
  })
}

const withVersions = (durableTask: object, more = {}) =>
  smallHost({ appDir: appFolder({ extensions: { durableTask } }), load: app, ...more })

async function startAs(host: Awaited<ReturnType<typeof withVersions>>, version: string, id = 'one') {
  const path = `/runtime/webhooks/durabletask/orchestrators/Own/${id}?version=${version}&code=${host.systemKey}`
  expect((await fetch(host.baseUrl + path, { method: 'POST' })).status).toBe(202)
}

describe('defaultVersion', () => {
  it('is given to instances and to children that are started without a version', async () => {
    const host = await withVersions({ defaultVersion: '1.0' })
    await start(host, 'Parent', 'p', null)
    await raise(host, 'p', 'go', null)
    expect((await until(() => instance(host, 'p'), isOver)).output).toEqual(['1.0', '1.0', '0.5'])
  })

  it('of a child is in the history of its parent', async () => {
    const { host, runtime } = await openHost({
      ...{ appDir: appFolder({ extensions: { durableTask: { defaultVersion: '1.0' } } }), load: app },
      ...{ hub: 'memory', clock: 'skip', port: 0 },
    })
    await start(host, 'Parent', 'p', null)
    await raise(host, 'p', 'go', null)
    await until(() => instance(host, 'p'), isOver)
    const events = runtime.control.look('p')?.events ?? []
    const created = events.filter((event) => event.EventType === EventType.SubOrchestrationInstanceCreated)
    expect(created.map(({ Version }) => Version)).toEqual(['1.0', '0.5'])
    await host.stop()
  })

  it('stays with an instance when the host gets a newer one, and new children get the newer', async () => {
    const hub = join(appFolder(), 'hub.db')
    const first = await withVersions({ defaultVersion: '1.0' }, { hub })
    await start(first, 'Parent', 'p', null)
    await first.whenIdle()
    await first.stop()
    const second = await withVersions({ defaultVersion: '2.0' }, { hub })
    await raise(second, 'p', 'go', null)
    expect((await until(() => instance(second, 'p'), isOver)).output).toEqual(['1.0', '2.0', '0.5'])
  })
})

describe('an instance of a version that the host does not run', () => {
  it.each([
    [{}, '2.1'],
    [{ defaultVersion: '2.0' }, '2.1'],
    [{ defaultVersion: '2.0', versionMatchStrategy: 'CurrentOrOlder' }, '10.0'],
    [{ defaultVersion: '2.0', versionMatchStrategy: 'strict' }, '1.9'],
  ])('is left as it is with %j and version %s', async (settings, version) => {
    const warnings: string[] = []
    const host = await withVersions(settings, {
      log: ({ level, message }: { level: string; message: string }) =>
        level === 'warning' && warnings.push(message),
    })
    await startAs(host, version)
    await until(
      () => warnings,
      ({ length }) => length > 0,
    )
    await host.whenIdle()
    expect(warnings.join()).toContain(`Instance one of 'Own' has version ${version} and is left as it is`)
    expect(await instance(host, 'one')).toMatchObject({ runtimeStatus: 'Pending', output: null })
    // Terminating it is a message like all others, and waits with them.
    expect(await control(host, 'one', 'terminate')).toBe(202)
    await host.whenIdle()
    expect((await instance(host, 'one')).runtimeStatus).toBe('Pending')
  })

  it.each([
    [{ defaultVersion: '2.0' }, '1.9'],
    [{ defaultVersion: '2.0' }, '2.0'],
    [{ defaultVersion: '2.0', versionMatchStrategy: 'Strict' }, '2.0'],
    [{ versionMatchStrategy: 'None' }, '2.1'],
    [{ defaultVersion: '2.0', versionMatchStrategy: 'None', versionFailureStrategy: 'Fail' }, '3.0'],
  ])('is another than one that runs with %j: version %s', async (settings, version) => {
    const host = await withVersions(settings)
    await startAs(host, version)
    expect(await until(() => instance(host, 'one'), isOver)).toMatchObject({
      runtimeStatus: 'Completed',
      output: version,
    })
  })

  it('goes on, with all that came meanwhile, on a host that runs it', async () => {
    const hub = join(appFolder(), 'hub.db')
    const newer = await withVersions({ defaultVersion: '2.0' }, { hub })
    await start(newer, 'Parent', 'p', null)
    await newer.whenIdle()
    await newer.stop()
    const older = await withVersions({ defaultVersion: '1.0' }, { hub })
    await raise(older, 'p', 'go', null)
    await older.whenIdle()
    expect((await instance(older, 'p')).runtimeStatus).toBe('Running')
    await older.stop()
    const newest = await withVersions({ defaultVersion: '2.1' }, { hub })
    expect((await until(() => instance(newest, 'p'), isOver)).output).toEqual(['2.0', '2.1', '0.5'])
  })

  it('keeps no other instance and no clock waiting', async () => {
    const host = await withVersions({ defaultVersion: '1.0' })
    await startAs(host, '2.0', 'left')
    await startAs(host, '1.0', 'runs')
    expect((await until(() => instance(host, 'runs'), isOver)).output).toBe('1.0')
  })

  it('is named in the log once for each message, and does what was asked of it in the end', async () => {
    const hub = join(appFolder(), 'hub.db')
    const more = () => {
      app()
      df.app.activity('Work', { handler: () => 'worked' })
      df.app.orchestration('Both', function* (context) {
        const soon = new Date(context.df.currentUtcDateTime.getTime() + 1000)
        yield context.df.waitForExternalEvent('go')
        return yield context.df.Task.all([context.df.callActivity('Work'), context.df.createTimer(soon)])
      })
    }
    const newer = await withVersions({ defaultVersion: '2.0' }, { hub, load: more, mayAdvance: () => false })
    await start(newer, 'Both', 'both', null)
    await newer.whenIdle()
    await newer.stop()
    const warnings: string[] = []
    const older = await withVersions(
      { defaultVersion: '1.0' },
      {
        ...{ hub, load: more },
        log: ({ level, message }: { level: string; message: string }) =>
          level === 'warning' && warnings.push(message),
      },
    )
    await raise(older, 'both', 'go', null)
    await start(older, 'Own', 'runs', null)
    await until(() => instance(older, 'runs'), isOver)
    await older.clock.advance(60_000)
    await older.stop()
    expect(warnings).toHaveLength(1)
    const again = await withVersions({ defaultVersion: '2.0' }, { hub, load: more })
    expect((await until(() => instance(again, 'both'), isOver)).output).toEqual(['worked', null])
  })

  it('lets no due timer of its own be taken up over and over', async () => {
    const hub = join(appFolder(), 'hub.db')
    const sleeps = () =>
      df.app.orchestration('Sleeps', function* (context) {
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000))
        return 'awake'
      })
    const newer = await withVersions(
      { defaultVersion: '2.0' },
      { hub, load: sleeps, mayAdvance: () => false },
    )
    await start(newer, 'Sleeps', 's', null)
    await newer.whenIdle()
    await newer.stop()
    let warnings = 0
    const log = ({ level }: { level: string }) => void (level === 'warning' && warnings++)
    const older = await withVersions({ defaultVersion: '1.0' }, { hub, load: sleeps, clock: 'real', log })
    for (let i = 0; i < 5; i++) await older.clock.advance(10_000)
    expect(warnings).toBe(1)
    await older.stop()
    const again = await withVersions({ defaultVersion: '2.0' }, { hub, load: sleeps })
    expect((await until(() => instance(again, 's'), isOver)).output).toBe('awake')
  })

  it('fails with the text of the real host where it is to fail', async () => {
    const host = await withVersions({ defaultVersion: '2.0', versionFailureStrategy: 'Fail' })
    await startAs(host, '2.1')
    const text = 'VersionMismatch: Orchestration version did not comply with Worker Versioning'
    const seen = await until(() => instance(host, 'one', '?showHistory=true'), isOver)
    expect(seen).toMatchObject({ runtimeStatus: 'Failed', output: text })
    expect(seen.historyEvents?.at(-1)).toMatchObject({
      EventType: 'ExecutionCompleted',
      FailureDetails: { ErrorType: 'VersionMismatch', IsNonRetriable: true },
    })
    await start(host, 'Asks', 'asks', null)
    expect((await until(() => instance(host, 'asks'), isOver)).output).toContain(text)
  })
})

it.each([
  [{ versionMatchStrategy: 'Newer' }, /versionMatchStrategy is "Newer"; expected one of None, Strict/],
  [{ versionFailureStrategy: 'Ignore' }, /versionFailureStrategy is "Ignore"; expected one of Reject, Fail/],
])('a strategy that there is not keeps the host from starting: %j', async (settings, expected) => {
  await expect(withVersions(settings)).rejects.toThrow(expected)
})
