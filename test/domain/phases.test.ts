import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterRoomIsMade, inPhases, PHASE_ORDER, phasesOf } from '../../src/domain/phases.ts'
import { DEFAULT_POLICY } from '../../src/domain/policy.ts'

const anyMoves = fc.uniqueArray(
  fc.record({ registry: fc.stringMatching(/^[a-z]{1,4}$/), load: fc.integer({ min: 0, max: 200 }) }),
  {
    selector: ({ registry }) => registry,
    maxLength: 12,
  },
)
const anyLimits = fc.record({
  topPercent: fc.constantFrom(50, 80, 90),
  tailPercent: fc.constantFrom(1, 5, 20),
  mediumBatchMax: fc.integer({ min: 1, max: 4 }),
})
const sumOf = (moves: readonly { readonly load: number }[]) => moves.reduce((sum, { load }) => sum + load, 0)

test('each move has one place, batches count from 1 without gaps, and only medium batches hold more than they may', () => {
  fc.assert(
    fc.property(anyMoves, anyLimits, (moves, limits) => {
      const phased = inPhases(moves, limits)
      expect(phased.map(({ registry }) => registry).toSorted()).toEqual(
        moves.map(({ registry }) => registry).toSorted(),
      )
      for (const phase of ['tail', 'medium', 'top'] as const) {
        const batches = phased.filter((move) => move.phase === phase).map(({ batch }) => batch)
        expect([...new Set(batches)]).toEqual(
          Array.from({ length: new Set(batches).size }, (_, at) => at + 1),
        )
        if (phase === 'tail') expect(new Set(batches).size).toBeLessThanOrEqual(1)
        if (phase === 'top') expect(new Set(batches).size).toBe(batches.length)
        for (const batch of new Set(batches)) {
          if (phase === 'medium')
            expect(batches.filter((one) => one === batch).length).toBeLessThanOrEqual(limits.mediumBatchMax)
        }
      }
    }),
  )
})

test('the tail carries at most its part, the top at least its own with no one to spare, and lighter moves run earlier', () => {
  fc.assert(
    fc.property(anyMoves, anyLimits, (moves, limits) => {
      const loads = new Map(moves.map(({ registry, load }) => [registry, load]))
      const phased = inPhases(moves, limits).map((move) => ({ ...move, load: loads.get(move.registry) ?? 0 }))
      const of = (phase: string) => phased.filter((move) => move.phase === phase)
      const all = sumOf(moves)
      expect(sumOf(of('tail')) * 100).toBeLessThanOrEqual(all * limits.tailPercent)
      if (all > 0 && of('medium').length > 0) {
        expect(sumOf(of('top')) * 100).toBeGreaterThanOrEqual(all * limits.topPercent)
        expect(sumOf(of('top').slice(1)) * 100).toBeLessThan(all * limits.topPercent)
        const [next] = of('medium')
        expect((sumOf(of('tail')) + (next?.load ?? 0)) * 100).toBeGreaterThan(all * limits.tailPercent)
      }
      const run = phased.map(({ load }) => load)
      expect(run).toEqual(run.toSorted((a, b) => a - b))
    }),
  )
})

test('a phase without moves is left out', () => {
  expect(phasesOf([{ phase: 'top' }], DEFAULT_POLICY)).toEqual([{ name: 'top', observation: 'PT48H' }])
  expect(phasesOf([], DEFAULT_POLICY)).toEqual([])
})

test('replicas without load are all tail', () => {
  const phased = inPhases(
    [
      { registry: 'a', load: 0 },
      { registry: 'b', load: 0 },
    ],
    DEFAULT_POLICY,
  )
  expect(phased).toEqual([
    { registry: 'a', phase: 'tail', batch: 1 },
    { registry: 'b', phase: 'tail', batch: 1 },
  ])
})

test('whoever goes to a stamp that gives replicas away goes with the last of these or after it', () => {
  const anyMove = fc.record({
    from: fc.constantFrom('a', 'b', 'c'),
    to: fc.constantFrom('a', 'b', 'c'),
    load: fc.nat(99),
  })
  fc.assert(
    fc.property(fc.array(anyMove, { maxLength: 9 }), (drawn) => {
      const moves = drawn
        .filter(({ from, to }) => from !== to)
        .map((move, at) => ({ ...move, registry: `r${at}` }))
      const phased = afterRoomIsMade(inPhases(moves, DEFAULT_POLICY), moves)
      const place = (registry: string) => {
        const found = phased.find((move) => move.registry === registry)
        return found ? PHASE_ORDER.indexOf(found.phase) * 1000 + found.batch : Number.NaN
      }
      for (const move of moves)
        for (const other of moves)
          if (other.from === move.to)
            expect(place(move.registry)).toBeGreaterThanOrEqual(place(other.registry))
      for (const phase of PHASE_ORDER) {
        const batches = [...new Set(phased.filter((move) => move.phase === phase).map(({ batch }) => batch))]
        expect(batches.toSorted((a, b) => a - b)).toEqual(batches.map((_, at) => at + 1))
      }
    }),
  )
})

test('moves off one stamp only stay where their load puts them', () => {
  const moves = [3, 40, 60].map((load, at) => ({
    registry: `r${at}`,
    from: 'a',
    to: at === 1 ? 'b' : 'c',
    load,
  }))
  const phased = inPhases(moves, DEFAULT_POLICY)
  expect(afterRoomIsMade(phased, moves)).toEqual(phased)
})
