import { expect, test } from 'vitest'
import { judge, type PoolEvidence } from '../../src/domain/evaluation.ts'

const ok = (hotNodeP95: number) => ({ status: 'ok', hotNodeP95 })
const silent = { status: 'insufficient-coverage', hotNodeP95: null }
const pool = (
  side: PoolEvidence['side'],
  past: PoolEvidence['past'],
  now: PoolEvidence['now'],
): PoolEvidence => ({
  stamp: side === 'source' ? 'weu-a' : 'weu-c',
  role: 'registry',
  side,
  past,
  now,
})
const LIMITS = { hotPercent: 70, targetPercent: 60 }
const quiet = { now: { requests: 1000, errors: 1 }, past: { requests: 1000, errors: 1 } }

test('a source that cooled and a destination below hot are better or equal', () => {
  const seen = judge([pool('source', ok(43), ok(28)), pool('destination', ok(3), ok(25))], quiet, LIMITS)
  expect(seen.verdict).toBe('betterOrEqual')
  expect(seen.words).toContain('43.0 % -> 28.0 %')
})

test('a destination that became hot is worse', () => {
  expect(judge([pool('destination', ok(50), ok(70))], quiet, LIMITS).verdict).toBe('worse')
})

test('a source that heats to the target though its load has left is worse', () => {
  expect(judge([pool('source', ok(49), ok(60))], quiet, LIMITS).verdict).toBe('worse')
  expect(judge([pool('source', ok(50), ok(60))], quiet, LIMITS).verdict).toBe('betterOrEqual')
})

test('a source that heats below the target, with fewer nodes for less load, is no worse', () => {
  expect(judge([pool('source', ok(28), ok(39))], quiet, LIMITS).verdict).toBe('betterOrEqual')
})

test('a more than doubled error share of the moved registries is worse', () => {
  const doubled = { now: { requests: 1000, errors: 60 }, past: { requests: 1000, errors: 20 } }
  expect(judge([pool('destination', ok(3), ok(25))], doubled, LIMITS).verdict).toBe('worse')
})

test('a few errors among too few requests judge nothing', () => {
  const few = { now: { requests: 99, errors: 50 }, past: { requests: 1000, errors: 0 } }
  expect(judge([pool('destination', ok(3), ok(25))], few, LIMITS).verdict).toBe('betterOrEqual')
})

test('a silent pool is never health', () => {
  const seen = judge([pool('source', ok(43), silent), pool('destination', ok(3), ok(25))], quiet, LIMITS)
  expect(seen.verdict).toBe('notEnoughEvidence')
  expect(seen.words).toContain('weu-a registry')
})

test('missing load telemetry of the moved registries is never health', () => {
  expect(judge([pool('destination', ok(3), ok(25))], { now: null, past: null }, LIMITS).verdict).toBe(
    'notEnoughEvidence',
  )
})

test('a pool seen to be worse counts even where another is silent', () => {
  expect(
    judge([pool('source', ok(40), silent), pool('destination', ok(5), ok(90))], quiet, LIMITS).verdict,
  ).toBe('worse')
})
