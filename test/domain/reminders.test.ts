import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messagesDue, type PersonalWait } from '../../src/domain/reminders.ts'
import { PLAN_ID } from './a-run.ts'

const HOUR_MS = 3_600_000
const CADENCE = { remindEveryMs: 24 * HOUR_MS, escalateBeforeMs: 12 * HOUR_MS }

const aWait = (given: Partial<PersonalWait> = {}): PersonalWait => ({
  planId: PLAN_ID,
  name: 'awaitingApproval',
  what: 'gate tail-1',
  who: 'an approver',
  atDeadline: 'no answer is no',
  next: [`restamp approve ${PLAN_ID}`],
  sinceMs: 1_000,
  untilMs: 1_000 + 72 * HOUR_MS,
  asks: 'approvers',
  ...given,
})

const anyCadence = fc.record({
  remindEveryMs: fc.integer({ min: 0, max: 40 * HOUR_MS }),
  escalateBeforeMs: fc.integer({ min: HOUR_MS / 2, max: 100 * HOUR_MS }),
})
/** Moments at which somebody looks, in order, some of them after the wait's end. */
const anyLooks = fc
  .array(fc.integer({ min: 0, max: 90 * HOUR_MS }), { minLength: 1, maxLength: 40 })
  .map((looks) => looks.toSorted((a, b) => a - b))

test('nothing is told before it is due, nothing after the deadline, and nothing twice under one key', () => {
  fc.assert(
    fc.property(anyCadence, anyLooks, (cadence, looks) => {
      const wait = aWait()
      const told = new Map<string, number>()
      for (const atMs of looks.map((ms) => ms + 1_000)) {
        for (const { key, dueAtMs } of messagesDue(wait, cadence, atMs)) {
          expect(dueAtMs).toBeLessThanOrEqual(atMs)
          expect(atMs).toBeLessThan(wait.untilMs ?? 0)
          expect(told.get(key) ?? dueAtMs).toBe(dueAtMs)
          told.set(key, dueAtMs)
        }
      }
    }),
  )
})

test('whoever looks often enough escalates once, after the question and before the deadline', () => {
  fc.assert(
    fc.property(anyCadence, fc.integer({ min: 1, max: 200 }), (cadence, hours) => {
      const untilMs = 1_000 + hours * HOUR_MS
      const wait = aWait({ untilMs })
      const keys = new Set<string>()
      for (let atMs = wait.sinceMs; atMs < untilMs + HOUR_MS; atMs += HOUR_MS / 4) {
        for (const message of messagesDue(wait, cadence, atMs)) {
          keys.add(message.key)
          if (message.to !== 'escalation') continue
          expect(message.dueAtMs).toBeGreaterThan(wait.sinceMs)
          expect(message.dueAtMs).toBeLessThanOrEqual(untilMs)
        }
      }
      const escalations = [...keys].filter((key) => key.endsWith('/escalated'))
      expect(escalations).toHaveLength(1)
      expect([...keys].filter((key) => key.endsWith('/asked'))).toHaveLength(1)
    }),
  )
})

test('a gate of three days is asked at once, reminded of each day, and escalated twelve hours before its deadline', () => {
  const at = (hours: number) =>
    messagesDue(aWait(), CADENCE, 1_000 + hours * HOUR_MS).map(({ key, to }) => [key.split('/').at(-1), to])
  expect(at(0)).toEqual([['asked', 'approvers']])
  expect(at(24)).toEqual([
    ['asked', 'approvers'],
    ['reminder-1', 'approvers'],
  ])
  expect(at(60)).toEqual([
    ['asked', 'approvers'],
    ['reminder-2', 'approvers'],
    ['escalated', 'escalation'],
  ])
  expect(at(72)).toEqual([])
})

test('a hold has no deadline: operators are reminded and nobody is escalated to', () => {
  const held = aWait({ name: 'held', untilMs: null, asks: 'operators' })
  const due = messagesDue(held, CADENCE, 1_000 + 1_000 * HOUR_MS)
  expect(due.map(({ to }) => to)).toEqual(['operators', 'operators'])
})

test('a message says what is waited for, who ends it, until when, what happens then, and what to type', () => {
  const [message] = messagesDue(aWait(), CADENCE, 1_000)
  for (const words of [
    'gate tail-1',
    'an approver',
    '1970-01-04',
    'no answer is no',
    `restamp approve ${PLAN_ID}`,
  ])
    expect(message?.text).toContain(words)
})
