import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import { type Interlock, interlockAgainst, voidsOf } from '../../src/domain/interlocks.ts'

const STAMPS = ['s-a', 's-b'].map((id) => StampId.parse(id))
const anyInterlock: fc.Arbitrary<Interlock> = fc
  .record({
    kind: fc.constantFrom('rollout', 'incident', 'change-ticket', 'opt-out', 'error-budget', 'quota'),
    stamp: fc.option(fc.constantFrom(...STAMPS), { nil: undefined }),
    customer: fc.option(fc.constantFrom('acme', 'other'), { nil: undefined }),
    fromMs: fc.integer({ min: 0, max: 50 }),
    untilMs: fc.option(fc.integer({ min: 51, max: 100 })),
  })
  .map(({ stamp, customer, ...rest }) => ({
    ...{ region: 'north', words: 'because', ...rest },
    ...(stamp ? { stamp } : {}),
    ...(customer ? { customer } : {}),
  }))
const move = { registry: 'acme01', customer: 'acme', stamps: ['s-a'] }

test('an interlock stops the moves that all of its names fit, while it is in force, and no others', () => {
  fc.assert(
    fc.property(anyInterlock, fc.integer({ min: 0, max: 120 }), (interlock, atMs) => {
      const fits =
        (interlock.stamp ?? 's-a') === 's-a' &&
        (interlock.customer ?? 'acme') === 'acme' &&
        atMs >= interlock.fromMs &&
        (interlock.untilMs === null || atMs < interlock.untilMs)

      expect(interlockAgainst([interlock], move, atMs) !== undefined).toBe(fits)
    }),
  )
})

test('only rollouts and incidents of a stamp or region void minutes, and only such within the observation', () => {
  fc.assert(
    fc.property(fc.array(anyInterlock, { maxLength: 4 }), (interlocks) => {
      const voids = voidsOf(interlocks, { stamps: ['s-a'], sinceMs: 20, atMs: 80 })
      const disturbing = interlocks.filter(
        ({ kind, stamp, customer, fromMs, untilMs }) =>
          (kind === 'rollout' || kind === 'incident') &&
          customer === undefined &&
          (stamp ?? 's-a') === 's-a' &&
          fromMs < 80 &&
          (untilMs ?? 80) > 20,
      )

      expect(voids).toHaveLength(disturbing.length)
      for (const { startMs, endMs } of voids) {
        expect(startMs).toBeGreaterThanOrEqual(20)
        expect(endMs).toBeLessThanOrEqual(80)
        expect(startMs).toBeLessThan(endMs)
      }
    }),
  )
})
