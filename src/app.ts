import * as df from 'durable-functions'
import type { z } from 'zod'
import { createAdmitMoves } from './activities/admission.ts'
import { createPrepare, createRebind, createRoute, createVerify } from './activities/cutover-steps.ts'
import { createCheckDrain } from './activities/drain.ts'
import { createEvaluate } from './activities/evaluate.ts'
import { createHoldForeign } from './activities/foreign-rebinds.ts'
import { createEndForwardings } from './activities/forwardings.ts'
import {
  createFailMove,
  createHasPassed,
  createListDue,
  createListLanded,
  createReadOutline,
} from './activities/landed.ts'
import { createTakeLeases } from './activities/leases.ts'
import { createCheckLimits } from './activities/limits.ts'
import { createReportDue, createScanOnce } from './activities/looks.ts'
import { createChangeMinimum, createListLowerings } from './activities/lowerings.ts'
import { createMakeStamp, createRemoveStamp, createRemoveStrays } from './activities/make-stamp.ts'
import { createOpenGate } from './activities/open-gate.ts'
import { createFinishUndo, createHoldRun, createReadOrders, createRecordStatus } from './activities/orders.ts'
import { createRestoreMinimums } from './activities/raised-minimums.ts'
import { createReconcile } from './activities/reconcile.ts'
import { createRehearsePlan } from './activities/rehearse-plan.ts'
import { createRemind } from './activities/remind.ts'
import { createTellDay } from './activities/tell-day.ts'
import { createAnchorRuns } from './audit/anchor-runs.ts'
import { AuditedRecords } from './audit/audited-records.ts'
import { logFact } from './audit/fact-log.ts'
import { AuditTrail } from './audit/trail.ts'
import type { PolicyFile } from './domain/policy.ts'
import * as messages from './messages/activities.ts'
import { cutover } from './orchestrations/cutover.ts'
import { isolate } from './orchestrations/isolate.ts'
import { observe } from './orchestrations/observe.ts'
import { rebalance } from './orchestrations/rebalance.ts'
import { rightSize } from './orchestrations/right-size.ts'
import { rehearse, scanRegionOnce } from './orchestrations/scan-region.ts'
import type { Anchors } from './ports/anchors.ts'
import { type Checks, NOTHING_OUTSIDE } from './ports/checks.ts'
import type { Gauges } from './ports/gauges.ts'
import type { Identity } from './ports/identity.ts'
import { everyInterlock } from './ports/interlocks.ts'
import type { Log } from './ports/log.ts'
import type { Notifications } from './ports/notifications.ts'
import type { Pages } from './ports/pages.ts'
import type { Ports } from './ports/ports.ts'
import type { Provisioning } from './ports/provisioning.ts'
import type { Rehearse } from './ports/rehearsal.ts'
import type { SignedHook } from './ports/signed-hook.ts'
import type { Spans } from './ports/spans.ts'
import type { Speed } from './ports/speed.ts'
import { createTicketInterlocks } from './queries/tickets.ts'
import type { Door } from './triggers/api.ts'
import { registerAuditRoutes } from './triggers/audit.ts'
import { registerAutonomyRoutes } from './triggers/autonomy.ts'
import { registerCalibrationRoutes } from './triggers/calibration.ts'
import { registerClockRoutes } from './triggers/clock.ts'
import { registerControlRoutes } from './triggers/controls.ts'
import { registerDashboard } from './triggers/dashboard.ts'
import { registerDecisionRoute } from './triggers/decide.ts'
import { registerDoctorRoute } from './triggers/doctor.ts'
import { registerFiguresRoute } from './triggers/figures.ts'
import { registerFleetRoutes } from './triggers/fleet.ts'
import { registerIncidentRoutes } from './triggers/incidents.ts'
import { KeptAnswers } from './triggers/kept-answers.ts'
import { registerNoticeRoutes } from './triggers/notices.ts'
import { registerOpenApiRoute } from './triggers/openapi.ts'
import { registerOrderRoutes } from './triggers/orders.ts'
import { Pace } from './triggers/pace.ts'
import { registerPlanRoutes } from './triggers/plans.ts'
import { registerRightSizeRoute } from './triggers/right-size.ts'
import { registerStampRoutes } from './triggers/stamps.ts'
import { registerSwitchRoutes } from './triggers/switches.ts'
import { registerTicketRoutes } from './triggers/tickets.ts'
import { registerTimers } from './triggers/timers.ts'
import { activitySpan, logRefusal, traceInvocations } from './triggers/tracing.ts'

/** A page of everything asks some 150 times a minute, and a person may have several open. */
const REQUESTS_PER_MINUTE = 1_500

/** What the app is made of, wherever it runs. */
export interface AppParts {
  readonly ports: Ports
  readonly identity: Identity
  readonly policies: PolicyFile
  /** What makes stamps, under an identity of its own: only the activities that make and remove them are given it. */
  readonly provisioning: Provisioning
  readonly rehearse: Rehearse
  /** What one person may ask at most. */
  readonly requestsPerMinute?: number
  readonly pages: Pages
  /** Where the heads of the audit are kept, out of the app's own reach. */
  readonly anchors: Anchors
  readonly notifications: Notifications
  /** What looks at all outside that it depends on; none over a simulated region. */
  readonly checks?: Checks
  /** Only where time is simulated. */
  readonly speed?: Speed
  /** Knows the messages of the system that keeps change tickets; without it only people tell of them. */
  readonly ticketHook?: SignedHook | undefined
  /** Where operators watch; without it nothing is measured. */
  readonly gauges?: Gauges
  /** Where operators read; without it nothing is logged but by the host. */
  readonly log?: Log
  /** Without it nothing is traced but by the host. */
  readonly spans?: Spans
}

