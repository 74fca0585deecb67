import { z } from 'zod'
import { PoolRole } from './fleet.ts'
import { Digest, PlanId, RegionName, RegistryName, StampId } from './ids.ts'
import { Policy } from './policy.ts'

/** The phases of moves, smallest load first. */
export const MovePhase = z.enum(['tail', 'medium', 'top'])
export type MovePhase = z.infer<typeof MovePhase>

export const PhaseName = z.enum(['provision', ...MovePhase.options, 'right-size'])
export type PhaseName = z.infer<typeof PhaseName>

/** Whether a phase moves replicas; others make a stamp, or lower minimums, and are always a person's to open. */
export function isMovePhase(phase: PhaseName): phase is MovePhase {
  return MovePhase.options.some((name) => name === phase)
}

/** One replica's move. `share` is 0..1 of its source pool's hot minutes; `batch` counts from 1 within the phase. */
export const Move = z.object({
  registry: RegistryName,
  from: StampId,
  to: z.union([StampId, z.literal('new')]),
  phase: MovePhase,
  batch: z.int().min(1),
  share: z.number().min(0).max(1),
  why: z.string(),
  whyNot: z.array(z.string()),
})
export type Move = z.infer<typeof Move>

/** One pool's minimum instance count, lowered from what it is to what is proven to do. Batches count from 1. */
export const Lowering = z.object({
  stamp: StampId,
  pool: PoolRole,
  from: z.int().min(1),
  to: z.int().min(1),
  batch: z.int().min(1),
  why: z.string(),
})
export type Lowering = z.infer<typeof Lowering>

export const Figures = z.object({
  hotNodeP95: z.number().nullable(),
  poolAverage: z.number().nullable(),
  max: z.number().nullable(),
})
export type Figures = z.infer<typeof Figures>

/** What a touched pool shows before, and what it is predicted to show after all moves at `nodes` nodes. Percent. */
export const PoolOutlook = z.object({
  stamp: z.union([StampId, z.literal('new')]),
  pool: PoolRole,
  before: Figures,
  predicted: z.object({ hotNodeP95: z.number(), low: z.number(), high: z.number() }),
  nodes: z.int().min(1).optional(),
  ifNothingIsDone: z.object({ hotNodeP95: z.number().nullable(), words: z.string() }),
  /** What past predictions of this pool were off, points; truth less prediction is `bias`. */
  past: z.object({ compared: z.int(), error: z.number(), bias: z.number() }).optional(),
})
export type PoolOutlook = z.infer<typeof PoolOutlook>

/**
 * Who causes the hot minutes of a pool: points of the hottest node's percent, with a band of 90 %. `registries`, `others`
 * and `baseline`, which is the stamp's own, are together `shown`.
 */
export const PoolContributors = z.object({
  stamp: StampId,
  pool: PoolRole,
  shown: z.number(),
  registries: z.array(
    z.object({ registry: RegistryName, points: z.number(), low: z.number(), high: z.number() }),
  ),
  others: z.object({ count: z.int(), points: z.number() }),
  baseline: z.number(),
})
export type PoolContributors = z.infer<typeof PoolContributors>

export const Verdict = z.enum([
  'rebalance',
  'isolate',
  'evacuate',
  'ramp',
  'right-size',
  'none',
  'storage-bound',
  'insufficient-data',
])
export type Verdict = z.infer<typeof Verdict>

/** A plan before its digest: immutable once made. `reverses` undoes the moves, last one first. */
export const PlanBody = z.object({
  id: PlanId,
  region: RegionName,
  customer: z.string().nullable(),
  /** Absent is routine. An emergency keeps hard limits only: no window, no budget. */
  urgency: z.enum(['routine', 'emergency']).optional(),
  verdict: Verdict,
  reason: z.string(),
  madeAtMs: z.int(),
  requestedBy: z.string(),
  policy: Policy,
  moves: z.array(Move),
  reverses: z.array(z.object({ registry: RegistryName, from: StampId, to: StampId })),
  phases: z.array(z.object({ name: PhaseName, observation: z.string() })),
  pools: z.array(PoolOutlook),
  contributors: z.array(PoolContributors).optional(),
  /** What would have to be otherwise for another verdict. */
  whatWouldChange: z.array(z.string()).optional(),
  blocked: z.array(z.object({ stamp: StampId, rule: z.string(), detail: z.string() })),
  /** When its last batch will have been observed if every gate is answered at once; null where no window opens. Epoch ms. */
  endsAboutMs: z.int().nullable().optional(),
  /** For right-sizing: what is lowered, and the plan whose moves made room for it. Undone by raising again, last one first. */
  lowerings: z.array(Lowering).optional(),
  relievedBy: PlanId.optional(),
  /** The nodes that an isolated stamp needs. `stamp` is one that the run makes, each pool `like` that of its role there. */
  isolation: z
    .object({
      pools: z.array(z.object({ role: PoolRole, nodes: z.int().min(1), like: StampId.optional() })),
      stamp: StampId.optional(),
    })
    .optional(),
})
export type PlanBody = z.infer<typeof PlanBody>

/** A plan: the document and the SHA-256 over its RFC 8785 form without `digest`. */
export const Plan = PlanBody.extend({ digest: Digest })
export type Plan = z.infer<typeof Plan>

/** What goes together, under the gate that opens it: moves, lowered minimums, or neither where a stamp is made. */
export interface Batch {
  readonly gate: string
  readonly phase: PhaseName
  readonly batch: number
  readonly moves: readonly Move[]
  readonly lowerings: readonly Lowering[]
}

/** A plan's batches in the order in which they run. */
export function batchesOf(plan: Pick<Plan, 'phases' | 'moves' | 'lowerings'>): Batch[] {
  return plan.phases.flatMap(({ name }): Batch[] => {
    const moves = plan.moves.filter((move) => move.phase === name)
    const lowerings = name === 'right-size' ? (plan.lowerings ?? []) : []
    if (name === 'provision')
      return [{ gate: 'provision-1', phase: name, batch: 1, moves: [], lowerings: [] }]
    const numbers = [...new Set([...moves, ...lowerings].map(({ batch }) => batch))].toSorted((a, b) => a - b)
    return numbers.map((batch) => ({
      gate: `${name}-${batch}`,
      phase: name,
      batch,
      moves: moves.filter((move) => move.batch === batch),
      lowerings: lowerings.filter((lowering) => lowering.batch === batch),
    }))
  })
}
