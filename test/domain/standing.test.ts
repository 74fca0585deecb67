import { expect, test } from 'vitest'
import { sealPlan } from '../../src/domain/canonical.ts'
import { PlanId } from '../../src/domain/ids.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { blockedBy, unstartedFor } from '../../src/domain/standing.ts'
import { aHotRegion, HEAT_ONLY, plan } from './a-hot-region.ts'
import { NOW_MS } from './a-region.ts'

const HOUR_MS = 3_600_000
const possible = plan(aHotRegion(), { stamp: 'weu-a' }, HEAT_ONLY)

function made(id: string, hoursAgo: number): { plan: Plan; run: null } {
  const body = { ...possible, id: PlanId.parse(id), madeAtMs: NOW_MS - hoursAgo * HOUR_MS }
  return { plan: sealPlan(body), run: null }
}

test('a stamp for which a plan is possible is blocked by nobody having asked', () => {
  expect(blockedBy('weu-a', possible, { nowMs: NOW_MS })).toMatchObject({
    kind: 'blocked',
    rule: 'nobody-asked',
    detail: expect.stringContaining('make the plan for weu-a'),
  })
})

test('where a plan was made and not started, the latest is named; an old one and one for another stamp are not', () => {
  const plans = [made('plan-old', 50), made('plan-first', 30), made('plan-last', 2)]
  const unstarted = unstartedFor('weu-a', plans, NOW_MS)
  expect(blockedBy('weu-a', possible, { nowMs: NOW_MS, unstarted })).toMatchObject({
    rule: 'nobody-asked',
    detail: expect.stringContaining('plan-last was made for it and nobody has started it'),
  })
  expect(unstartedFor('weu-a', [made('plan-old', 50)], NOW_MS)).toBeUndefined()
  expect(unstartedFor('weu-b', plans, NOW_MS)).toBeUndefined()
})
