import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/host/clock.ts'
import type { Host } from '../../src/host/host.ts'
import { control, instance, raise, start, until } from './driving.ts'
import { jan1Ms, smallHost } from './small-host.ts'

const minuteMs = 60_000
const later = (context: df.OrchestrationContext, ms: number) =>
  new Date(context.df.currentUtcDateTime.getTime() + ms)
const completed = (host: Host, id: string, waitMaxMs?: number) =>
  until(
    () => instance(host, id),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
    waitMaxMs,
  )

describe('the clock of a hub', () => {
  it('passes at its rate and never goes back', () => {
    let wallMs = 1000
    const clock = new VirtualClock({ rate: 60 }, jan1Ms, { wallMs: () => wallMs })
    wallMs += 2000
    expect(clock.nowMs()).toBe(jan1Ms + 120_000)
    clock.setMode('real')
    wallMs += 500
    expect(clock.nowMs()).toBe(jan1Ms + 120_500)
    clock.jumpTo(jan1Ms)
    expect(clock.nowMs()).toBe(jan1Ms + 120_500)
  })

  it('stands for a moment where the wall clock is set back and goes on from there, and follows it forward', () => {
    let wallMs = 1000
    const clock = new VirtualClock('real', jan1Ms, { wallMs: () => wallMs })
    wallMs += 500
    expect(clock.nowMs()).toBe(jan1Ms + 500)
    wallMs -= 3_600_000
    expect(clock.nowMs()).toBe(jan1Ms + 500)
    wallMs += 200
    expect(clock.nowMs()).toBe(jan1Ms + 700)
    wallMs += 3_600_000
    expect(clock.nowMs()).toBe(jan1Ms + 3_600_700)
  })

  it('refuses a rate that is no number above zero', () => {
    expect(() => new VirtualClock({ rate: 0 }, jan1Ms)).toThrow('expected a number above 0')
  })
})

describe('a skipping host', () => {
  it('runs 60 days with 5,000 timers in seconds', { timeout: 180_000 }, async () => {
    const host = await smallHost({
      load: () => {
        df.app.orchestration('Days', function* (context) {
          const left: number = context.df.getInput()
          for (let i = 0; i < 25; i++) yield context.df.createTimer(later(context, 17.28 * minuteMs))
          if (left > 25) context.df.continueAsNew(left - 25)
          return 'done'
        })
      },
    })
    // Seconds of a processor, so that a busy machine does not count.
    const before = process.threadCpuUsage()
    await start(host, 'Days', 'days', 5000)
    await completed(host, 'days', 170_000)
    const { user, system } = process.threadCpuUsage(before)
    expect((user + system) / 1_000_000).toBeLessThan(10)
    expect(host.clock.nowMs() - jan1Ms).toBeGreaterThanOrEqual(5000 * 17.28 * minuteMs)
    expect(host.clock.nowMs() - jan1Ms).toBeLessThan(5000 * 17.28 * minuteMs + minuteMs)
  })

  it('fires each timer at or after its time, in the order of their times', async () => {
    const fired: [string, number, number][] = []
    const host = await smallHost({
      load: ({ clock }) => {
        df.app.activity('Note', {
          handler: ([id, dueMs]: [string, number]) => void fired.push([id, dueMs, clock.nowMs()]),
        })
        df.app.orchestration('One', function* (context) {
          const due = later(context, context.df.getInput())
          yield context.df.createTimer(due)
          yield context.df.callActivity('Note', [context.df.instanceId, due.getTime()])
          return context.df.currentUtcDateTime.getTime() >= due.getTime()
        })
      },
      mayAdvance: () => started,
    })
    let started = false
    for (const [i, ms] of [70_000, 10_000, 40_000, 10_500, 999, 1].entries())
      await start(host, 'One', `t${i}`, ms)
    started = true
    for (let i = 0; i < 6; i++) expect((await completed(host, `t${i}`)).output).toBe(true)
    for (const [, dueMs, atMs] of fired) expect(atMs).toBeGreaterThanOrEqual(dueMs)
    expect(fired.map(([, dueMs]) => dueMs)).toEqual(fired.map(([, dueMs]) => dueMs).toSorted((a, b) => a - b))
  })

  it('stands still while anything runs, and runs at 1x while it may not skip', async () => {
    let may = true
    let release = () => {}
    const host = await smallHost({
      load: () => {
        df.app.activity('Hold', {
          handler: () =>
            new Promise<void>((resolve) => {
              release = resolve
            }),
        })
        df.app.orchestration('Both', function* (context) {
          yield context.df.Task.all([
            context.df.createTimer(later(context, 3_600_000)),
            context.df.callActivity('Hold'),
          ])
        })
      },
      mayAdvance: () => may,
    })
    await start(host, 'Both', 'both', null)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(host.clock.nowMs() - jan1Ms).toBeLessThan(100)
    may = false
    release()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const passedMs = host.clock.nowMs() - jan1Ms
    expect(passedMs).toBeGreaterThan(100)
    expect(passedMs).toBeLessThan(5_000)
    may = true
    await completed(host, 'both')
  })

  it('gives the same histories in every one of many hubs side by side', async () => {
    const load = () => {
      df.app.activity('Echo', { handler: (x: unknown) => x })
      df.app.orchestration('Mix', function* (context) {
        const x: number = yield context.df.callActivity('Echo', 1)
        yield context.df.createTimer(later(context, 90_000))
        const y: unknown[] = yield context.df.Task.all(
          [2, 3, 4].map((n) => context.df.callActivity('Echo', n)),
        )
        return [x, ...y, context.df.currentUtcDateTime.toISOString()]
      })
    }
    const hosts = await Promise.all(Array.from({ length: 5 }, () => smallHost({ load })))
    await Promise.all(hosts.map((host) => start(host, 'Mix', 'mix', null)))
    const seen = await Promise.all(
      hosts.map(async (host) => {
        await completed(host, 'mix')
        return instance(host, 'mix', '?showHistory=true&showHistoryOutput=true')
      }),
    )
    for (const one of seen) expect(one).toEqual(seen[0])
  })
})

