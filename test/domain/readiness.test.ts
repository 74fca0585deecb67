import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Policy } from '../../src/domain/policy.ts'
import { waitBins } from '../../src/domain/readiness.ts'
import { scanRegion } from '../../src/domain/scan-region.ts'
import { aRegion, NOW_MS, type StampSpec } from './a-region.ts'

const HOUR_MS = 3_600_000
const MINUTES = 30 * 60

function readiness(stamp: Partial<StampSpec>, policy: object = {}) {
  const data = aRegion({
    stamps: [{ id: 'a', ...stamp }, { id: 'b' }],
    registries: [
      { name: 'one', stamp: 'a', cores: 5 },
      { name: 'two', stamp: 'b', cores: 1 },
    ],
  })
  return (scanRegion(data, Policy.parse(policy)).readiness ?? []).filter(({ stamp: id }) => id === 'a')
}

test('where all telemetry is there nothing is missing', () => {
  expect(readiness({})).toEqual([])
})

describe('node CPU', () => {
  test('that never came is missing, and enough of it takes 95 % of a window', () => {
    expect(readiness({ silent: true })).toMatchObject([
      { pool: 'dataproxy', signal: 'node CPU', sinceMs: null, readyMs: NOW_MS + 684 * 60_000 },
      { pool: 'registry', signal: 'node CPU' },
    ])
  })

  test('that fell silent is missing since its last bin, though its window can still be judged', () => {
    const [found] = readiness({ missing: (minute) => minute >= MINUTES - 60 })
    expect(found).toMatchObject({ signal: 'node CPU', sinceMs: NOW_MS - HOUR_MS, readyMs: NOW_MS })
    expect(found?.words).toContain('has sent no CPU since 2026-03-10T23:00:00.000Z')
  })

  test('of a few late minutes is not missing, of more than ten it is', () => {
    expect(readiness({ missing: (minute) => minute >= MINUTES - 10 })).toEqual([])
    expect(readiness({ missing: (minute) => minute >= MINUTES - 11 })).not.toEqual([])
  })

  test('with gaps is enough once these have left the window', () => {
    // Of the last 24 h every third minute lacks.
    const [found] = readiness({ missing: (minute) => minute % 3 === 0 })
    // 36 of 720 bins may lack, and of the last 110 minutes just so many do: 610 more must come.
    expect(found).toMatchObject({ sinceMs: NOW_MS, readyMs: NOW_MS + 610 * 60_000 })
    expect(found?.words).toContain('480 of 720 bins of its peak window, 684 are needed')
  })
})

test('load that stopped is told apart from CPU that is there', () => {
  const data = aRegion({ stamps: [{ id: 'a' }], registries: [{ name: 'one', stamp: 'a', cores: 5 }] })
  const stopped = data.load.series.map((series) => ({
    ...series,
    requests: series.requests?.map((value, at) => (at >= MINUTES - 120 ? Number.NaN : value)) ?? null,
    throttled: null,
    cpuSeconds: series.cpuSeconds?.map((value, at) => (at >= MINUTES - 120 ? Number.NaN : value)) ?? null,
  }))
  const found = scanRegion({ ...data, load: { ...data.load, series: stopped } }, Policy.parse({})).readiness
  expect(found).toMatchObject([
    { pool: 'dataproxy', signal: 'replica load', sinceMs: NOW_MS - 2 * HOUR_MS },
    { pool: 'registry', signal: 'replica load' },
  ])
})

test('the wait is the least after which a window that ends with it has enough', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 12, maxLength: 30 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      (there, length, some) => {
        const needed = Math.min(some, length)
        const enough = (wait: number) => {
          const all = [...there, ...Array<boolean>(wait).fill(true)]
          return Array.from({ length: all.length - length + 1 }, (_, at) => all.slice(at, at + length)).some(
            (window) => window.filter(Boolean).length >= needed,
          )
        }
        let expected = 0
        while (!enough(expected)) expected += 1
        const series = Float64Array.from(there, (is) => (is ? 1 : Number.NaN))
        expect(waitBins(series, { length, needed })).toBe(expected)
      },
    ),
  )
})
