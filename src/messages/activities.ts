import { z } from 'zod'
import { Digest, GateId, PlanId, RegionName, ReplicaId } from '../domain/ids.ts'
import { Evaluation, RunStatus } from '../domain/run.ts'
import { Waiting } from '../domain/waiting.ts'
import { LoweringStep, MoveStep, Outline, StampStep } from './outline.ts'

/** An activity's name with what goes in and comes out; both sides parse. Messages are only ever added to. */
export interface ActivityMessage<I, O> {
  readonly name: string
  readonly input: z.ZodType<I>
  readonly output: z.ZodType<O>
}

function message<I, O>(name: string, input: z.ZodType<I>, output: z.ZodType<O>): ActivityMessage<I, O> {
  return { name, input, output }
}

/** An effect either happened (or had happened already), or is refused with the reason. */
export const EffectOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), detail: z.string() }),
  /** The whole move is done: none of its steps is to be made again. */
  z.object({ kind: z.literal('movedBefore') }),
  z.object({ kind: z.literal('refused'), reason: z.string() }),
  /** Nothing was done, since a kill switch is on; it may be asked for again later. */
  z.object({ kind: z.literal('paused'), reason: z.string() }),
  /** What was asked for takes its time; ask again. The activity knows for how long. */
  z.object({ kind: z.literal('waiting'), detail: z.string() }),
])
export type EffectOutcome = z.infer<typeof EffectOutcome>

export const RecordStatus = message(
  'recordStatus',
  z.object({ planId: PlanId, atMs: z.int(), status: RunStatus, waiting: Waiting.nullable() }),
  z.object({ kind: z.literal('recorded') }),
)

/** What people have asked of a run up to now. `decision` counts only where it is valid at this moment. */
export const Orders = z.object({
  hold: z.string().nullable(),
  rollback: z.string().nullable(),
  abort: z.string().nullable(),
  decision: z.enum(['none', 'approve', 'reject']),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  /** Batches that are to go home while the run goes on. */
  undo: z.object({ gates: z.array(GateId), reason: z.string() }).optional(),
  /** What was ordered of this gate's observation. */
  observation: z
    .object({ atMs: z.int(), set: z.enum(['extend', 'end']), untilMs: z.int(), words: z.string() })
    .array()
    .optional(),
  /** The latest re-bind by somebody else of a replica of the plan. */
  strayed: z.object({ atMs: z.int(), words: z.string() }).optional(),
})
export type Orders = z.infer<typeof Orders>

export const ReadOrders = message(
  'readOrders',
  z.object({ planId: PlanId, digest: Digest, gate: GateId, decidedAfterMs: z.int() }),
  Orders,
)

/** A plan's outline as its document has it: a run goes by this one, whatever it was started with. */
export const ReadOutline = message('readOutline', z.object({ planId: PlanId, digest: Digest }), Outline)

/** Writes down that ordered batches are home again, and holds the run. */
export const FinishUndo = message(
  'finishUndo',
  z.object({ planId: PlanId, atMs: z.int(), reason: z.string() }),
  z.object({ kind: z.literal('recorded') }),
)

/** Puts a hold on record in Restamp's own name, unless one is there already. */
export const HoldRun = message(
  'holdRun',
  z.object({ planId: PlanId, reason: z.string(), atMs: z.int() }),
  z.object({ kind: z.literal('recorded') }),
)

/** Opens a gate in the place of a person, where the region's autonomy allows it. */
export const OpenGate = message(
  'openGate',
  z.object({ planId: PlanId, digest: Digest, gate: GateId }),
  z.object({ kind: z.enum(['opened', 'left']) }),
)

/** Takes what the plan will need, so that no other plan does meanwhile. */
export const TakeLeases = message(
  'takeLeases',
  z.object({ planId: PlanId, digest: Digest }),
  z.object({ kind: z.enum(['taken', 'held']) }),
)

/** Which of a batch's replicas may move now, as far as switches, windows, budgets, leases and interlocks go. */
export const AdmitMoves = message(
  'admitMoves',
  z.object({ planId: PlanId, digest: Digest, gate: GateId, replicas: z.array(ReplicaId) }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('admitted'), replicas: z.array(ReplicaId) }),
    z.object({
      kind: z.literal('blocked'),
      rule: z.string(),
      reason: z.string(),
      untilMs: z.int().nullable(),
      /** Whether only a person can end it. */
      person: z.boolean(),
    }),
    z.object({ kind: z.literal('refused'), reason: z.string() }),
  ]),
)

