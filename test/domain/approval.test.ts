import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerTo, type GateQuestion, placeOf } from '../../src/domain/approval.ts'
import { PlanId } from '../../src/domain/ids.ts'
import type { Decision } from '../../src/domain/run.ts'

const DIGEST = 'a'.repeat(64)
const NOW_MS = 1_000

const aQuestion = (given: Partial<GateQuestion> = {}): GateQuestion => ({
  gate: 'top-1',
  digest: DIGEST,
  requestedBy: 'olga',
  voidUntilMs: 100,
  nowMs: NOW_MS,
  approversMin: 1,
  ...given,
})

const aDecision = (given: Partial<Decision> = {}): Decision => ({
  id: 'plan-1/top-1/001',
  planId: PlanId.parse('plan-1'),
  digest: DIGEST,
  gates: ['top-1'],
  answer: 'approve',
  by: 'amira',
  reason: 'looked at it',
  atMs: 500,
  expiresAtMs: null,
  ...given,
})

const anyDecision = fc.record({
  answer: fc.constantFrom('approve' as const, 'reject' as const),
  by: fc.constantFrom('olga', 'Olga', 'amira', 'AMIRA', 'ben', 'chris'),
  gates: fc.subarray(['tail-1', 'top-1'], { minLength: 1 }),
  digest: fc.constantFrom(DIGEST, DIGEST, DIGEST, 'b'.repeat(64)),
  atMs: fc.integer({ min: 0, max: 990 }),
  expiresAtMs: fc.option(fc.integer({ min: 900, max: 1_100 }), { nil: null, freq: 2 }),
})
const anyDecisions = fc.array(anyDecision.map(aDecision), { maxLength: 8 })
const anyQuestion = fc
  .record({ approversMin: fc.constantFrom(1, 2), voidUntilMs: fc.constantFrom(0, 300) })
  .map(aQuestion)

/** The rule as the runbook says it, with none of the code under test. */
const good = (decision: Decision, { voidUntilMs, nowMs }: GateQuestion) =>
  decision.gates.includes('top-1') &&
  decision.digest === DIGEST &&
  decision.by.toLowerCase() !== 'olga' &&
  decision.atMs > voidUntilMs &&
  (decision.expiresAtMs ?? nowMs + 1) > nowMs

test('a gate opens only by as many different people as it takes, none of them the requester', () => {
  let opened = 0
  fc.assert(
    fc.property(anyDecisions, anyQuestion, (decisions, question) => {
      const answer = answerTo(decisions, question)
      if (answer.kind !== 'open') return
      opened += 1
      const people = new Set(answer.by.map((name) => name.toLowerCase()))
      expect(people.size).toBe(question.approversMin)
      for (const name of answer.by) {
        expect(
          decisions.some((each) => each.by === name && each.answer === 'approve' && good(each, question)),
        ).toBe(true)
      }
    }),
  )
  expect(opened).toBeGreaterThan(0)
})

test('where nobody has rejected and enough people approve, a gate is open', () => {
  fc.assert(
    fc.property(anyDecisions, anyQuestion, (decisions, question) => {
      const valid = decisions.filter((each) => good(each, question))
      const approvers = new Set(valid.map(({ by }) => by.toLowerCase()))
      fc.pre(valid.every(({ answer }) => answer === 'approve'))
      const enough = approvers.size >= question.approversMin
      expect(answerTo(decisions, question).kind).toBe(enough ? 'open' : 'unanswered')
    }),
  )
})

test('the first full answer stands: what comes later changes nothing', () => {
  fc.assert(
    fc.property(anyDecisions, anyDecisions, anyQuestion, (before, after, question) => {
      const first = answerTo(before, question)
      fc.pre(first.kind !== 'unanswered')
      expect(answerTo([...before, ...after], question)).toEqual(first)
    }),
  )
})

test('an answer is taken exactly where it can still change what the gate comes to', () => {
  fc.assert(
    fc.property(anyDecisions, anyDecision.map(aDecision), anyQuestion, (before, given, question) => {
      fc.pre(given.by.toLowerCase() !== 'olga')
      const place = placeOf(before, question, given)
      const standing = answerTo(before, question)
      if (standing.kind !== 'unanswered') expect(place.kind).not.toBe('new')
      if (place.kind === 'conflict') expect(place.standing.answer).not.toBe(given.answer)
      const fresh = aDecision({ by: given.by, answer: given.answer, atMs: NOW_MS })
      const moved = answerTo([...before, fresh], question)
      if (place.kind !== 'new') expect(moved).toEqual(standing)
      else expect(moved).not.toEqual(standing)
    }),
  )
})

test('an approval that has expired opens nothing, and a new one is taken', () => {
  const expired = [aDecision({ expiresAtMs: NOW_MS })]
  expect(answerTo(expired, aQuestion())).toEqual({ kind: 'unanswered', by: [] })
  expect(placeOf(expired, aQuestion(), { answer: 'approve', by: 'amira' })).toEqual({ kind: 'new' })
})

test('who approved a gate that takes two is told that it takes another person', () => {
  const one = [aDecision()]
  const question = aQuestion({ approversMin: 2 })
  expect(placeOf(one, question, { answer: 'approve', by: 'Amira' })).toMatchObject({
    kind: 'repeat',
    words: expect.stringContaining('another approver, 1 of 2'),
  })
  expect(placeOf(one, question, { answer: 'approve', by: 'ben' })).toEqual({ kind: 'new' })
  expect(placeOf(one, question, { answer: 'reject', by: 'amira' })).toEqual({ kind: 'new' })
})

test('a differing answer is a conflict that names the one that stands', () => {
  const standing = aDecision()
  expect(placeOf([standing], aQuestion(), { answer: 'reject', by: 'ben' })).toMatchObject({
    kind: 'conflict',
    standing,
    words: expect.stringContaining('approve of amira: looked at it'),
  })
})
