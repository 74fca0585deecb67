import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AuditEntry } from '../../src/domain/audit.ts'
import { chained, NO_HEAD, verifyChain } from '../../src/domain/audit-chain.ts'
import { aChain, aFact, CHAIN } from './an-audit.ts'

const LATER_MS = 1_000
const facts = (count: number) => Array.from({ length: count }, (_, at) => aFact(`fact-${at + 1}`))

function verdictOn(entries: readonly AuditEntry[], anchoredTo: readonly number[] = [], onRecord = facts(8)) {
  const whole = aChain(facts(8))
  const anchors = anchoredTo.map((number) => ({
    chain: CHAIN,
    number,
    hash: whole[number - 1]?.hash ?? '',
    atMs: 5,
  }))
  return verifyChain({ chain: CHAIN, entries, anchors, facts: onRecord, settledMs: LATER_MS })
}

test('a whole chain is intact, anchored as far as its anchors go', () => {
  const entries = aChain(facts(8))
  expect(verdictOn(entries, [3, 8])).toEqual({
    kind: 'intact',
    chain: CHAIN,
    entries: 8,
    hash: entries[7]?.hash,
    anchoredTo: 8,
    onTheWay: 0,
  })
})

test('any change to any entry is found at that entry, whichever of its fields was changed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7 }), fc.nat(), fc.string(), (at, field, text) => {
      const entries = aChain(facts(8))
      const entry = entries[at]
      if (!entry) throw new Error('no such entry')
      const names = Object.keys(entry) as (keyof AuditEntry)[]
      const name = names[field % names.length] ?? 'what'
      fc.pre(entry[name] !== text)
      const changed = entries.with(at, { ...entry, [name]: text })
      expect(verdictOn(changed)).toMatchObject({ kind: 'broken', number: at + 1 })
    }),
  )
})

test('a missing, a doubled and two swapped entries are found at the first that stands wrong', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), (at) => {
      const entries = aChain(facts(8))
      const [one, next] = entries.slice(at, at + 2)
      if (!one || !next) throw new Error('no such entries')
      const number = at + 1
      expect(verdictOn(entries.toSpliced(at, 1))).toMatchObject({ kind: 'broken', number })
      expect(verdictOn(entries.with(at, next).with(at + 1, one))).toMatchObject({ kind: 'broken', number })
      expect(verdictOn(entries.toSpliced(at, 0, one))).toMatchObject({ kind: 'broken', number: number + 1 })
    }),
  )
})

test('a chain that was cut off behind an anchor is found at the first entry that is missing', () => {
  const cut = aChain(facts(8)).slice(0, 5)
  expect(verdictOn(cut, [7], facts(5))).toMatchObject({
    kind: 'broken',
    number: 6,
    words: expect.stringContaining('entry 7 was anchored at 1970'),
  })
  expect(verdictOn(cut, [5], facts(5))).toMatchObject({ kind: 'intact', entries: 5 })
})

test('a chain that was written anew from some entry on is found at the first anchor behind it', () => {
  const forged = aChain(facts(8).with(2, aFact('fact-3', { who: 'mallory' })))
  const records = facts(8).with(2, aFact('fact-3', { who: 'mallory' }))
  expect(verdictOn(forged, [2], records)).toMatchObject({ kind: 'intact' })
  expect(verdictOn(forged, [2, 4, 8], records)).toMatchObject({
    kind: 'broken',
    number: 4,
    words: expect.stringContaining('written anew'),
  })
})

test('a record that was changed, taken away or put there by hand is found though the chain holds', () => {
  const entries = aChain(facts(8))
  const changed = facts(8).with(4, aFact('fact-5', { who: 'mallory' }))
  expect(verdictOn(entries, [], changed)).toMatchObject({
    number: 5,
    words: expect.stringContaining('else now'),
  })
  expect(verdictOn(entries, [], facts(8).toSpliced(2, 1))).toMatchObject({
    number: 3,
    words: expect.stringContaining('is gone'),
  })
  expect(verdictOn(entries, [], [...facts(8), aFact('forged')])).toMatchObject({
    number: 9,
    words: expect.stringContaining('forged is on record and not in the chain'),
  })
})

test('a fact of just now may still be on its way, a status may have been followed by another', () => {
  const entries = aChain([...facts(8), aFact('status-1', { kind: 'status' })])
  const records = [...facts(8), aFact('now', { atMs: LATER_MS })]
  expect(verdictOn(entries, [], records)).toMatchObject({ kind: 'intact', entries: 9, onTheWay: 1 })
})

test('one fact told twice is found, though each entry is sound by itself', () => {
  const entries = aChain([aFact('fact-1'), aFact('fact-1')])
  expect(verdictOn(entries, [], [aFact('fact-1')])).toMatchObject({ kind: 'broken', number: 2 })
  expect(chained(NO_HEAD, aFact('x'), { foundBy: 'write', writtenAtMs: 1 }).hash).toMatch(/^[0-9a-f]{64}$/)
})
