import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cachingOf, type Routing, routedTo, servedUntilMs, shareAt } from '../../src/twin/routing.ts'
import { recordedBin, recordedRuns, type Timeline } from '../../src/twin/timeline.ts'

const STAMPS = ['a', 'b', 'c'] as const

/** A few changes within minutes of one another, as in a move that is undone at once. */
const anyRouting = fc
  .record({
    seed: fc.integer({ min: 0, max: 50 }),
    steps: fc.array(
      fc.record({
        waitMs: fc.integer({ min: 1, max: 400_000 }),
        to: fc.constantFrom(...STAMPS),
        slow: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ seed, steps }): Routing => {
    let atMs = 0
    const changes = steps.map(({ waitMs, to, slow }, at) => {
      atMs += waitMs
      return { atMs, to, epoch: at + 2, caching: cachingOf('r@north', seed, slow ? 'slow' : 'normal') }
    })
    return { home: 'a', changes, caching: cachingOf('r@north', seed, 'normal') }
  })

const anyInstant = fc.integer({ min: 0, max: 20_000_000 })

test('at every instant a replica has all of its traffic, on no stamp less than none', () => {
  fc.assert(
    fc.property(anyRouting, anyInstant, (routing, atMs) => {
      const shares = STAMPS.map((stamp) => shareAt(routing, stamp, atMs))

      expect(shares.every((share) => share >= 0)).toBe(true)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6)
    }),
  )
})

test('a stamp has no traffic at or behind the instant until which it is served', () => {
  fc.assert(
    fc.property(anyRouting, anyInstant, (routing, atMs) => {
      for (const stamp of STAMPS) {
        const untilMs = servedUntilMs(routing, stamp)
        if (untilMs === undefined || atMs >= untilMs) expect(shareAt(routing, stamp, atMs)).toBe(0)
      }
    }),
  )
})

test('hours after the last change all traffic is where the route leads', () => {
  fc.assert(
    fc.property(anyRouting, (routing) => {
      expect(shareAt(routing, routedTo(routing, 30_000_000), 30_000_000)).toBe(1)
    }),
  )
})

const anyTimeline = fc
  .record({ bins: fc.integer({ min: 1, max: 40 }), cycleBins: fc.integer({ min: 1, max: 10 }) })
  .map(
    ({ bins, cycleBins }): Timeline => ({ binMs: 60_000, startMs: 0, endMs: bins * 60_000, bins, cycleBins }),
  )

test('every bin from the start on stands for a recorded one, and those of the files for themselves', () => {
  fc.assert(
    fc.property(anyTimeline, fc.integer({ min: 0, max: 200 }), (timeline, at) => {
      const recorded = recordedBin(timeline, at)

      expect(recorded).toBeGreaterThanOrEqual(0)
      expect(recorded).toBeLessThan(timeline.bins)
      if (at < timeline.bins) expect(recorded).toBe(at)
      else expect(recordedBin(timeline, at + timeline.cycleBins)).toBe(recorded)
    }),
  )
})

test('runs cover a span bin by bin and name what each stands for', () => {
  fc.assert(
    fc.property(anyTimeline, fc.integer({ min: -5, max: 80 }), fc.nat(40), (timeline, from, length) => {
      const seen: number[] = []
      recordedRuns(timeline, { from, to: from + length }, ({ at, recorded, bins }) => {
        expect(at).toBe(from + seen.length)
        for (let step = 0; step < bins; step++) seen.push(recorded === -1 ? -1 : recorded + step)
      })

      expect(seen).toEqual(Array.from({ length }, (_, step) => recordedBin(timeline, from + step)))
    }),
  )
})