export const CheckLimits = message(
  'checkLimits',
  z.object({ planId: PlanId, digest: Digest, gate: GateId }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('ok') }),
    z.object({ kind: z.literal('refused'), reason: z.string() }),
  ]),
)

export const Prepare = message('prepare', MoveStep, EffectOutcome)
export const Rebind = message('rebind', MoveStep, EffectOutcome)
export const Route = message('route', MoveStep, EffectOutcome)
export const Verify = message('verify', MoveStep, EffectOutcome)

export const CheckDrain = message(
  'checkDrain',
  /** The activity knows the deadline from the plan; earlier versions were told it. */
  MoveStep.extend({ deadlineMs: z.int().optional() }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('drained'), detail: z.string() }),
    z.object({ kind: z.literal('draining'), detail: z.string() }),
    z.object({ kind: z.literal('refused'), reason: z.string() }),
  ]),
)

export const FailMove = message(
  'failMove',
  MoveStep.extend({ reason: z.string() }),
  /** `goBack`: the move that takes the replica home again, where the failed one had bound it elsewhere. */
  z.object({ kind: z.literal('recorded'), goBack: z.int().optional() }),
)

export const Evaluate = message(
  'evaluate',
  z.object({ planId: PlanId, digest: Digest, gate: GateId, sinceMs: z.int(), final: z.boolean() }),
  Evaluation.omit({ gate: true }),
)

/** Whether a batch was moved and observed to its end before: a run that is begun anew takes it up no more. */
export const HasPassed = message(
  'hasPassed',
  z.object({ planId: PlanId, digest: Digest, gate: GateId }),
  /** `worse`: the batch was judged so, and some of it is still where it was moved to. */
  z.object({ passed: z.boolean(), worse: z.string().optional() }),
)

/** Which move each replica of a batch is to make: the one that is under way, or its next. */
export const ListDue = message(
  'listDue',
  z.object({ planId: PlanId, digest: Digest, gate: GateId }),
  z.object({ replicas: z.array(z.object({ replica: ReplicaId, sequence: z.int() })) }),
)

/**
 * The replicas whose forward move landed and was not reversed, last one first; of one batch or of the plan. `sequence` is
 * the move that takes each home.
 */
export const ListLanded = message(
  'listLanded',
  z.object({ planId: PlanId, digest: Digest, gate: GateId.nullable() }),
  z.object({
    replicas: z.array(z.object({ replica: ReplicaId, gate: GateId, sequence: z.int().optional() })),
  }),
)

/** Lowers a pool's minimum under its gate, or restores it. */
export const ChangeMinimum = message('changeMinimum', LoweringStep, EffectOutcome)

/**
 * The changes of minimums that a batch is to make, or those that undo it, last one first (`gate` null: the whole plan). Each
 * under the number that it has, or will have.
 */
export const ListLowerings = message(
  'listLowerings',
  z.object({
    planId: PlanId,
    digest: Digest,
    gate: GateId.nullable(),
    direction: LoweringStep.shape.direction,
  }),
  z.object({
    changes: z.array(LoweringStep.pick({ stamp: true, pool: true, gate: true, sequence: true })),
  }),
)

/** Makes the stamp that a plan needs, as far as it gets each time; removes it again. */
export const MakeStamp = message('makeStamp', StampStep, EffectOutcome)
export const RemoveStamp = message('removeStamp', StampStep, EffectOutcome)

/** When the same weekday and hours as before the run have passed once more after its last move. */
export const ReportDue = message(
  'reportDue',
  z.object({ planId: PlanId, digest: Digest }),
  z.object({ atMs: z.int() }),
)

export const ScanOnce = message(
  'scanOnce',
  z.object({ region: RegionName }),
  z.object({ scanId: z.string(), needsAction: z.int() }),
)

export const RehearsePlan = message(
  'rehearsePlan',
  z.object({ planId: PlanId, digest: Digest }),
  z.object({ status: z.enum(['passed', 'failed']) }),
)
