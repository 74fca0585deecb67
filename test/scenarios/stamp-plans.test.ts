import { expect, test } from 'vitest'
import { sealPlan } from '../../src/domain/canonical.ts'
import { PlanId } from '../../src/domain/ids.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { Policy } from '../../src/domain/policy.ts'
import { rehearse } from '../../src/rehearsal.ts'
import { isolationPlan, sharedStamps } from '../support/isolation.ts'
import { DATA_ENDS_MS, smallRegion } from '../support/small-region.ts'

const NODES = 6

/** The small region with room, its third stamp shared and empty. */
function aSharedRegion() {
  const files = smallRegion(NODES, NODES)
  const regions = files.fleet.regions.map((region) => ({
    ...region,
    stamps: region.stamps.map((stamp) => ({ ...stamp, kind: 'shared' as const })),
  }))
  return { ...files, fleet: { ...files.fleet, regions }, nowMs: DATA_ENDS_MS }
}

const planned = (request: Parameters<typeof makePlan>[1]) =>
  sealPlan(
    makePlan(aSharedRegion(), request, {
      policy: Policy.parse({ windows: [{ from: '00:00', to: '24:00' }], dominance: 100 }),
      planId: PlanId.parse('plan-stamp'),
      requestedBy: 'operator',
      pastMoves: [],
    }),
  )

test('an evacuation runs like any plan of moves and leaves the stamp without its load', async () => {
  const plan = planned({ evacuate: 's-a' })
  expect(plan).toMatchObject({ verdict: 'evacuate', blocked: [] })
  expect(plan.moves).toHaveLength(4)
  const outcome = await rehearse({ plan, ...aSharedRegion() })
  expect(outcome).toMatchObject({ status: 'passed', movesDone: plan.moves.length })
  const emptied = outcome.pools.find(({ stamp }) => stamp === 's-a')
  expect(emptied?.after.hotNodeP95 ?? 99).toBeLessThan((emptied?.before.hotNodeP95 ?? 0) / 2)
}, 150_000)

test('a new stamp is ramped by canaries first, observed after each batch', async () => {
  const plan = planned({ ramp: 's-c' })
  expect(plan.verdict).toBe('ramp')
  expect(plan.moves.length).toBeGreaterThan(2)
  const outcome = await rehearse({ plan, ...aSharedRegion() })
  expect(outcome).toMatchObject({ status: 'passed', movesDone: plan.moves.length })
  const [filled, before] = ['s-c', 's-a'].map((id) => outcome.pools.find(({ stamp }) => stamp === id))
  expect(filled?.after.hotNodeP95).toBeGreaterThan(5)
  expect(before?.after.hotNodeP95 ?? 99).toBeLessThan(before?.before.hotNodeP95 ?? 0)
}, 150_000)

test('the rehearsal of an isolation makes its stamp in a twin of the region, and moves everybody there', async () => {
  const plan = isolationPlan()
  const outcome = await rehearse({ plan, ...sharedStamps() })
  expect(outcome).toMatchObject({ status: 'passed', movesDone: plan.moves.length })
  const source = outcome.pools.find(({ stamp }) => stamp === 's-a')
  expect(source?.after.hotNodeP95 ?? 99).toBeLessThan((source?.before.hotNodeP95 ?? 0) / 2)
}, 150_000)
