import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PlanId, RegistryName, StampId } from '../../src/domain/ids.ts'
import {
  type LeaseAsk,
  type LeaseBook,
  resourcesOf,
  takeLeases,
  withoutHolds,
} from '../../src/domain/leases.ts'

const EMPTY: LeaseBook = { region: 'testland', fence: 0, holds: [] }
const PLANS = ['plan-1', 'plan-2', 'plan-3'].map((id) => PlanId.parse(id))

const anyAsk = fc.record({
  planId: fc.constantFrom(...PLANS),
  urgency: fc.constantFrom('routine' as const, 'emergency' as const),
  resources: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
  forMs: fc.integer({ min: 1, max: 50 }),
  afterMs: fc.integer({ min: 0, max: 40 }),
})

/** The books after each ask, oldest first, with what was asked. */
function played(asks: readonly (Omit<LeaseAsk, 'atMs' | 'untilMs'> & { forMs: number; afterMs: number })[]) {
  let book = EMPTY
  let atMs = 0
  return asks.map(({ forMs, afterMs, ...ask }) => {
    atMs += afterMs
    const before = book
    const taking = takeLeases(book, { ...ask, atMs, untilMs: atMs + forMs })
    if (taking.kind === 'taken') book = taking.book
    return { before, book, taking, atMs, ask }
  })
}

test('at no moment two plans hold the same thing', () => {
  fc.assert(
    fc.property(fc.array(anyAsk, { maxLength: 12 }), (asks) => {
      for (const { book, atMs } of played(asks)) {
        const held = book.holds.filter(({ untilMs }) => untilMs > atMs).flatMap(({ resources }) => resources)

        expect(new Set(held).size).toBe(held.length)
      }
    }),
  )
})

test('a plan gets all that it asks for, or nothing changes', () => {
  fc.assert(
    fc.property(fc.array(anyAsk, { maxLength: 12 }), (asks) => {
      for (const { before, book, taking, ask } of played(asks)) {
        if (taking.kind === 'held') {
          expect(book).toBe(before)
          expect(taking.by.length).toBeGreaterThan(0)
        } else expect(taking.hold.resources).toEqual(expect.arrayContaining([...ask.resources]))
      }
    }),
  )
})

test('a fence is given to one holder only, and the same holder goes on under it', () => {
  fc.assert(
    fc.property(fc.array(anyAsk, { maxLength: 12 }), (asks) => {
      const holderOf = new Map<number, string>()
      for (const { before, taking, ask } of played(asks)) {
        if (taking.kind === 'held') continue
        const { fence } = taking.hold
        const mine = before.holds.find(({ planId }) => planId === ask.planId)

        expect(holderOf.get(fence) ?? ask.planId).toBe(ask.planId)
        expect(fence).toBe(mine?.fence ?? before.fence + 1)
        holderOf.set(fence, ask.planId)
      }
    }),
  )
})

test('who lost a lease to another and takes it again has a greater fence', () => {
  const ask = (planId: PlanId | undefined, atMs: number): LeaseAsk => ({
    ...{ planId: planId ?? PlanId.parse('plan-9'), urgency: 'routine', resources: ['a'] },
    ...{ atMs, untilMs: atMs + 10 },
  })
  const [first, second] = PLANS
  const taken = (book: LeaseBook, planId: PlanId | undefined, atMs: number) => {
    const taking = takeLeases(book, ask(planId, atMs))
    if (taking.kind === 'held') throw new Error('it is held')
    return taking
  }
  const one = taken(EMPTY, first, 0)
  expect(takeLeases(one.book, ask(second, 9))).toMatchObject({ kind: 'held', by: [{ planId: 'plan-1' }] })
  const other = taken(one.book, second, 10)
  const again = taken(withoutHolds(other.book, ['plan-2']), first, 12)
  expect([one.hold.fence, other.hold.fence, again.hold.fence]).toEqual([1, 2, 3])
})

test('a plan holds its replicas and the pools of the stamps between which they move, and no other', () => {
  const [a, c, d] = ['s-a', 's-c', 's-d'].map((id) => StampId.parse(id))
  const move = {
    registry: RegistryName.parse('acme01'),
    from: a ?? StampId.parse('x'),
    to: c ?? StampId.parse('x'),
  }
  const outlook = (stamp: StampId | undefined) => ({ stamp: stamp ?? StampId.parse('x'), pool: 'compute' })
  const moves = [{ ...move, phase: 'tail' as const, batch: 1, share: 0, why: '', whyNot: [] }]
  const pools = [a, c, d].map((stamp) => ({
    ...outlook(stamp),
    before: { hotNodeP95: null, poolAverage: null, max: null },
    predicted: { hotNodeP95: 0, low: 0, high: 0 },
    ifNothingIsDone: { hotNodeP95: null, words: '' },
  }))

  expect(resourcesOf({ region: 'testland', moves, pools })).toEqual([
    'replica/acme01@testland',
    'stamp/s-a/compute',
    'stamp/s-c/compute',
  ])
})
