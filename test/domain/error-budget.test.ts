import { expect, test } from 'vitest'
import { errorBudgetVeto } from '../../src/domain/error-budget.ts'
import { Policy } from '../../src/domain/policy.ts'
import type { Scan } from '../../src/domain/scan.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 2, 11)
const aScan = (daysAgo: number, served?: { requests: number; errors: number }): Scan => ({
  region: 'weu',
  atMs: NOW_MS - daysAgo * DAY_MS,
  pools: [],
  needsAction: [],
  ...(served ? { served } : {}),
})
const veto = (...scans: Scan[]) => errorBudgetVeto(scans, Policy.parse({}), NOW_MS)

test('a region that failed more than its budget moves nothing, and the veto says how much', () => {
  expect(veto(aScan(1, { requests: 4000, errors: 90 }), aScan(2, { requests: 4000, errors: 10 }))).toEqual({
    rule: 'error-budget',
    detail:
      '1.3 % of the requests failed in 2 hours looked at since 2026-03-04, the budget is 1.0 %: no routine move until less fail',
  })
})

test('at the budget, with few requests, and by what nobody knows there is no veto', () => {
  expect(veto(aScan(1, { requests: 4000, errors: 40 }))).toBeNull()
  expect(veto(aScan(1, { requests: 900, errors: 900 }))).toBeNull()
  expect(veto(aScan(1))).toBeNull()
  expect(veto()).toBeNull()
})

test('what is longer ago than the span is forgotten', () => {
  expect(veto(aScan(7, { requests: 4000, errors: 4000 }), aScan(1, { requests: 4000, errors: 0 }))).toBeNull()
})

test('the policy says how much and for how long, and 100 percent is off', () => {
  const scans = [aScan(6, { requests: 4000, errors: 4000 })]
  const policy = (given: object) => errorBudgetVeto(scans, Policy.parse(given), NOW_MS)
  expect(policy({})?.rule).toBe('error-budget')
  expect(policy({ errorBudgetFor: 'P5D' })).toBeNull()
  expect(policy({ errorBudgetPercent: 100 })).toBeNull()
})
