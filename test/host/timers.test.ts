import { join } from 'node:path'
import { app, type InvocationContext, type Timer } from '@azure/functions'
import { describe, expect, it } from 'vitest'
import { parseSchedule } from '../../src/host/schedule.ts'
import { timeSpanMs } from '../../src/host/settings.ts'
import { appFolder, jan1Ms, smallHost } from './small-host.ts'

const hourMs = 3_600_000
const minuteMs = 60_000
const next = (text: string, afterMs = jan1Ms) =>
  new Date(parseSchedule(text, 'UTC').nextMs(afterMs) ?? 0).toISOString()

describe('a schedule', () => {
  it.each([
    ['0 */5 * * * *', '2026-01-01T00:05:00.000Z'],
    ['30 2 * * *', '2026-01-01T02:30:00.000Z'],
    ['0 0 9 * * MON-FRI', '2026-01-01T09:00:00.000Z'],
    ['0 0 0 1 * MON', '2026-06-01T00:00:00.000Z'],
    ['0 0 0 * FEB 0', '2026-02-01T00:00:00.000Z'],
    ['00:10:00', '2026-01-01T00:10:00.000Z'],
    ['1.00:00:00', '2026-01-02T00:00:00.000Z'],
    ['24:00:00', '2026-01-25T00:00:00.000Z'],
  ])('%s is next due at %s', (text, expected) => {
    expect(next(text)).toBe(expected)
  })

  it.each([
    '0 0 9 * * 7',
    '0 0 9 L * *',
    '0 0 9 * * 5L',
    '* * * *',
    '0 0 0 0 0',
    'hourly',
    '00:00:00',
    '0 0 9 15W * *',
  ])('is not %s', (text) => {
    expect(() => parseSchedule(text, 'UTC').nextMs(jan1Ms)).toThrow()
  })

  it('has time spans as .NET reads them', () => {
    expect(timeSpanMs('01:02:03')).toBe(hourMs + 2 * minuteMs + 3000)
    expect(timeSpanMs('3.00:00:00')).toBe(72 * hourMs)
    expect(timeSpanMs('soon')).toBeUndefined()
  })
})

