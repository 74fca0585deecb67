import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { canonicalJson, sealPlan, sha256Hex } from '../../src/domain/canonical.ts'
import { Plan } from '../../src/domain/plan.ts'

/** A plan as an earlier version sealed and stored it. It is never made anew. */
const stored: unknown = JSON.parse(readFileSync(new URL('sealed-plan.json', import.meta.url), 'utf8'))

function digestOf(plan: object): string {
  return sha256Hex(canonicalJson({ ...plan, digest: undefined }))
}

test('a plan that was sealed earlier still has its digest when it is read back: no default is written into it', () => {
  const plan = Plan.parse(stored)
  expect(plan.moves.length).toBeGreaterThan(0)
  expect(plan.digest).toBe(digestOf(plan))
  expect(plan).toEqual(stored)
})

test('a new key with a default in the policy would change it, so keys are only added without one', () => {
  const plan = Plan.parse(stored)
  const withDefault = { ...plan, policy: { ...plan.policy, breakTimes: 2 } }
  expect(sealPlan(withDefault).digest).not.toBe(plan.digest)
})
