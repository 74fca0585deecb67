import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Calendar, calendarAt, Freeze, MoveWindow } from '../../src/domain/calendar.ts'

const HOUR_MS = 3_600_000
const ROUTINE = { purpose: 'rebalance', urgency: 'routine' } as const
const EMERGENCY = { ...ROUTINE, urgency: 'emergency' } as const
const at = (iso: string) => Date.parse(iso)
const calendar = (windows: unknown[], freezes: unknown[] = []): Calendar => ({
  windows: windows.map((window) => MoveWindow.parse(window)),
  freezes: freezes.map((freeze) => Freeze.parse(freeze)),
})

describe('windows', () => {
  test('without a window a routine plan never starts, and the words say so', () => {
    const state = calendarAt(calendar([]), ROUTINE, at('2026-11-02T10:00:00Z'))

    expect(state).toMatchObject({ kind: 'closed', rule: 'window', opensAtMs: null })
    expect(state.kind === 'closed' && state.words).toContain('the policy lists no window')
  })

  test('a window is open from its start until before its end, by its own clock', () => {
    const office = calendar([{ days: ['mon'], from: '09:00', to: '17:00', zone: 'Europe/Amsterdam' }])
    const open = (iso: string) => calendarAt(office, ROUTINE, at(iso)).kind

    // Winter: 09:00 in Amsterdam is 08:00 UTC. Summer: 07:00 UTC.
    expect(
      ['2026-11-02T07:59:59Z', '2026-11-02T08:00:00Z', '2026-11-02T15:59:59Z', '2026-11-02T16:00:00Z'].map(
        open,
      ),
    ).toEqual(['closed', 'open', 'open', 'closed'])
    expect(open('2026-07-06T07:00:00Z')).toBe('open')
    expect(open('2026-11-03T10:00:00Z')).toBe('closed')
  })

  test('a window over midnight belongs to the day on which it starts', () => {
    const night = calendar([{ days: ['fri'], from: '22:00', to: '04:00' }])

    expect(calendarAt(night, ROUTINE, at('2026-11-07T03:59:00Z')).kind).toBe('open')
    expect(calendarAt(night, ROUTINE, at('2026-11-06T03:00:00Z')).kind).toBe('closed')
  })

  test('a window for isolations opens nothing for a rebalance', () => {
    const some = calendar([{ from: '00:00', to: '24:00', for: ['isolate'] }])

    expect(calendarAt(some, ROUTINE, at('2026-11-02T10:00:00Z')).kind).toBe('closed')
    expect(calendarAt(some, { ...ROUTINE, purpose: 'isolate' }, at('2026-11-02T10:00:00Z')).kind).toBe('open')
  })

  test('an emergency needs no window', () => {
    expect(calendarAt(calendar([]), EMERGENCY, at('2026-11-02T10:00:00Z')).kind).toBe('open')
  })
})

describe('freezes', () => {
  const always = { from: '00:00', to: '24:00' }
  const peak = { from: '2026-12-18T00:00:00+01:00', to: '2027-01-04T00:00:00+01:00', reason: 'year end' }

  test('a freeze closes every window until its end, and says why', () => {
    const state = calendarAt(calendar([always], [peak]), ROUTINE, at('2026-12-24T12:00:00Z'))

    expect(state).toMatchObject({ kind: 'closed', rule: 'freeze', opensAtMs: at('2027-01-03T23:00:00Z') })
    expect(state.kind === 'closed' && state.words).toContain('year end')
  })

  test('an emergency passes a freeze, but not one that stops everything', () => {
    const now = at('2026-12-24T12:00:00Z')

    expect(calendarAt(calendar([], [peak]), EMERGENCY, now).kind).toBe('open')
    expect(calendarAt(calendar([], [{ ...peak, stops: 'everything' }]), EMERGENCY, now)).toMatchObject({
      rule: 'freeze',
      opensAtMs: at('2027-01-03T23:00:00Z'),
    })
  })
})

const anyTime = fc
  .integer({ min: 0, max: 95 })
  .map(
    (quarter) =>
      `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`,
  )
const anyWindow = fc
  .record({
    days: fc.uniqueArray(fc.constantFrom('sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'), { minLength: 1 }),
    from: anyTime,
    to: anyTime,
    zone: fc.constantFrom('UTC', 'Europe/Amsterdam', 'Asia/Kolkata', 'America/New_York'),
  })
  .filter(({ from, to }) => from !== to)
const YEAR_MS = at('2026-01-01T00:00:00Z')
const anyHour = fc.integer({ min: 0, max: 24 * 365 }).map((hours) => YEAR_MS + hours * HOUR_MS)
const anyFreeze = fc.tuple(anyHour, fc.integer({ min: 1, max: 24 * 20 })).map(([from, hours]) => ({
  from: new Date(from).toISOString(),
  to: new Date(from + hours * HOUR_MS).toISOString(),
  reason: 'a freeze',
}))

test('when a calendar says that it opens it is open, and not a minute before', () => {
  fc.assert(
    fc.property(
      fc.array(anyWindow, { minLength: 1, maxLength: 3 }),
      fc.array(anyFreeze, { maxLength: 2 }),
      anyHour,
      (windows, freezes, now) => {
        const some = calendar(windows, freezes)
        const state = calendarAt(some, ROUTINE, now)
        if (state.kind === 'open') return
        const { opensAtMs } = state

        expect(opensAtMs).not.toBeNull()
        expect(opensAtMs).toBeGreaterThan(now)
        expect(calendarAt(some, ROUTINE, opensAtMs ?? 0).kind).toBe('open')
        expect(calendarAt(some, ROUTINE, (opensAtMs ?? 0) - 60_000).kind).toBe('closed')
      },
    ),
    { numRuns: 60 },
  )
})

test('a further freeze never opens what was closed', () => {
  fc.assert(
    fc.property(fc.array(anyWindow, { maxLength: 2 }), anyFreeze, anyHour, (windows, freeze, now) => {
      if (calendarAt(calendar(windows, [freeze]), ROUTINE, now).kind === 'open')
        expect(calendarAt(calendar(windows), ROUTINE, now).kind).toBe('open')
    }),
    { numRuns: 60 },
  )
})

test.each([
  [{ from: '9:00', to: '17:00' }, 'local time'],
  [{ from: '09:00', to: '09:00' }, 'ends when it starts'],
  [{ from: '09:00', to: '17:00', zone: 'Mars/Olympus' }, 'time zone'],
  [{ from: '09:00', to: '17:00', days: [] }, 'expected array to have >=1 items'],
  [{ from: '09:00', to: '17:00', day: 'mon' }, 'Unrecognized key'],
])('the window %j is refused in words', (window, words) => {
  expect(MoveWindow.safeParse(window).error?.message).toContain(words)
})

test.each([
  [{ from: '2026-12-18', to: '2026-12-20T00:00:00Z', reason: 'x' }, 'offset'],
  [{ from: '2026-12-20T00:00:00Z', to: '2026-12-18T00:00:00Z', reason: 'x' }, 'ends before it starts'],
  [{ from: '2026-12-18T00:00:00Z', to: '2026-12-20T00:00:00Z' }, 'reason'],
])('the freeze %j is refused in words', (freeze, words) => {
  expect(Freeze.safeParse(freeze).error?.message).toContain(words)
})