describe('a timer function', () => {
  it('is called at its times with its last status', async () => {
    const seen: Timer[] = []
    const at: number[] = []
    const host = await smallHost({
      clock: 'real',
      settings: { WHEN: '0 */30 * * * *', WEBSITE_TIME_ZONE: 'UTC' },
      load: ({ clock }) => {
        app.timer('half-hourly', {
          schedule: '%WHEN%',
          handler: (timer) => {
            seen.push(timer)
            at.push(clock.nowMs())
          },
        })
      },
    })
    await host.clock.advance(2 * hourMs)
    expect(at.map((ms) => Math.round((ms - jan1Ms) / minuteMs))).toEqual([30, 60, 90, 120])
    expect(seen[1]?.scheduleStatus.last).toMatch(/^2026-01-01T00:30:00/)
    expect(seen[1]?.scheduleStatus.next).toMatch(/^2026-01-01T01:00:00/)
    expect(seen[1]?.isPastDue).toBe(false)
  })

  it('is called once, past due, for what it missed while the host was down', async () => {
    const hub = join(appFolder(), 'hub.db')
    const pastDue: boolean[] = []
    const serve = (startAtMs: number) => {
      const load = () =>
        app.timer('hourly', {
          schedule: '0 0 * * * *',
          handler: (timer: Timer) => void pastDue.push(timer.isPastDue),
        })
      return smallHost({ hub, clock: 'real', startAtMs, load })
    }
    const first = await serve(jan1Ms)
    await first.clock.advance(minuteMs)
    await first.stop()
    const second = await serve(jan1Ms)
    await second.clock.advance(5 * minuteMs)
    expect(pastDue).toEqual([])
    await second.stop()
    // The clock stood still while the host was down; a record in the past is what a long down-time leaves behind.
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(hub)
    database.exec(`UPDATE schedules SET next_ms = ${jan1Ms - 3 * hourMs}`)
    database.close()
    const third = await serve(jan1Ms)
    await third.clock.advance(10 * minuteMs)
    expect(pastDue).toEqual([true])
    await third.clock.advance(hourMs)
    expect(pastDue).toEqual([true, false])
  })

  it('runs once at a time and skips all but one of the runs it missed meanwhile', async () => {
    let runs = 0
    let release = () => {}
    const host = await smallHost({
      clock: 'real',
      load: () => {
        app.timer('slow', {
          schedule: '0 * * * * *',
          handler: () =>
            ++runs === 1
              ? new Promise<void>((resolve) => {
                  release = resolve
                })
              : undefined,
        })
      },
    })
    await host.clock.advance(5 * minuteMs)
    expect(runs).toBe(1)
    release()
    await host.whenIdle()
    await host.clock.advance(1)
    expect(runs).toBe(2)
    await host.clock.advance(minuteMs)
    expect(runs).toBe(3)
  })

  it('is repeated as its retry options say', async () => {
    const contexts: unknown[] = []
    const host = await smallHost({
      clock: 'real',
      load: () => {
        app.timer('flaky', {
          schedule: '0 0 * * * *',
          retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { seconds: 10 } },
          handler: (_timer, context: InvocationContext) => {
            contexts.push(context.retryContext?.retryCount)
            throw new Error('not now')
          },
        })
      },
    })
    await host.clock.advance(hourMs + 5 * minuteMs)
    expect(contexts).toEqual([0, 1, 2])
    await host.clock.advance(hourMs)
    expect(contexts.length).toBe(6)
  })

  it.each([
    ['0 0 * * * *', false],
    ['*/30 * * * * *', undefined],
  ])('has no status with the schedule %s and useMonitor %s', async (schedule, useMonitor) => {
    const seen: Timer[] = []
    const host = await smallHost({
      clock: 'real',
      load: () =>
        app.timer('unwatched', {
          schedule,
          ...(useMonitor === undefined ? {} : { useMonitor }),
          handler: (timer) => void seen.push(timer),
        }),
    })
    await host.clock.advance(hourMs)
    expect(seen.length).toBeGreaterThan(0)
    for (const { scheduleStatus, isPastDue } of seen)
      expect([scheduleStatus, isPastDue]).toEqual([null, false])
  })

  it('with a schedule that has changed starts anew, without a run for what it missed', async () => {
    const hub = join(appFolder(), 'hub.db')
    const runs: [minute: number, pastDue: boolean][] = []
    const serve = (schedule: string, startAtMs: number) =>
      smallHost({
        ...{ hub, clock: 'real', startAtMs },
        load: ({ clock }) =>
          app.timer('timer', {
            schedule,
            handler: (timer) =>
              void runs.push([Math.floor((clock.nowMs() - jan1Ms) / minuteMs), timer.isPastDue]),
          }),
      })
    const first = await serve('0 */10 * * * *', jan1Ms)
    await first.clock.advance(5 * minuteMs)
    await first.stop()
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(hub)
    database.exec(`UPDATE schedules SET next_ms = ${jan1Ms - 3 * hourMs}`)
    database.close()
    const second = await serve('0 0 * * * *', jan1Ms)
    await second.clock.advance(hourMs)
    expect(runs).toEqual([[60, false]])
  })

  it('whose handler throws runs at its next time all the same', async () => {
    let runs = 0
    const host = await smallHost({
      clock: 'real',
      load: () =>
        app.timer('fails', {
          schedule: '0 0 * * * *',
          handler: () => {
            runs += 1
            throw new Error('every time')
          },
        }),
    })
    await host.clock.advance(3 * hourMs)
    expect(runs).toBe(3)
  })

  it('with a schedule that is none is left out, the others run', async () => {
    const errors: string[] = []
    let runs = 0
    const host = await smallHost({
      clock: 'real',
      load: () => {
        app.timer('wrong', { schedule: '0 0 0 * * 7', handler: () => {} })
        app.timer('unset', { schedule: '%NOT_THERE%', handler: () => {} })
        app.timer('right', { schedule: '0 * * * * *', runOnStartup: true, handler: () => void runs++ })
      },
      log: ({ level, message }) => level === 'error' && errors.push(message),
    })
    await host.clock.advance(minuteMs)
    expect(runs).toBe(2)
    expect(errors.join('\n')).toMatch(/'wrong' function is in error.*\n.*NOT_THERE/)
  })
})
