import { z } from 'zod'
import { RegionName, RegistryName, StampId } from '../domain/ids.ts'
import { PlanBody, PoolContributors } from '../domain/plan.ts'
import { Policy } from '../domain/policy.ts'
import { Supposition } from '../domain/what-if.ts'

const SUPPOSITIONS_MAX = 50

/** GET /api/v1/stamps/{stamp}: who causes the hot minutes of its pools, and the heaviest of who lives there. */
export const StampView = z.object({
  region: RegionName,
  stamp: StampId,
  pools: z.array(PoolContributors),
  replicaCount: z.int(),
  replicas: z.array(
    z.object({
      registry: RegistryName,
      customer: z.string(),
      pinned: z.boolean(),
      /** Points of the hottest of its pools; null where nobody can be told. */
      points: z.number().nullable(),
    }),
  ),
  /** Active stamps that a replica could be supposed on. */
  others: z.array(StampId),
})
export type StampView = z.infer<typeof StampView>

/** POST /api/v1/what-if: what the last day would have been had something been otherwise. It starts nothing. */
export const WhatIfRequest = z.strictObject({
  region: RegionName.optional(),
  suppose: z.array(Supposition).min(1).max(SUPPOSITIONS_MAX),
})
export type WhatIfRequest = z.infer<typeof WhatIfRequest>

export const WhatIfView = z.object({
  moves: z.array(z.object({ registry: z.string(), from: z.string(), to: z.string() })),
  problems: z.array(z.string()),
  pools: z.array(
    z.object({
      stamp: z.string(),
      pool: z.string(),
      now: z.number().nullable(),
      wouldBe: z.number().nullable(),
      hot: z.boolean(),
    }),
  ),
  plan: PlanBody.pick({ verdict: true, reason: true, blocked: true }).extend({ moves: z.int() }),
})
export type WhatIfView = z.infer<typeof WhatIfView>

/** GET /api/v1/policies: how each region is run, and which of it is not as the design has it. */
export const PolicyList = z.object({
  regions: z.array(z.object({ region: RegionName, policy: Policy, own: z.array(z.string()) })),
  defaults: Policy,
  /** What each value means. */
  words: z.record(z.string(), z.string()),
})
export type PolicyList = z.infer<typeof PolicyList>

/** POST /api/v1/policies/compare: what another policy would change; it is checked, and kept nowhere. */
export const PolicyProposal = z.strictObject({
  region: RegionName.optional(),
  policy: z.record(z.string(), z.unknown()),
})
export type PolicyProposal = z.infer<typeof PolicyProposal>

/** Values as JSON. Where there are problems the policy would be refused. */
export const PolicyChanges = z.object({
  problems: z.array(z.string()),
  changes: z.array(z.object({ key: z.string(), from: z.string(), to: z.string() })),
})
export type PolicyChanges = z.infer<typeof PolicyChanges>
