import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as df from 'durable-functions'
import { expect, test } from 'vitest'
import { inspectHub } from '../../src/host/inspect-hub.ts'
import { start } from './driving.ts'
import { appFolder, smallHost } from './small-host.ts'

const activities = () => {
  df.app.activity('Greet', { handler: () => 'hello' })
  df.app.activity('Bow', { handler: () => 'bowed' })
}
/** Asks for `steps` one after another, in a child, and then waits for ever. */
const greeting = (steps: readonly string[]) => () => {
  activities()
  df.app.orchestration('Visit', function* (context) {
    return yield context.df.callSubOrchestrator('Greeting', null)
  })
  df.app.orchestration('Greeting', function* (context) {
    for (const step of steps) yield context.df.callActivity(step)
    yield context.df.waitForExternalEvent('goodbye')
  })
}

async function visited(settings = {}) {
  const appDir = appFolder(settings)
  const hub = join(appDir, 'hub.db')
  const host = await smallHost({ appDir, hub, load: greeting(['Greet', 'Bow']) })
  await start(host, 'Visit', 'v1', null)
  await host.whenIdle()
  await host.stop()
  return { appDir, hub }
}

test('what is under way in a hub is carried on by the code that began it, and nothing of the hub changes', async () => {
  const { appDir, hub } = await visited()
  const before = readFileSync(hub)
  const seen = await inspectHub({ appDir, hub, load: greeting(['Greet', 'Bow']) })
  expect(seen.underWay.map(({ name, rootId, problems }) => [name, rootId, problems])).toEqual([
    ['Greeting', 'v1', []],
    ['Visit', 'v1', []],
  ])
  expect(readFileSync(hub).equals(before)).toBe(true)
})

test('code that goes another way is told of, with the orchestration that it would break', async () => {
  const { appDir, hub } = await visited()
  const seen = await inspectHub({ appDir, hub, load: greeting(['Bow', 'Greet']) })
  const broken = seen.underWay.filter(({ problems }) => problems.length > 0)
  expect(broken.map(({ name }) => name)).toEqual(['Greeting'])
  expect(broken[0]?.problems[0]).toContain('history has [4 0 Greet], replay gives [4 0 Bow]')
})

test('an orchestration of a newer version is told of, and so is one that is no longer there', async () => {
  const { appDir, hub } = await visited({ extensions: { durableTask: { defaultVersion: '2.0' } } })
  const older = appFolder({ extensions: { durableTask: { defaultVersion: '1.0' } } })
  const seen = await inspectHub({ appDir: older, hub, load: greeting(['Greet', 'Bow']) })
  expect(seen.version).toBe('1.0')
  expect(seen.underWay[0]).toMatchObject({
    version: '2.0',
    problems: ['it has version 2.0, which 1.0 does not run'],
  })
  const without = await inspectHub({ appDir, hub, load: activities })
  expect(without.underWay.every(({ problems }) => problems.length > 0)).toBe(true)
})

test('a hub that a host runs over is not looked at', async () => {
  const appDir = appFolder({})
  const hub = join(appDir, 'hub.db')
  await smallHost({ appDir, hub, load: activities })
  await expect(inspectHub({ appDir, hub, load: activities })).rejects.toThrow(/is in use by process/)
})
