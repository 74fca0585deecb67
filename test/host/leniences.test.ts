import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import type { Leniences } from '../../src/host/leniences.ts'
import { instance, raise, start, until } from './driving.ts'
import { smallHost } from './small-host.ts'

const dayMs = 86_400_000
const isOver = ({ runtimeStatus }: { runtimeStatus: string }) => /Completed|Failed/.test(runtimeStatus)

function app() {
  df.app.activity('Echo', { handler: (x: unknown) => x })
  df.app.orchestration('Race', function* (context) {
    let tasks = [1, 2, 3].map((n) => context.df.callActivity('Echo', n))
    const got: unknown[] = []
    while (tasks.length > 0) {
      const winner: df.Task = yield context.df.Task.any(tasks)
      got.push(winner.result)
      tasks = tasks.filter((task) => task !== winner)
    }
    got.push(yield context.df.callActivity('Echo', 'tail'))
    if (context.df.getInput() === 'fail') throw new Error(`after ${got}`)
    return got
  })
  df.app.orchestration('Long', function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10 * dayMs))
    return yield context.df.callActivity('Echo', 'awake')
  })
  df.app.orchestration('Rounds', function* (context) {
    if (context.df.getInput() === null) {
      context.df.setCustomStatus('first')
      yield context.df.waitForExternalEvent('next')
      context.df.continueAsNew('last')
      return
    }
    context.df.setCustomStatus('last')
    const second: unknown = yield context.df.waitForExternalEvent('note')
    return [second, yield context.df.waitForExternalEvent('note')]
  })
}

const lenientHost = (leniences: Leniences) => smallHost({ load: app, leniences })

async function ran(leniences: Leniences, name: string, input: unknown = null) {
  const host = await lenientHost(leniences)
  await start(host, name, 'one', input)
  const { output, historyEvents = [] } = await until(() => instance(host, 'one', '?showHistory=true'), isOver)
  return { output, count: (type: string) => historyEvents.filter((e) => e.EventType === type).length }
}

it('no entry of the project and no other test is lenient', () => {
  const root = join(import.meta.dirname, '../..')
  const files = globSync(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'], { cwd: root })
  const mentioning = files.filter((file) => readFileSync(join(root, file), 'utf8').includes('leniences'))
  expect(mentioning.filter((file) => !file.startsWith('src/host/'))).toEqual(['test/host/leniences.test.ts'])
})

describe('a task that a race lists again', () => {
  it('is scheduled again by default, as on the real host', async () => {
    const { output } = await ran({}, 'Race')
    expect(output).not.toEqual([1, 2, 3, 'tail'])
  })

  it('is the same task where the host knows repeated tasks', async () => {
    const { output, count } = await ran({ repeatedTasks: true }, 'Race')
    expect(output).toEqual([1, 2, 3, 'tail'])
    expect(count('TaskCompleted')).toBe(4)
  })

  it('keeps the orchestrator from no failure of its own', async () => {
    const { output } = await ran({ repeatedTasks: true }, 'Race', 'fail')
    expect(output).toBe("Orchestrator function 'Race' failed: after 1,2,3,tail")
  })
})

describe('a timer of ten days', () => {
  it('is four shorter ones by default', async () => {
    const { output, count } = await ran({}, 'Long')
    expect([output, count('TimerFired')]).toEqual(['awake', 4])
  })

  it('is one where long timers are allowed', async () => {
    const { output, count } = await ran({ longTimers: true }, 'Long')
    expect([output, count('TimerFired')]).toEqual(['awake', 1])
  })
})

describe('events that no wait took', () => {
  async function twoNotesThenNext(leniences: Leniences) {
    const host = await lenientHost(leniences)
    const shows = (status: string) =>
      until(
        () => instance(host, 'one'),
        ({ customStatus }) => customStatus === status,
      )
    await start(host, 'Rounds', 'one', null)
    await shows('first')
    for (const value of [1, 2]) {
      await raise(host, 'one', 'note', value)
      await host.whenIdle()
    }
    await raise(host, 'one', 'next', null)
    await shows('last')
    await host.whenIdle()
    return instance(host, 'one')
  }

  it('are dropped by continue-as-new by default', async () => {
    expect(await twoNotesThenNext({})).toMatchObject({ runtimeStatus: 'Running' })
  })

  it('are kept in their order where the host keeps unclaimed events', async () => {
    expect(await twoNotesThenNext({ unclaimedEvents: true })).toMatchObject({
      runtimeStatus: 'Completed',
      output: [1, 2],
    })
  })
})
