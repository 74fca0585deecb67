import { expect, test } from 'vitest'
import type { Fields } from '../../src/ports/log.ts'
import { activitySpan, logRefusal } from '../../src/triggers/tracing.ts'

const INPUT = {
  planId: 'plan-1',
  gate: 'tail-1',
  replica: 'acme01@weu',
  digest: 'd',
  customer: 'acme',
  atMs: 1,
}
const IDS = { planId: 'plan-1', gate: 'tail-1', replica: 'acme01@weu' }

test("an activity's span names what it is about by its ids, and tells nothing else of its input", () => {
  expect(activitySpan('rebind', INPUT)).toEqual({
    name: 'activity rebind',
    at: { 'restamp.planId': 'plan-1', 'restamp.gate': 'tail-1', 'restamp.replica': 'acme01@weu' },
  })
  for (const input of [undefined, null, 'text', { planId: 7 }])
    expect(activitySpan('rebind', input)).toEqual({ name: 'activity rebind', at: {} })
})

test('a step that refuses is logged with why, and one that does not is not', () => {
  const lines: [string, string, Fields][] = []
  const log = (...line: [string, string, Fields]) => void lines.push(line)
  const step = { name: 'rebind', input: INPUT }
  logRefusal(log, { ...step, answer: { kind: 'bound' } })
  logRefusal(log, { ...step, answer: undefined })
  logRefusal(log, { ...step, answer: { kind: 'refused', reason: 'its lease was lost' } })
  expect(lines).toEqual([
    ['warning', 'a step was refused', { ...IDS, step: 'rebind', reason: 'its lease was lost' }],
  ])
})
