import { sealPlan } from '../../src/domain/canonical.ts'
import { Plan, type PlanBody } from '../../src/domain/plan.ts'
import { makePlan } from '../../src/domain/planner.ts'
import { aContext, aRegion, type RegionSpec, type RegistrySpec, wave } from './a-region.ts'

export const HOUR = 60
/** Nobody counts as dominant, so that a hot stamp is rebalanced. */
export const HEAT_ONLY = aContext({ policy: { dominance: 100 } })
export const DAY_MS = 86_400_000

/** weu-a at 79 % on its hottest node (cap 32 cores, 19 in use), weu-b and weu-c with room. */
export function aHotRegion(
  changes: Partial<RegionSpec> & { extra?: readonly RegistrySpec[] } = {},
): RegionSpec {
  const { extra = [], ...rest } = changes
  return {
    stamps: [{ id: 'weu-a' }, { id: 'weu-b' }, { id: 'weu-c' }],
    registries: [
      { name: 'big1', stamp: 'weu-a', cores: wave(6.5, 0.1, 0.05) },
      { name: 'big2', stamp: 'weu-a', cores: wave(6, 0.4, 0.05) },
      { name: 'big3', stamp: 'weu-a', cores: wave(5.5, 0.8, 0.05) },
      { name: 'small', stamp: 'weu-a', cores: wave(1, 0.3, 0.05) },
      { name: 'bee1', stamp: 'weu-b', cores: wave(4, 0.3) },
      { name: 'bee2', stamp: 'weu-b', cores: wave(4, 0.8) },
      { name: 'cee1', stamp: 'weu-c', cores: wave(2, 0.1) },
      { name: 'cee2', stamp: 'weu-c', cores: wave(2, 0.6) },
      ...extra,
    ],
    ...rest,
  }
}

export function plan(
  spec: RegionSpec,
  request: Parameters<typeof makePlan>[1] = {},
  context = aContext(),
): PlanBody {
  const body = makePlan(aRegion(spec), request, context)
  Plan.parse(sealPlan(body))
  return body
}
