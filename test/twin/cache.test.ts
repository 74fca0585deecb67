import { expect, test } from 'vitest'
import { createTwin } from '../../src/twin/twin.ts'
import { busy, empty, HandClock, MINUTE_MS, moveTo, shared, someFiles } from './a-twin.ts'

/** A region whose replicas report two requests in flight at any time. */
function measured() {
  const files = someFiles()
  const series = files.load.series.map((one) => ({
    ...one,
    inFlight: new Float64Array(files.load.bins).fill(2),
  }))
  const clock = new HandClock()
  const twin = createTwin({
    files: { ...files, load: { ...files.load, series } },
    database: ':memory:',
    clock,
    seed: 1,
  })
  const inFlight = async (fromMs: number) => {
    const load = await twin.metrics.load({ region: 'north', fromMs, toMs: fromMs + 20 * MINUTE_MS })
    return [...(load.series.find(({ registry }) => registry === 'busy')?.inFlight ?? [])]
  }
  return { twin, clock, inFlight }
}

test('a move to a cold cache makes pulls slower, less and less, and as before after a quarter of an hour', async () => {
  const { twin, clock, inFlight } = measured()
  const routedMs = clock.ms
  await moveTo(twin, busy, empty, 'k1')
  clock.ms += 30 * MINUTE_MS
  const seen = await inFlight(routedMs)
  expect(seen[0]).toBe(5)
  expect(seen.slice(0, 15)).toEqual(seen.slice(0, 15).toSorted((a, b) => b - a))
  expect(seen.slice(15)).toEqual([2, 2, 2, 2, 2])
})

test('a cache that was warmed first makes no pull slower, nor does the way home', async () => {
  const { twin, clock, inFlight } = measured()
  await twin.traffic.warm(busy, empty)
  clock.ms += 5 * MINUTE_MS
  const routedMs = clock.ms
  await moveTo(twin, busy, empty, 'k1')
  clock.ms += 30 * MINUTE_MS
  expect(new Set(await inFlight(routedMs))).toEqual(new Set([2]))
  const backMs = clock.ms
  await moveTo(twin, busy, shared, 'k2')
  clock.ms += 30 * MINUTE_MS
  expect(new Set(await inFlight(backMs))).toEqual(new Set([2]))
})
