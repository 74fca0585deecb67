import { z } from 'zod'
import { AuditEntry } from '../domain/audit.ts'
import { ClockSpeed } from '../domain/clock-speed.ts'
import { Controls } from '../domain/controls.ts'
import { ForeignRebind, RouteRepair, StaleWriter } from '../domain/deviation.ts'
import { Evidence } from '../domain/evidence.ts'
import { Forwarding } from '../domain/forwarding.ts'
import { Digest, GateId, PlanId, RegionName, RegistryName, ReplicaId, StampId } from '../domain/ids.ts'
import { Incident } from '../domain/incident.ts'
import { LoweringRecord } from '../domain/lowering.ts'
import { Figures, PhaseName, Plan } from '../domain/plan.ts'
import { Principal } from '../domain/principal.ts'
import { ProvisioningRecord } from '../domain/provisioning.ts'
import { RehearsalReport } from '../domain/rehearsal.ts'
import { Reminder } from '../domain/reminders.ts'
import { Conflict, Decision, Evaluation, MoveRecord, Run } from '../domain/run.ts'
import { PoolScan, Readiness, Scan } from '../domain/scan.ts'
import { Switch, SwitchScope, SwitchSetting } from '../domain/switches.ts'
import { WaitingFor } from '../domain/waiting.ts'

/** Why a person does something, kept with it. */
export const Reason = z.string().trim().min(3, 'say why, in 3 letters or more').max(500)

/** POST /api/v1/plans */
export const PlanRequest = z
  .strictObject({
    region: RegionName.optional(),
    customer: z.string().optional(),
    stamp: StampId.optional(),
    /** Empties a stamp before it is retired. */
    evacuate: StampId.optional(),
    /** Fills a new stamp. */
    ramp: StampId.optional(),
    /** An emergency keeps hard limits only, and preempts routine plans; it takes an operator to ask for one. */
    urgency: z.enum(['routine', 'emergency']).optional(),
  })
  .refine(
    ({ customer, stamp, evacuate, ramp }) =>
      [customer, stamp, evacuate, ramp].filter((one) => one !== undefined).length <= 1,
    'name a customer, a stamp, one to evacuate or one to ramp, not several',
  )
export type PlanRequest = z.infer<typeof PlanRequest>

/** POST /api/v1/plans/{id}/start */
export const StartRequest = z.strictObject({ digest: Digest })
export type StartRequest = z.infer<typeof StartRequest>

/** POST /api/v1/plans/{id}/evidence: what an approver decides on now, kept under its digest. */
export const EvidenceView = z.object({ digest: Digest, evidence: Evidence })
export type EvidenceView = z.infer<typeof EvidenceView>

/**
 * POST /api/v1/plans/{id}/decisions; `expiresAtMs` is when the answer stops being good. `evidence` is the digest of what was
 * seen; without it, what holds at this moment is kept with the answer.
 */
export const DecisionRequest = z.strictObject({
  digest: Digest,
  gates: z.array(GateId).min(1).max(1000),
  answer: z.enum(['approve', 'reject']),
  reason: Reason,
  expiresAtMs: z.int().optional(),
  evidence: Digest.optional(),
})
export type DecisionRequest = z.infer<typeof DecisionRequest>

/** POST /api/v1/plans/{id}/hold, resume, rollback, abort */
export const OrderRequest = z.strictObject({ reason: Reason })
export type OrderRequest = z.infer<typeof OrderRequest>

/** POST /api/v1/plans/{id}/rollback: of everything, which ends the run, or of one batch or phase, which holds it. */
export const RollbackRequest = z
  .strictObject({ reason: Reason, gate: GateId.optional(), phase: PhaseName.optional() })
  .refine((body) => !(body.gate && body.phase), 'name a gate or a phase, not both')
export type RollbackRequest = z.infer<typeof RollbackRequest>

/** POST /api/v1/plans/{id}/skip */
export const SkipRequest = z.strictObject({ registry: RegistryName, reason: Reason })
export type SkipRequest = z.infer<typeof SkipRequest>

