import { expect, test } from 'vitest'
import { type DayOf, daySummaryOf } from '../../src/domain/day-summary.ts'
import { Incident } from '../../src/domain/incident.ts'
import { PLAN_ID } from './a-run.ts'

const NOW_MS = Date.parse('2026-03-11T06:00:00Z')
const CALM: DayOf = { nowMs: NOW_MS, waits: [], runs: [], incidents: [], missing: [] }

const incident = (more: object = {}) =>
  Incident.parse({
    ...{ id: 'weu-a.hot.9999', region: 'westeurope', stamp: 'weu-a', rule: 'hot', openedAtMs: 1 },
    ...{ lastSeenAtMs: 1, joined: [], joinedCount: 1, firing: [], resolved: null },
    standing: { kind: 'blocked', rule: 'region-hot', detail: 'most of them are', atMs: 1 },
    ...more,
  })

test('a calm day is told, too, since no message is never health', () => {
  expect(daySummaryOf(CALM)).toEqual({
    ...{ key: 'day/2026-03-11', planId: null, to: 'operators', dueAtMs: NOW_MS },
    subject: '2026-03-11: 0 wait for a person, 0 under way, 0 incidents, 0 signals missing',
    text: 'Nothing needs anybody, and all signals are there.',
  })
})

test('what waits for people comes first, then what runs, what ended, what is wrong and what is not known', () => {
  const waiting = {
    ...{ kind: 'gate' as const, what: 'gate tail-1', sinceMs: 0, untilMs: NOW_MS + 3_600_000, person: true },
    ...{ who: 'an approver', atDeadline: 'no', next: [] },
  }
  const run = { planId: PLAN_ID, status: 'observing', hasEnded: false }
  const { facts, subject } = daySummaryOf({
    nowMs: NOW_MS,
    waits: [
      { planId: PLAN_ID, waiting },
      { planId: PLAN_ID, waiting: { ...waiting, person: false } },
    ],
    runs: [{ ...run, status: 'completed', hasEnded: true }, run],
    incidents: [incident(), incident({ resolved: { atMs: 2, by: 'amira', reason: 'over' } })],
    missing: ['weu-d sends nothing'],
  })
  expect(facts).toEqual([
    `waits for a person: ${PLAN_ID} for gate tail-1 (an approver, until 2026-03-11T07:00:00.000Z)`,
    `under way: ${PLAN_ID}: observing`,
    `ended: ${PLAN_ID}: completed`,
    'incident: westeurope weu-a.hot.9999: blocked by region-hot',
    'no data: weu-d sends nothing',
  ])
  expect(subject).toBe('2026-03-11: 1 wait for a person, 1 under way, 1 incidents, 1 signals missing')
})

test('many of a kind are counted', () => {
  const { facts = [] } = daySummaryOf({
    ...CALM,
    missing: Array.from({ length: 11 }, (_, at) => `pool ${at}`),
  })
  expect([facts.length, facts.at(-1)]).toEqual([9, 'no data: and 3 more'])
})
