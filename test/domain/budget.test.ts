import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BudgetBook, Budgets, begin, giveBack, spend, type Wanted } from '../../src/domain/budget.ts'
import { StampId } from '../../src/domain/ids.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STAMPS = ['s-a', 's-b'].map((id) => StampId.parse(id))
const EMPTY: BudgetBook = { region: 'testland', spent: [] }

const anyLimits = fc.record({
  movesPerHour: fc.integer({ min: 1, max: 4 }),
  movesPerDay: fc.integer({ min: 1, max: 8 }),
  percentPerHour: fc.integer({ min: 5, max: 40 }),
  percentPerDay: fc.integer({ min: 10, max: 80 }),
})
/** A key names one move, so that it stands in no list twice. */
const anyMoves = fc.uniqueArray(
  fc.record({
    key: fc.integer({ min: 1, max: 30 }).map(String),
    stamp: fc.constantFrom(...STAMPS),
    percent: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 12, selector: ({ key }) => key },
)
/** What is asked for at successive times; some of what is granted begins only at the next of these. */
const anyAsks = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 3 * HOUR_MS }),
    isEmergency: fc.boolean(),
    late: fc.array(fc.integer({ min: 1, max: 30 }).map(String)),
    moves: anyMoves,
  }),
  { maxLength: 12 },
)

const URGENT = 'urgent-'
const isUrgent = (key: string) => key.startsWith(URGENT)

/** The moves that began, with when; those of emergencies among them. */
function played(
  limits: Budgets,
  asks: readonly {
    afterMs: number
    isEmergency: boolean
    moves: readonly Wanted[]
    late: readonly string[]
  }[],
) {
  let book = EMPTY
  let atMs = DAY_MS
  const begun = new Map<string, BudgetBook['spent'][number]>()
  for (const { afterMs, isEmergency, moves, late } of asks) {
    atMs += afterMs
    const wanted = isEmergency ? moves.map((move) => ({ ...move, key: `${URGENT}${move.key}` })) : moves
    book = spend(book, wanted, { limits: isEmergency ? null : limits, atMs }).book
    for (const { key, state } of book.spent) {
      if (state !== 'admitted' || late.includes(key)) continue
      const started = begin(book, key, { limits: isUrgent(key) ? null : limits, atMs })
      if (started.kind === 'begun') book = started.book
    }
    for (const entry of book.spent) if (entry.state === 'begun') begun.set(entry.key + entry.atMs, entry)
  }
  return [...begun.values()]
}

test('in no hour and on no day a routine move begins beyond the budget, emergencies counted in', () => {
  fc.assert(
    fc.property(anyLimits, anyAsks, (limits, asks) => {
      const moves = played(limits, asks)
      for (const { atMs: endMs } of moves.filter(({ key }) => !isUrgent(key))) {
        const within = (spanMs: number) =>
          moves.filter(({ atMs }) => atMs > endMs - spanMs && atMs <= endMs).length

        expect(within(HOUR_MS)).toBeLessThanOrEqual(limits.movesPerHour)
        expect(within(DAY_MS)).toBeLessThanOrEqual(limits.movesPerDay)
      }
    }),
  )
})

test('of no stamp more percent of load leave in an hour than the budget has, but for a move that goes alone', () => {
  fc.assert(
    fc.property(anyLimits, anyAsks, (limits, asks) => {
      const moves = played(limits, asks)
      for (const { atMs: endMs, stamp } of moves.filter(({ key }) => !isUrgent(key))) {
        const here = moves.filter(
          (move) => move.stamp === stamp && move.atMs > endMs - HOUR_MS && move.atMs <= endMs,
        )
        const sum = here.reduce((total, { percent }) => total + percent, 0)

        expect(here.length === 1 || sum <= limits.percentPerHour).toBe(true)
      }
    }),
  )
})

test('a repeat spends nothing', () => {
  fc.assert(
    fc.property(anyLimits, anyAsks, (limits, asks) => {
      for (const { moves } of asks) {
        const once = spend(EMPTY, moves, { limits, atMs: DAY_MS })
        const again = spend(once.book, moves, { limits, atMs: DAY_MS + 1 })

        expect(again.granted).toEqual(expect.arrayContaining([...once.granted]))
        expect(again.book.spent.filter(({ key }) => once.granted.includes(key))).toEqual(once.book.spent)
      }
    }),
  )
})