/** POST /api/v1/plans/{id}/observation: makes the present one longer, or ends it. */
export const ObservationRequest = z.discriminatedUnion('set', [
  z.strictObject({
    set: z.literal('extend'),
    hours: z
      .number()
      .positive()
      .max(24 * 30),
    reason: Reason,
  }),
  z.strictObject({ set: z.literal('end'), reason: Reason }),
])
export type ObservationRequest = z.infer<typeof ObservationRequest>

/** POST /api/v1/switches: turns the kill switch of a region, or `*` for everything. */
export const SwitchRequest = z.strictObject({ scope: SwitchScope, setting: SwitchSetting, reason: Reason })
export type SwitchRequest = z.infer<typeof SwitchRequest>

/** GET /api/v1/switches: how each switch stands that was ever turned. */
export const SwitchList = z.object({ switches: z.array(Switch) })
export type SwitchList = z.infer<typeof SwitchList>

/** POST /api/v1/scans */
export const ScanRequest = z.strictObject({ region: RegionName.optional() })
export type ScanRequest = z.infer<typeof ScanRequest>

/** GET /api/v1/me; `nowMs` is the host's clock, `speed` how fast it runs while a run is under way, only where it is simulated. */
export const Me = z.object({ principal: Principal, nowMs: z.number(), speed: ClockSpeed.optional() })
export type Me = z.infer<typeof Me>

/** GET /api/v1/fleet: what is where, with the latest scan's figures. */
export const FleetView = z.object({
  nowMs: z.number(),
  regions: z.array(
    z.object({
      name: RegionName,
      scannedAtMs: z.number().nullable(),
      /** The policy's threshold, for the mark on the page. */
      hotPercent: z.number().optional(),
      needsAction: Scan.shape.needsAction,
      readiness: z.array(Readiness).optional(),
      incidents: z.array(Incident).optional(),
      stamps: z.array(
        z.object({
          id: StampId,
          kind: z.string(),
          state: z.string(),
          replicas: z.int(),
          customers: z.array(z.object({ customer: z.string(), replicas: z.int() })),
          pools: z.array(
            z.object({
              role: z.string(),
              nodes: z.int(),
              minNodes: z.int(),
              maxNodes: z.int(),
              scan: PoolScan.nullable(),
            }),
          ),
        }),
      ),
    }),
  ),
})
export type FleetView = z.infer<typeof FleetView>

/** GET /api/v1/signals?stamp=&pool=&hours=24: the hottest node per bin; null is a missing bin. */
export const SignalsView = z.object({
  stamp: StampId,
  pool: z.string(),
  startMs: z.number(),
  binMs: z.number(),
  hot: z.array(z.number().nullable()),
  average: z.array(z.number().nullable()),
  hotNode: z.array(z.string().nullable()),
  figures: Figures,
  window: z.object({ startMs: z.number(), endMs: z.number() }).nullable(),
  status: z.enum(['ok', 'insufficient-coverage', 'no-data']),
  hotPercent: z.number(),
})
export type SignalsView = z.infer<typeof SignalsView>

/** A batch's place in a run, for people. */
export const BatchView = z.object({
  gate: GateId,
  phase: PhaseName,
  registries: z.int(),
  state: z.enum(['waiting', 'approved', 'moving', 'observing', 'done', 'reversed']),
  movesDone: z.int(),
  /** Registries that people skipped. */
  skipped: z.int().optional(),
  /** Who opened the gate, once enough people have. */
  decidedBy: z.string().nullable(),
  approvedBy: z.array(z.string()),
  approversNeeded: z.int(),
})
export type BatchView = z.infer<typeof BatchView>

