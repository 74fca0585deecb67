import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type EffectKind, type Switch, strongest, switchAgainst } from '../../src/domain/switches.ts'

const anySwitch: fc.Arbitrary<Switch> = fc.record({
  scope: fc.constantFrom('*', 'westeurope'),
  setting: fc.constantFrom('off', 'noNewMoves', 'freeze'),
  by: fc.constant('olga'),
  reason: fc.constant('because'),
  atMs: fc.integer({ min: 0, max: 3 }),
})
const KINDS: readonly EffectKind[] = ['newMove', 'underWay', 'reversal']
const stops = (switches: readonly Switch[]) =>
  KINDS.filter((kind) => switchAgainst(switches, kind) !== undefined)

test('one freeze among the switches stops every effect', () => {
  fc.assert(
    fc.property(fc.array(anySwitch, { maxLength: 4 }), (switches) => {
      const frozen = switches.some(({ setting }) => setting === 'freeze')

      expect(stops(switches).length === KINDS.length).toBe(frozen)
    }),
  )
})

test('without a freeze, no new moves stops new moves and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(
        anySwitch.filter(({ setting }) => setting !== 'freeze'),
        { maxLength: 4 },
      ),
      (switches) => {
        const on = switches.some(({ setting }) => setting === 'noNewMoves')

        expect(stops(switches)).toEqual(on ? ['newMove'] : [])
      },
    ),
  )
})

test('another switch never lets an effect through that was stopped', () => {
  fc.assert(
    fc.property(fc.array(anySwitch, { maxLength: 3 }), anySwitch, (switches, more) => {
      for (const kind of stops(switches)) expect(stops([...switches, more])).toContain(kind)
    }),
  )
})

test('the order of the switches does not matter', () => {
  fc.assert(
    fc.property(fc.array(anySwitch, { maxLength: 4 }), (switches) => {
      const forth = strongest(switches)

      expect(strongest(switches.toReversed())?.setting).toBe(forth?.setting)
    }),
  )
})