test('what is not granted now is granted at the time that is named', () => {
  fc.assert(
    fc.property(anyLimits, anyMoves, (limits, moves) => {
      const now = spend(EMPTY, moves, { limits, atMs: DAY_MS })
      const refused = moves.find(({ key }) => !now.granted.includes(key))
      if (!refused) {
        expect(now.nextAtMs).toBeNull()
        return
      }

      expect(now.nextAtMs).toBeGreaterThan(DAY_MS)
      const book = now.granted.reduce((before, key) => {
        const begun = begin(before, key, { limits, atMs: DAY_MS })
        return begun.kind === 'begun' ? begun.book : before
      }, now.book)
      const later = spend(book, [refused], { limits, atMs: now.nextAtMs ?? 0 })
      expect(later.granted).toEqual([refused.key])
    }),
  )
})

test('an emergency is granted all it wants, and what it takes counts for others', () => {
  const limits = Budgets.parse({ movesPerHour: 1 })
  const wanted = ['1', '2', '3'].map((key) => ({
    key,
    stamp: STAMPS[0] ?? StampId.parse('s-a'),
    percent: 90,
  }))
  const emergency = spend(EMPTY, wanted, { limits: null, atMs: DAY_MS })

  expect(emergency.granted).toEqual(['1', '2', '3'])
  const routine = spend(
    emergency.book,
    [{ ...wanted[0], key: '4', stamp: StampId.parse('s-b'), percent: 1 }],
    {
      limits,
      atMs: DAY_MS + 1,
    },
  )
  expect(routine.granted).toEqual([])
  expect(routine.words).toBe('3 of 1 moves an hour are spent')
})

test('a move that was never admitted does not begin, and what a plan never began with is given back', () => {
  const wanted = ['plan-1/a/001', 'plan-1/b/001', 'plan-10/c/001'].map((key) => ({
    ...{ key, percent: 1 },
    stamp: StampId.parse('s-a'),
  }))
  const { book } = spend(EMPTY, wanted, { limits: Budgets.parse({}), atMs: DAY_MS })

  const at = (ms: number) => ({ limits: null, atMs: ms })
  expect(begin(book, 'plan-2/a/001', at(DAY_MS))).toEqual({ kind: 'not-admitted' })
  const first = begin(book, 'plan-1/a/001', at(DAY_MS + 1))
  const begun = first.kind === 'begun' ? first.book : EMPTY
  expect(begin(begun, 'plan-1/a/001', at(DAY_MS + 2))).toEqual({ kind: 'begun', book: begun })
  expect(giveBack(begun, 'plan-1').spent.map(({ key }) => key)).toEqual(['plan-1/a/001', 'plan-10/c/001'])
})

test('a move that was admitted does not begin once an emergency has taken the rest of the budget', () => {
  const limits = Budgets.parse({ movesPerDay: 2 })
  const move = (key: string) => ({ key, stamp: StampId.parse('s-a'), percent: 1 })
  const routine = spend(EMPTY, [move('routine')], { limits, atMs: DAY_MS })
  expect(routine.granted).toEqual(['routine'])
  const { book } = spend(routine.book, [move('one'), move('two')], { limits: null, atMs: DAY_MS + 1 })

  const over = { kind: 'over', words: '2 of 2 moves a day are spent' }
  expect(begin(book, 'routine', { limits, atMs: DAY_MS + 2 })).toEqual(over)
  const again = spend(book, [move('routine')], { limits, atMs: DAY_MS + 2 })
  expect([again.granted, again.words]).toEqual([[], over.words])
  const later = { limits, atMs: again.nextAtMs ?? 0 }
  const urgent = ['one', 'two'].reduce((before, key) => {
    const begun = begin(before, key, { limits: null, atMs: DAY_MS + 2 })
    return begun.kind === 'begun' ? begun.book : before
  }, book)
  expect(spend(urgent, [move('routine')], later).granted).toEqual(['routine'])
})
