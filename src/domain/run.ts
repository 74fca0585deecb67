import { z } from 'zod'
import { Digest, GateId, PlanId, RegionName, RegistryName, ReplicaId, StampId } from './ids.ts'
import { ServedErrors } from './served-errors.ts'
import { Waiting } from './waiting.ts'

/** A person's recorded answer to one plan digest, for one gate or several. */
export const Decision = z.object({
  id: z.string(),
  planId: PlanId,
  digest: Digest,
  gates: z.array(GateId).min(1).max(1000),
  answer: z.enum(['approve', 'reject']),
  by: z.string(),
  reason: z.string(),
  atMs: z.int(),
  expiresAtMs: z.int().nullable(),
  /** SHA-256 of the evidence record that the answer was given on. */
  evidence: Digest.optional(),
})
export type Decision = z.infer<typeof Decision>

/** An answer that came after another one and differs from it. The first stands; this one is kept to be seen. */
export const Conflict = Decision.omit({ gates: true, expiresAtMs: true, evidence: true }).extend({
  gate: GateId,
  standing: z.object({ id: z.string(), answer: Decision.shape.answer, by: z.string() }),
})
export type Conflict = z.infer<typeof Conflict>

/** Where a run stands. Each status carries the facts that it needs and no others. */
export const RunStatus = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('starting') }),
  z.object({ kind: z.literal('awaitingApproval'), gate: GateId, sinceMs: z.int(), untilMs: z.int() }),
  z.object({
    kind: z.literal('blocked'),
    gate: GateId,
    sinceMs: z.int(),
    /** Null where no time ends it. */
    untilMs: z.int().nullable(),
    rule: z.string(),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('checking'), gate: GateId }),
  z.object({ kind: z.literal('moving'), gate: GateId, sinceMs: z.int() }),
  z.object({ kind: z.literal('observing'), gate: GateId, sinceMs: z.int(), untilMs: z.int() }),
  z.object({ kind: z.literal('held'), gate: GateId, sinceMs: z.int(), reason: z.string() }),
  z.object({ kind: z.literal('reversing'), gate: GateId, sinceMs: z.int(), reason: z.string() }),
  z.object({ kind: z.literal('completed'), atMs: z.int() }),
  z.object({ kind: z.literal('rolledBack'), atMs: z.int(), reason: z.string() }),
  z.object({ kind: z.literal('aborted'), atMs: z.int(), reason: z.string() }),
  z.object({ kind: z.literal('rejected'), atMs: z.int(), gate: GateId, by: z.string(), reason: z.string() }),
])
export type RunStatus = z.infer<typeof RunStatus>

export const Run = z.object({
  planId: PlanId,
  digest: Digest,
  region: RegionName,
  startedBy: z.string(),
  startedAtMs: z.int(),
  updatedAtMs: z.int(),
  status: RunStatus,
  waiting: Waiting.nullable(),
  /** How often its orchestration had to be begun anew. */
  restarts: z.int().optional(),
})
export type Run = z.infer<typeof Run>

export const ENDED = ['completed', 'rolledBack', 'aborted', 'rejected'] as const

export function hasEnded(status: RunStatus): boolean {
  return ENDED.some((kind) => kind === status.kind)
}

export const CutoverStep = z.enum(['prepare', 'rebind', 'route', 'drain', 'verify'])
export type CutoverStep = z.infer<typeof CutoverStep>

/**
 * One replica's move as it happened. `key` makes a repeat recognisable; `direction` tells a reversal. `epoch` is the
 * binding's when the move began: its re-bind is good for that one only.
 */
export const MoveRecord = z.object({
  planId: PlanId,
  replica: ReplicaId,
  gate: GateId,
  from: StampId,
  to: StampId,
  direction: z.enum(['forward', 'reverse']),
  key: z.string(),
  epoch: z.int().optional(),
  /** When it was begun, or begun anew. */
  begunMs: z.int().optional(),
  /** The fence of the lease under which it was begun. */
  fence: z.int().optional(),
  /** What its preparation waits for, as it was last looked at: nodes that serve, or a warm cache. */
  waits: z.object({ atMs: z.int(), detail: z.string() }).optional(),
  /** How long the old home has to be quiet, and why; noted before the route changes. */
  drain: z.object({ quietMs: z.int(), ttlSeconds: z.number(), gapP99Ms: z.number().nullable() }).optional(),
  steps: z.array(
    z.object({ step: CutoverStep, kind: z.enum(['intent', 'done']), atMs: z.int(), detail: z.string() }),
  ),
  outcome: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('done'), atMs: z.int() }),
      z.object({ kind: z.literal('failed'), atMs: z.int(), reason: z.string() }),
    ])
    .nullable(),
})
export type MoveRecord = z.infer<typeof MoveRecord>

/** A registry's last move in any region; whether it is under way, the move itself says. */
export const Motion = z.object({
  registry: RegistryName,
  region: RegionName,
  planId: PlanId,
  key: z.string(),
})

const Known = z.number().nullable()
/** One thing that an observation compared. `before` is what it would be like by its own past; `controls` how the unmoved changed. */
export const Finding = z.object({
  kind: z.enum(['worse', 'fine', 'missing']),
  subject: z.string(),
  measure: z.string(),
  before: Known,
  now: Known,
  controls: Known,
  /** Natural logarithm of a sequential test's evidence, and from where it is an alarm. */
  evidence: z.number(),
  threshold: z.number(),
  minutes: z.number(),
  voidMinutes: z.number(),
  words: z.string(),
})
export type Finding = z.infer<typeof Finding>

/** One look at a batch after its move: what was compared, and what came of it. */
export const Evaluation = z.object({
  gate: GateId,
  atMs: z.int(),
  verdict: z.enum(['betterOrEqual', 'worse', 'notEnoughEvidence']),
  words: z.string(),
  /** Whether the window was over: only then better-or-equal lets the batch pass. */
  final: z.boolean().optional(),
  findings: z.array(Finding).optional(),
  /** A synthetic pull of each replica that has too little traffic to be judged by. */
  pulls: z.record(z.string(), z.enum(['ok', 'failed'])).optional(),
  /** What the moved were served since their move began; with the last look, where errors are measured. */
  served: ServedErrors.optional(),
})
export type Evaluation = z.infer<typeof Evaluation>
