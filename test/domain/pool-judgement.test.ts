import { describe, expect, test } from 'vitest'
import { Policy } from '../../src/domain/policy.ts'
import { scanRegion } from '../../src/domain/scan-region.ts'
import { aRegion, NOW_MS, type StampSpec } from './a-region.ts'

const HOUR_MS = 3_600_000
/** Minutes since the start of the data at which the last `hours` before now begin. */
const hoursBack = (hours: number, of = 44) => (of - hours) * 60

/** What a scan says of a stamp whose pools show 80 % at some minutes and 30 % at all others. */
function verdictOf(isHot: (minute: number) => boolean, policy: object = {}, stamp: Partial<StampSpec> = {}) {
  const data = aRegion({
    hours: 44,
    stamps: [{ id: 'a', ...stamp }, { id: 'b' }],
    registries: [
      { name: 'one', stamp: 'a', cores: (minute) => (isHot(minute) ? 20 : 7) },
      { name: 'two', stamp: 'b', cores: 1 },
    ],
  })
  return scanRegion(data, Policy.parse(policy)).pools[0]
}

describe('two evaluations six hours apart', () => {
  test('make a pool hot when both find it so', () => {
    expect(verdictOf(() => true)?.verdict).toBe('hot')
  })

  test('leave it warm when only the later one does', () => {
    const scan = verdictOf((minute) => minute >= hoursBack(6))
    expect(scan?.figures.hotNodeP95).toBeGreaterThan(70)
    expect([scan?.verdict, scan?.words]).toEqual([
      'warm',
      expect.stringContaining('until two evaluations agree'),
    ])
  })

  test('leave it warm when the earlier one had too little data, however hot the rest of it was', () => {
    // Now the given window is covered; the one of a day ago, which the earlier evaluation used, is half there.
    const scan = verdictOf(
      () => true,
      { peakStart: '10:00', peakZone: 'UTC' },
      { missing: (minute) => minute < hoursBack(38 - 6) },
    )
    expect([scan?.verdict, scan?.words]).toEqual([
      'warm',
      expect.stringContaining('too little data to judge six hours before'),
    ])
  })
})

test('a given peak window decides by its hours, not by hotter ones', () => {
  // Now is midnight UTC: from 22:00 to 10:00 it was hot, from 10:00 to 22:00 it was not.
  const night = (minute: number) => minute >= hoursBack(26) && minute < hoursBack(14)
  const given = verdictOf(night, { peakStart: '10:00', peakZone: 'UTC' })
  expect(given?.window).toMatchObject({ startMs: NOW_MS - 14 * HOUR_MS, endMs: NOW_MS - 2 * HOUR_MS })
  expect([given?.verdict, verdictOf(night)?.figures.hotNodeP95]).toEqual(['cool', expect.closeTo(83.25, 5)])
})

test('a given peak window of the day before yesterday still knows who dominates', () => {
  // At midnight the last whole window from 13:00 on ended 23 hours ago.
  const scan = verdictOf(() => true, { peakStart: '13:00', peakZone: 'UTC' })
  expect(scan?.window).toMatchObject({ endMs: NOW_MS - 23 * HOUR_MS })
  expect(scan?.verdict).toBe('hot')
})