/** GET /api/v1/plans/{id}/status. `waiting` is what `run.waiting` becomes for people; `allowed` are the orders that make sense now; `etaMs` is null once ended. */
export const StatusView = z.object({
  planId: PlanId,
  digest: Digest,
  nowMs: z.number(),
  run: Run.nullable(),
  waiting: WaitingFor.nullable(),
  batches: z.array(BatchView),
  movesDone: z.int(),
  movesPlanned: z.int(),
  etaMs: z.number().nullable(),
  allowed: z.array(
    z.enum(['start', 'decide', 'hold', 'resume', 'rollback', 'abort', 'skip', 'extendObservation']),
  ),
  lastEvaluation: Evaluation.nullable(),
  /** Answers that came after another one and differ from it; the first stands. */
  conflicts: z.array(Conflict),
  /** All that people have ordered, as it stands on record. */
  orders: Controls.nullable().optional(),
  /** For an emergency: the ways back of what it has moved, last one first. */
  undo: z.array(z.object({ replica: ReplicaId, from: StampId, to: StampId, movedAtMs: z.int() })).optional(),
  /** What people were told of the run's waits, and what could not be told yet. */
  reminders: z.array(Reminder).optional(),
  /** The kill switches that are on over the plan's region. */
  switches: z.array(Switch).optional(),
  /** Old homes that still serve what has left them, until their expiry. */
  forwardings: z.array(Forwarding).default([]),
})
export type StatusView = z.infer<typeof StatusView>

/** GET /api/v1/waiting: everything that waits, what only a person can end first. */
export const WaitingList = z.object({
  nowMs: z.number(),
  waits: z.array(
    z.object({ planId: PlanId, region: RegionName, customer: z.string().nullable(), waiting: WaitingFor }),
  ),
})
export type WaitingList = z.infer<typeof WaitingList>

/** GET /api/v1/plans/{id} */
export const PlanView = z.object({ plan: Plan, rehearsal: RehearsalReport.nullable(), status: StatusView })
export type PlanView = z.infer<typeof PlanView>

/** GET /api/v1/plans, newest first. */
export const PlanList = z.object({
  plans: z.array(
    z.object({
      id: PlanId,
      region: RegionName,
      customer: z.string().nullable(),
      verdict: z.string(),
      moves: z.int(),
      requestedBy: z.string(),
      madeAtMs: z.number(),
      status: z.string(),
    }),
  ),
  /** The `after` of the page behind this one; null where there is none. */
  next: z.string().nullable().default(null),
})
export type PlanList = z.infer<typeof PlanList>

/** One row of the before/after table. Windows cover the same weekdays and hours; percent, changes in percent of before. */
export const ReportRow = z.object({
  stamp: StampId,
  pool: z.string(),
  control: z.boolean(),
  before: Figures,
  after: Figures,
  predicted: z.number().nullable(),
  window: z.object({ startMs: z.number(), endMs: z.number() }).nullable(),
  hotNodeP95Change: z.number().nullable(),
  maxChangePoints: z.number().nullable(),
})
export type ReportRow = z.infer<typeof ReportRow>

/** GET /api/v1/plans/{id}/report */
export const ReportView = z.object({
  planId: PlanId,
  digest: Digest,
  status: z.string(),
  requestedBy: z.string(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** The after windows lie so much later than the before windows; null while they are not over. */
  shiftMs: z.number().nullable(),
  sameWeekday: z.boolean(),
  rows: z.array(ReportRow),
  moves: z.array(MoveRecord),
  /** Minimums that were lowered, and restored. */
  lowerings: z.array(LoweringRecord).default([]),
  /** Attempts to make the plan's stamp. */
  provisionings: z.array(ProvisioningRecord).default([]),
  decisions: z.array(Decision),
  forwardings: z.array(Forwarding).default([]),
  /** Steps that came too late and changed nothing. */
  staleWriters: z.array(StaleWriter).default([]),
  foreignRebinds: z.array(ForeignRebind).default([]),
  /** Routes of the plan's replicas that did not lead where these were bound, and were repaired. */
  repairs: z.array(RouteRepair).default([]),
  insufficient: z.array(z.string()),
})
export type ReportView = z.infer<typeof ReportView>

/** GET /api/v1/audit/{chain}?after=NUMBER; `next` is what to ask after for more, null where there is none. */
export const AuditPage = z.object({
  chain: z.string(),
  entries: z.array(AuditEntry),
  next: z.int().nullable(),
})
export type AuditPage = z.infer<typeof AuditPage>

/** RFC 9457, `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  state: z.string().optional(),
  allowed: z.array(z.string()).optional(),
})
export type Problem = z.infer<typeof Problem>
