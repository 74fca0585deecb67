import type { Veto } from './movable.ts'
import { durationMs, type Policy } from './policy.ts'
import { percent } from './pool-judgement.ts'
import type { Scan } from './scan.ts'

/** Fewer requests in all the hours that were looked at spend no budget. */
const REQUESTS_MIN = 1000

/**
 * The veto of a region that has failed more of its requests than its budget, over the hours that scans of the policy's span
 * looked at; null while there is some left, or too little is known. An emergency does not ask for it.
 */
export function errorBudgetVeto(scans: readonly Scan[], policy: Policy, nowMs: number): Veto | null {
  const sinceMs = nowMs - (durationMs(policy.errorBudgetFor) ?? 0)
  const known = scans.filter(({ atMs, served }) => atMs > sinceMs && atMs <= nowMs && served !== undefined)
  const requests = known.reduce((sum, { served }) => sum + (served?.requests ?? 0), 0)
  const errors = known.reduce((sum, { served }) => sum + (served?.errors ?? 0), 0)
  const share = (errors / requests) * 100
  if (requests < REQUESTS_MIN || !(share > policy.errorBudgetPercent)) return null
  return {
    rule: 'error-budget',
    detail: `${percent(share)} of the requests failed in ${known.length} hours looked at since ${new Date(sinceMs).toISOString().slice(0, 10)}, the budget is ${percent(policy.errorBudgetPercent)}: no routine move until less fail`,
  }
}
