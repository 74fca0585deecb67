import { z } from 'zod'
import { PoolRole } from '../domain/fleet.ts'
import { Digest, GateId, PlanId, RegionName, ReplicaId, replicaId, StampId } from '../domain/ids.ts'
import { batchesOf, PhaseName, type Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'

/** One batch as orchestrations see it: ids and times; the plan itself stays in records. */
export const BatchOutline = z.object({
  gate: GateId,
  phase: PhaseName,
  replicas: z.array(ReplicaId),
  observeForMs: z.int(),
})
export type BatchOutline = z.infer<typeof BatchOutline>

/** What `rebalance` starts with. Larger than a screen of ids it never gets: moves are looked up by id. */
export const Outline = z.object({
  planId: PlanId,
  digest: Digest,
  region: RegionName,
  batches: z.array(BatchOutline),
  cutoversMax: z.int(),
  gateDeadlineMs: z.int(),
  evaluateEveryMs: z.int(),
  drainDeadlineMs: z.int(),
  /** Which orchestration carries the run; absent is `rebalance`. Any other one does nothing with the plan. */
  carriedBy: z.enum(['right-size', 'isolate']).optional(),
})
export type Outline = z.infer<typeof Outline>

/**
 * A plan's outline: what its run needs to walk it. Where telemetry comes late, an observation lasts so much longer: the minutes
 * that the policy asks for have to be seen.
 */
export function outlineOf(plan: Plan, { lateMs }: { readonly lateMs: number }): Outline {
  const carriedBy = orchestrationOf(plan)
  const observeFor = new Map(plan.phases.map((phase) => [phase.name, durationMs(phase.observation) ?? 0]))
  return {
    planId: plan.id,
    digest: plan.digest,
    region: plan.region,
    batches: batchesOf(plan).map((batch) => ({
      gate: batch.gate,
      phase: batch.phase,
      replicas: batch.moves.map((move) => replicaId(move.registry, plan.region)),
      observeForMs: (observeFor.get(batch.phase) ?? 0) + lateMs,
    })),
    cutoversMax: plan.policy.cutoversMax,
    gateDeadlineMs: durationMs(plan.policy.gateDeadline) ?? 0,
    evaluateEveryMs: durationMs(plan.policy.evaluateEvery) ?? 0,
    drainDeadlineMs: durationMs(plan.policy.drainDeadline) ?? 0,
    ...(carriedBy === 'rebalance' ? {} : { carriedBy }),
  }
}

/** Which orchestration carries a plan's run. */
export function orchestrationOf({
  lowerings,
  isolation,
}: Pick<Plan, 'lowerings' | 'isolation'>): 'rebalance' | 'right-size' | 'isolate' {
  if (lowerings) return 'right-size'
  return isolation?.stamp ? 'isolate' : 'rebalance'
}

export const CutoverInput = z.object({
  planId: PlanId,
  digest: Digest,
  gate: GateId,
  replica: ReplicaId,
  direction: z.enum(['forward', 'reverse']),
  drainDeadlineMs: z.int(),
  /** Which of the replica's moves under this plan, from 1: forth is odd, back even. A step of an earlier one is stale. */
  sequence: z.int().min(1).optional(),
  /** A reversal leads all traffic home first, and drains afterwards. */
  upTo: z.enum(['route', 'verify']).optional(),
})
export type CutoverInput = z.infer<typeof CutoverInput>

/** What each step of a move is told. */
export const MoveStep = CutoverInput.omit({ drainDeadlineMs: true, upTo: true })
export type MoveStep = z.infer<typeof MoveStep>

/** What one change of a pool's minimum is told: `sequence` numbers the pool's changes under this plan, from 1. */
export const LoweringStep = z.object({
  planId: PlanId,
  digest: Digest,
  gate: GateId,
  stamp: StampId,
  pool: PoolRole,
  direction: z.enum(['lower', 'restore']),
  sequence: z.int().min(1),
})
export type LoweringStep = z.infer<typeof LoweringStep>

/** What the steps of making a plan's stamp, and of removing it, are told. */
export const StampStep = z.object({ planId: PlanId, digest: Digest, gate: GateId })
export type StampStep = z.infer<typeof StampStep>

/** What a cutover came to. Only `done` lets a batch go on. */
export const CutoverOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('failed'), replica: ReplicaId, reason: z.string() }),
])
export type CutoverOutcome = z.infer<typeof CutoverOutcome>

export const ObserveInput = z.object({
  planId: PlanId,
  digest: Digest,
  region: RegionName,
  gate: GateId,
  sinceMs: z.int(),
  untilMs: z.int(),
  evaluateEveryMs: z.int(),
  tick: z.int(),
})
export type ObserveInput = z.infer<typeof ObserveInput>

/** How an observation ended. `ordered`: a person wants something else; the run looks what. */
export const ObserveOutcome = z.object({
  kind: z.enum(['betterOrEqual', 'worse', 'notEnoughEvidence', 'ordered']),
  words: z.string(),
  /** The observation's own time at its end, which may be ahead of its parent's. Epoch ms. */
  atMs: z.int().optional(),
})
export type ObserveOutcome = z.infer<typeof ObserveOutcome>