/** Registers the whole app with the Functions SDK: the same functions on Azure and on the embedded host. */
export function registerApp(parts: AppParts): void {
  const { identity, policies, anchors } = parts
  const { records, clock } = parts.ports
  const log: Log = parts.log ?? (() => {})
  const trail = new AuditTrail({ records, clock, anchors, onTold: (fact) => logFact(log, fact) })
  const untold = (error: unknown) =>
    log('warning', 'a fact was not told to the audit yet', { error: String(error) })
  const audited = new AuditedRecords(records, trail, untold)
  const interlocks = everyInterlock([parts.ports.interlocks, createTicketInterlocks({ records: audited })])
  const ports = { ...parts.ports, interlocks, records: audited }
  const pace = new Pace(parts.requestsPerMinute ?? REQUESTS_PER_MINUTE)
  const door: Door = { identity, pace, answers: new KeptAnswers(records, clock) }
  if (parts.spans) traceInvocations(parts.spans)
  registerRuns({ ...parts, ports })
  registerClockRoutes(clock, parts.speed, door)
  registerFleetRoutes(ports, door, policies)
  registerIncidentRoutes(ports, door)
  registerCalibrationRoutes(ports, door)
  registerFiguresRoute(ports, door)
  registerNoticeRoutes(ports, door)
  registerPlanRoutes({ ports, door, policies })
  registerRightSizeRoute({ ports, door, policies })
  registerStampRoutes({ ports, door, policies })
  registerDecisionRoute(ports, door)
  registerOrderRoutes(ports, door)
  registerControlRoutes(ports, door)
  registerSwitchRoutes(ports, door)
  registerTicketRoutes(ports, door, parts.ticketHook)
  registerAutonomyRoutes(ports, door, policies)
  registerAuditRoutes(trail, door)
  registerDoctorRoute(parts.checks ?? NOTHING_OUTSIDE, door)
  registerOpenApiRoute(door)
  registerDashboard(parts.pages)
  registerTimers(ports, {
    endForwardings: createEndForwardings(ports),
    restoreMinimums: createRestoreMinimums(ports),
    removeStrays: createRemoveStrays(ports, parts.provisioning),
    reconcile: createReconcile(ports),
    holdForeign: createHoldForeign(ports),
    remind: createRemind(ports, parts.notifications),
    tellDay: createTellDay(ports, parts.notifications),
    anchorRuns: createAnchorRuns(ports, trail),
    gauges: parts.gauges,
    log,
  })
}

/** The orchestrations and their activities, without any way in: all that a rehearsal needs. */
export function registerRuns({
  ports,
  policies,
  provisioning,
  rehearse: inTwin,
  spans,
  log = () => {},
}: Pick<AppParts, 'ports' | 'policies' | 'provisioning' | 'rehearse' | 'spans' | 'log'>): void {
  const activity = activitiesIn(spans, log)
  registerOrchestrations()
  activity(messages.RecordStatus, createRecordStatus(ports))
  activity(messages.ReadOrders, createReadOrders(ports))
  activity(messages.FinishUndo, createFinishUndo(ports))
  activity(messages.HoldRun, createHoldRun(ports))
  activity(messages.TakeLeases, createTakeLeases(ports))
  activity(messages.OpenGate, createOpenGate(ports))
  activity(messages.AdmitMoves, createAdmitMoves(ports))
  activity(messages.CheckLimits, createCheckLimits(ports))
  activity(messages.Prepare, createPrepare(ports))
  activity(messages.Rebind, createRebind(ports))
  activity(messages.Route, createRoute(ports))
  activity(messages.CheckDrain, createCheckDrain(ports))
  activity(messages.Verify, createVerify(ports))
  activity(messages.FailMove, createFailMove(ports))
  activity(messages.ReadOutline, createReadOutline(ports))
  activity(messages.ListDue, createListDue(ports))
  activity(messages.ListLanded, createListLanded(ports))
  activity(messages.HasPassed, createHasPassed(ports))
  activity(messages.Evaluate, createEvaluate(ports))
  activity(messages.ListLowerings, createListLowerings(ports))
  activity(messages.ChangeMinimum, createChangeMinimum(ports))
  activity(messages.MakeStamp, createMakeStamp(ports, provisioning))
  activity(messages.RemoveStamp, createRemoveStamp(ports, provisioning))
  activity(messages.ReportDue, createReportDue(ports))
  activity(messages.ScanOnce, createScanOnce(ports, policies))
  activity(messages.RehearsePlan, createRehearsePlan(ports, inTwin))
}

/** What decides, without anything that acts: enough to replay a history. */
export function registerOrchestrations(): void {
  df.app.orchestration('rebalance', rebalance)
  df.app.orchestration('right-size', rightSize)
  df.app.orchestration('isolate', isolate)
  df.app.orchestration('cutover', cutover)
  df.app.orchestration('observe', observe)
  df.app.orchestration('scan-region', scanRegionOnce)
  df.app.orchestration('rehearse', rehearse)
}

/** What registers an activity, whose input is parsed once, on entry; each call of it is a span where somebody traces. */
function activitiesIn(spans: Spans | undefined, log: Log) {
  return <I, O>(
    {
      name,
      input: Input,
    }: { readonly name: string; readonly input: z.ZodType<I>; readonly output: z.ZodType<O> },
    handler: (input: I) => Promise<O>,
  ): void => {
    const work = async (input: unknown) => {
      const answer = await handler(Input.parse(input))
      logRefusal(log, { name, input, answer })
      return answer
    }
    df.app.activity(name, {
      handler: spans ? (input: unknown) => spans.within(activitySpan(name, input), () => work(input)) : work,
    })
  }
}
