import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { peakWindowOf } from '../../src/domain/local-window.ts'
import { instantOfLocal, isZone, lastLocalStart } from '../../src/domain/zone.ts'
import { asSamples, HOUR_MS, MINUTE_MS } from './cpu-samples.ts'

const DAY_MS = 24 * HOUR_MS
const utc = (text: string) => Date.parse(`${text}Z`)
const ZONES = [
  'UTC',
  'Europe/Amsterdam',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
]

/** What clocks of a zone show, found by looking through every minute of three days. */
function naiveStarts(clock: string, zone: string, beforeMs: number): number[] {
  const shown = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const starts: number[] = []
  for (
    let atMs = Math.floor(beforeMs / MINUTE_MS) * MINUTE_MS;
    atMs > beforeMs - 3 * DAY_MS;
    atMs -= MINUTE_MS
  )
    if (shown.format(atMs) === clock) starts.push(atMs)
  return starts
}

describe('a local time of a zone', () => {
  test.each([
    ['2024-01-15T08:00', 'Europe/Amsterdam', '2024-01-15T07:00'],
    ['2024-07-15T08:00', 'Europe/Amsterdam', '2024-07-15T06:00'],
    ['2024-07-15T08:00', 'Asia/Kathmandu', '2024-07-15T02:15'],
    // Clocks go from 02:00 to 03:00: 02:30 is half an hour behind the change.
    ['2024-03-31T02:30', 'Europe/Amsterdam', '2024-03-31T01:30'],
    // Clocks go from 03:00 back to 02:00: of the two 02:30 it is the first.
    ['2024-10-27T02:30', 'Europe/Amsterdam', '2024-10-27T00:30'],
  ])('%s in %s is %s UTC', (local, zone, instant) => {
    expect(instantOfLocal(utc(local), zone)).toBe(utc(instant))
  })

  test('the last start before an instant is found as by looking through every minute', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: 4, max: 23 }).map((hour) => `${String(hour).padStart(2, '0')}:00`),
        fc.integer({ min: 0, max: 366 * 24 }).map((hour) => utc('2024-01-01T00:00') + hour * HOUR_MS),
        (zone, clock, beforeMs) => {
          expect(lastLocalStart(clock, zone, beforeMs)).toBe(naiveStarts(clock, zone, beforeMs)[0])
        },
      ),
      { numRuns: 40 },
    )
  })

  test('what is no zone is told', () => {
    expect([isZone('Europe/Amsterdam'), isZone('UTC'), isZone('Europe/Nowhere'), isZone('')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('a given peak window', () => {
  const rule = { peakHours: 12, minCoverage: 0.95, peakStart: '08:00', peakZone: 'Europe/Amsterdam' }
  const at = (text: string, binMs = MINUTE_MS) =>
    peakWindowOf(asSamples([]), rule, { binMs, nowMs: utc(text) })

  test('is the last whole one, at the local time whether clocks are forward or not', () => {
    expect(at('2024-03-30T20:00')?.startMs).toBe(utc('2024-03-30T07:00'))
    expect(at('2024-03-31T20:00')?.startMs).toBe(utc('2024-03-31T06:00'))
    expect(at('2024-03-31T17:59')?.startMs).toBe(utc('2024-03-30T07:00'))
    expect(at('2024-03-31T18:00')?.endMs).toBe(utc('2024-03-31T18:00'))
  })

  test('starts with the bin that its start lies in', () => {
    expect(at('2024-01-16T00:00', 7 * MINUTE_MS)?.startMs).toBe(
      Math.floor(utc('2024-01-15T07:00') / (7 * MINUTE_MS)) * 7 * MINUTE_MS,
    )
  })
})
