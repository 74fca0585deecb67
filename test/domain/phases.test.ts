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

test('at a break of 1 the tail carries at most its part and the top at least its own, no one to spare in either', () => {
  fc.assert(
    fc.property(anyMoves, anyLimits, (moves, drawn) => {
      const limits = { ...drawn, breakTimes: 1 }
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

/** How many of these loads each phase has, at the built-in policy or another. */
function counts(loads: readonly number[], policy: object = {}): number[] {
  const moves = loads.map((load, at) => ({ registry: `r${at}`, load }))
  const phased = inPhases(moves, { ...DEFAULT_POLICY, ...policy })
  return PHASE_ORDER.map((name) => phased.filter(({ phase }) => phase === name).length)
}
const alike = (count: number, load: number) =>
  Array.from({ length: count }, (_, at) => load * (1 + at / 1000))

test.each([
  [
    'a clear tail, a middle and four that are most of it',
    [...alike(30, 0.02), ...alike(6, 0.4), ...alike(4, 24)],
    [30, 6, 4],
  ],
  ['twenty alike are all top talkers, not nineteen of them', alike(20, 5), [0, 0, 20]],
  ['a hundred alike are none: nobody stands out', alike(100, 1), [0, 100, 0]],
  ['one stands out of seventy alike', [...alike(70, 1), 30], [0, 70, 1]],
  ['a tail of alike ones is not parted', [...alike(10, 0.15), ...alike(2, 40)], [0, 10, 2]],
  [
    'a slope without a break keeps to the limits',
    Array.from({ length: 40 }, (_, at) => 1 / (at + 1)),
    [1, 13, 26],
  ],
  ['a single one is a top talker', [7], [0, 0, 1]],
])('%s', (_, loads, expected) => {
  expect(counts(loads)).toEqual(expected)
})

test('the policy overrides the classes: by its limits, and by what it takes for a break', () => {
  expect(counts(alike(20, 5), { breakTimes: 1 })).toEqual([0, 2, 18])
  expect(counts(alike(100, 1), { breakTimes: 1 })).toEqual([1, 9, 90])
  expect(counts([...alike(10, 0.15), ...alike(2, 40)], { tailPercent: 2 })).toEqual([10, 0, 2])
  expect(counts([...alike(10, 1), ...alike(10, 3), ...alike(10, 9)], { topPercent: 50 })).toEqual([0, 20, 10])
})

test('loads that are all alike are one phase, the tail keeps to its limit, and the top to its own unless single ones are no more than the tail', () => {
  fc.assert(
    fc.property(anyMoves, anyLimits, (moves, limits) => {
      const loads = new Map(moves.map(({ registry, load }) => [registry, load]))
      const phased = inPhases(moves, limits).map((move) => ({ ...move, load: loads.get(move.registry) ?? 0 }))
      const of = (phase: string) => phased.filter((move) => move.phase === phase)
      const all = sumOf(moves)
      expect(sumOf(of('tail')) * 100).toBeLessThanOrEqual(all * limits.tailPercent + 1e-6)
      const left = [...of('tail'), ...of('medium')].map(({ load }) => load)
      const top = of('top')
      const isLight = (load: number) => load * 100 <= all * limits.tailPercent * 2
      if (left.every((load) => !isLight(load)))
        expect(sumOf(top) * 100).toBeGreaterThanOrEqual(all * limits.topPercent - 1e-6)
      const run = phased.map(({ load }) => load)
      expect(run).toEqual(run.toSorted((a, b) => a - b))
      if (run.length > 0 && Math.max(...run) < Math.min(...run) * 2)
        expect(new Set(phased.map(({ phase }) => phase)).size).toBe(1)
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
