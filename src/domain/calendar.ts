import { z } from 'zod'
import { instantOfLocal, isZone } from './zone.ts'

const DAY_MS = 86_400_000
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
/** A window that is open now began at most so many local days ago; the next one begins within so many. */
const DAYS_BACK = 2
const DAYS_AHEAD = 9
/** Windows and freezes that follow each other are walked so far and no further. */
const STEPS_MAX = 200

const LocalTime = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected a local time such as 09:30, at most 24:00')

/** What a plan is for, as its verdict says. */
export const PlanPurpose = z.enum(['rebalance', 'isolate', 'evacuate', 'ramp', 'right-size'])

/** Local hours of some weekdays in which moves may start; an end before the start lies on the next day. */
export const MoveWindow = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .default([...DAYS]),
    from: LocalTime,
    to: LocalTime,
    zone: z.string().refine(isZone, 'expected a time zone such as Europe/Amsterdam').default('UTC'),
    /** For plans of these purposes; absent: for all. */
    for: z.array(PlanPurpose).min(1).optional(),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'the window ends when it starts; 00:00 to 24:00 is a whole day',
  })
export type MoveWindow = z.infer<typeof MoveWindow>

const Instant = z.iso.datetime({
  offset: true,
  error: 'expected an instant with its offset such as 2026-12-18T00:00:00+01:00',
})

/** A stretch of time in which nothing starts; `stops` says whether emergencies are stopped as well. */
export const Freeze = z
  .strictObject({
    from: Instant,
    to: Instant,
    reason: z.string().min(1),
    stops: z.enum(['routine', 'everything']).default('routine'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'the freeze ends before it starts',
  })
export type Freeze = z.infer<typeof Freeze>

export interface Calendar {
  readonly windows: readonly MoveWindow[]
  readonly freezes: readonly Freeze[]
}

/** Who asks a calendar: an emergency is bound by no window, and by a freeze only where that stops everything. */
export interface Asking {
  readonly purpose: string
  readonly urgency: 'routine' | 'emergency'
}

export type CalendarState =
  | { readonly kind: 'open' }
  /** `opensAtMs` is null where no listed window opens in sight. */
  | {
      readonly kind: 'closed'
      readonly rule: 'window' | 'freeze'
      readonly opensAtMs: number | null
      readonly words: string
    }

/** Whether a plan's moves may start at an instant; when not, why, and when they next may. */
export function calendarAt(calendar: Calendar, asking: Asking, atMs: number): CalendarState {
  const freeze = freezeAt(calendar, asking, atMs)
  const isOpen = openSpan(calendar, asking, atMs) !== undefined
  if (isOpen && !freeze) return { kind: 'open' }
  const opensAtMs = nextOpening(calendar, asking, atMs)
  const next = opensAtMs === null ? 'no window opens in sight' : `it opens at ${iso(opensAtMs)}`
  if (freeze) {
    const words = `a freeze is on until ${iso(Date.parse(freeze.to))} (${freeze.reason}); ${next}`
    return { kind: 'closed', rule: 'freeze', opensAtMs, words }
  }
  const listed =
    calendar.windows.length === 0
      ? 'the policy lists no window, and without one nothing starts'
      : `outside the windows of ${asking.purpose} plans`
  return { kind: 'closed', rule: 'window', opensAtMs, words: `${listed}; ${next}` }
}

function nextOpening(calendar: Calendar, asking: Asking, atMs: number): number | null {
  let at = atMs
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const freeze = freezeAt(calendar, asking, at)
    if (freeze) at = Date.parse(freeze.to)
    else if (openSpan(calendar, asking, at)) return at
    else {
      const later = spansAround(calendar, asking, at).filter(({ startMs }) => startMs > at)
      if (later.length === 0) return null
      at = Math.min(...later.map(({ startMs }) => startMs))
    }
  }
  return null
}

function freezeAt({ freezes }: Calendar, { urgency }: Asking, atMs: number): Freeze | undefined {
  return freezes.find(
    ({ from, to, stops }) =>
      Date.parse(from) <= atMs && atMs < Date.parse(to) && (urgency === 'routine' || stops === 'everything'),
  )
}

interface OpenSpan {
  readonly startMs: number
  readonly endMs: number
}

function openSpan(calendar: Calendar, asking: Asking, atMs: number): OpenSpan | undefined {
  if (asking.urgency === 'emergency') return { startMs: atMs, endMs: atMs + DAY_MS }
  return spansAround(calendar, asking, atMs).find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
}

/** The windows' hours in the days around an instant. A local time that a change of clocks skips or repeats is the first one. */
function spansAround({ windows }: Calendar, { purpose }: Asking, atMs: number): OpenSpan[] {
  const today = Math.floor(atMs / DAY_MS) * DAY_MS
  return windows
    .filter((window) => window.for?.some((one) => one === purpose) ?? true)
    .flatMap(({ days, from, to, zone }) => {
      const spans: OpenSpan[] = []
      for (let day = -DAYS_BACK; day <= DAYS_AHEAD; day += 1) {
        const local = today + day * DAY_MS
        const weekday = DAYS[new Date(local).getUTCDay()]
        if (!weekday || !days.includes(weekday)) continue
        const endsOn = minutesOf(to) > minutesOf(from) ? local : local + DAY_MS
        spans.push({
          startMs: instantOfLocal(local + minutesOf(from) * 60_000, zone),
          endMs: instantOfLocal(endsOn + minutesOf(to) * 60_000, zone),
        })
      }
      return spans
    })
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}
