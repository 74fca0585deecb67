import { expect, test } from 'vitest'
import { DEFAULT_POLICY, durationMs, Policy, PolicyFile, policyFor } from '../../src/domain/policy.ts'

test('durations are ISO 8601, and anything else is told apart', () => {
  expect(durationMs('PT24H')).toBe(86_400_000)
  expect(durationMs('P14D')).toBe(14 * 86_400_000)
  expect(durationMs('P1DT2H3M4S')).toBe(93_784_000)
  for (const text of ['', 'P', 'PT', 'P1DT', '24h', 'PT-1H', 'P1Y']) expect(durationMs(text)).toBeUndefined()
})

test('an unknown key of a policy is an error that names it', () => {
  const parsed = Policy.safeParse({ hotPercents: 70 })
  expect(parsed.success).toBe(false)
  expect(parsed.error?.message).toContain('hotPercents')
})

test('a target above hot is refused, since a plan could then end hot', () => {
  expect(Policy.safeParse({ hotPercent: 50, targetPercent: 60 }).success).toBe(false)
})

test('a region without a policy of its own has the one of *', () => {
  const file = PolicyFile.parse({ '*': { hotPercent: 65 }, westeurope: { hotPercent: 75 } })
  expect(policyFor('westeurope', file).hotPercent).toBe(75)
  expect(policyFor('northeurope', file).hotPercent).toBe(65)
  expect(policyFor('northeurope', {})).toEqual(DEFAULT_POLICY)
})