it('a host at a rate fires timers at their virtual times, also while other work goes on', async () => {
  const ticks: number[] = []
  const host = await smallHost({
    clock: { rate: 3600 },
    load: ({ clock }) => {
      app.timer('hourly', { schedule: '0 0 * * * *', handler: () => void ticks.push(clock.nowMs()) })
      df.app.activity('Hold', { handler: () => new Promise((resolve) => setTimeout(resolve, 2_600)) })
      df.app.orchestration('Both', function* (context) {
        yield context.df.Task.all([
          context.df.createTimer(later(context, 90 * minuteMs)),
          context.df.callActivity('Hold'),
        ])
        return context.df.currentUtcDateTime.getTime()
      })
    },
  })
  await start(host, 'Both', 'both', null)
  const done = await completed(host, 'both')
  expect(Number(done.output) - jan1Ms).toBeGreaterThanOrEqual(90 * minuteMs)
  expect(ticks.length).toBeGreaterThanOrEqual(2)
  for (const [i, ms] of ticks.entries()) expect(ms - jan1Ms).toBeGreaterThanOrEqual((i + 1) * 60 * minuteMs)
})

it('advance moves a real clock step by step', async () => {
  const ticks: number[] = []
  const host = await smallHost({
    clock: 'real',
    load: ({ clock }) => {
      app.timer('tick', { schedule: '0 */10 * * * *', handler: () => void ticks.push(clock.nowMs()) })
      df.app.orchestration('Wait', function* (context) {
        yield context.df.createTimer(later(context, 25 * minuteMs))
        return context.df.currentUtcDateTime.getTime()
      })
    },
  })
  await start(host, 'Wait', 'wait', null)
  await host.clock.advance(60 * minuteMs)
  expect(ticks.map((ms) => Math.floor((ms - jan1Ms) / minuteMs))).toEqual([10, 20, 30, 40, 50, 60])
  const done = await instance(host, 'wait')
  expect(done.runtimeStatus).toBe('Completed')
  expect(Math.floor((Number(done.output) - jan1Ms) / minuteMs)).toBe(25)
})

it('a suspended instance acts on nothing until it is resumed, and a terminated one never again', async () => {
  const host = await smallHost({
    load: () => {
      df.app.orchestration('Hold', function* (context) {
        return yield context.df.waitForExternalEvent('go')
      })
    },
  })
  for (const id of ['a', 'b']) await start(host, 'Hold', id, null)
  await until(
    () => instance(host, 'a'),
    ({ runtimeStatus }) => runtimeStatus === 'Running',
  )
  expect(await control(host, 'a', 'suspend', 'why')).toBe(202)
  await until(
    () => instance(host, 'a'),
    ({ runtimeStatus }) => runtimeStatus === 'Suspended',
  )
  expect(await raise(host, 'a', 'go', 1)).toBe(202)
  await host.whenIdle()
  expect((await instance(host, 'a')).runtimeStatus).toBe('Suspended')
  expect(await control(host, 'a', 'resume')).toBe(202)
  expect((await completed(host, 'a')).output).toBe(1)
  await until(
    () => instance(host, 'b'),
    ({ runtimeStatus }) => runtimeStatus === 'Running',
  )
  expect(await control(host, 'b', 'terminate', 'enough')).toBe(202)
  await until(
    () => instance(host, 'b'),
    ({ runtimeStatus }) => runtimeStatus === 'Terminated',
  )
  expect(await raise(host, 'b', 'go', 1)).toBe(410)
})
