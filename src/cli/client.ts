import type { z } from 'zod'
import type { AuditVerdict } from '../domain/audit.ts'
import type { ClockSpeed } from '../domain/clock-speed.ts'
import type { Incident } from '../domain/incident.ts'
import type { Scan } from '../domain/scan.ts'
import {
  type AuditPage,
  type DecisionRequest,
  type EvidenceView,
  type FleetView,
  type Me,
  type ObservationRequest,
  type PlanList,
  type PlanRequest,
  type PlanView,
  Problem,
  type ReportView,
  type RollbackRequest,
  type StatusView,
  type SwitchList,
  type SwitchRequest,
  type WaitingList,
} from '../messages/api.ts'
import type { AutonomyList, AutonomyRequest } from '../messages/autonomy-api.ts'
import type { ClockView } from '../messages/clock-api.ts'
import type { FiguresView } from '../messages/figures-api.ts'
import type { CalibrationView, IncidentList, ReadinessView, TakenIn } from '../messages/needs-api.ts'
import { type Asked, type Operation, pathOf } from '../messages/operation.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { TicketAnswer, TicketList, TicketRequest } from '../messages/tickets-api.ts'
import { CliError } from './cli-error.ts'
import { type Preview, previewOf } from './dry-run.ts'
import { EXIT, type ExitCode } from './io.ts'
import { jsonOf } from './json-of.ts'

const ANSWER_TIMEOUT_MS = 120_000

export type OrderName = 'hold' | 'resume' | 'rollback' | 'abort'

interface SkipBody {
  readonly registry: string
  readonly reason: string
}

/** The HTTP API as one user. What it refuses is thrown as `CliError`. */
export interface Client {
  me(): Promise<Me>
  setClock(speed: ClockSpeed): Promise<ClockView>
  fleet(): Promise<FleetView>
  askForScan(region?: string): Promise<void>
  latestScan(region: string): Promise<Scan>
  incidents(query: { readonly region?: string; readonly all?: boolean }): Promise<IncidentList>
  resolve(region: string, id: string, reason: string): Promise<Incident>
  tell(
    report: Readonly<Record<'registry' | 'stamp' | 'region' | 'words', string | undefined>>,
  ): Promise<TakenIn>
  readiness(): Promise<ReadinessView>
  calibration(): Promise<CalibrationView>
  acceptMisses(
    of: Readonly<Record<'region' | 'stamp' | 'pool', string>>,
    reason: string,
  ): Promise<CalibrationView>
  figures(days: string): Promise<FiguresView>
  plans(): Promise<PlanList>
  plan(id: string): Promise<PlanView>
  status(id: string): Promise<StatusView>
  waiting(): Promise<WaitingList>
  report(id: string): Promise<ReportView>
  auditPage(chain: string, after: number): Promise<AuditPage>
  auditVerdict(chain: string): Promise<AuditVerdict>
  makePlan(request: PlanRequest): Promise<PlanView>
  /** A plan that lowers the minimums of what a completed one relieved. */
  rightSize(id: string): Promise<PlanView>
  start(id: string, digest: string): Promise<StatusView>
  /** What an approver decides on now. */
  evidence(id: string): Promise<EvidenceView>
  decide(id: string, decision: DecisionRequest): Promise<StatusView>
  order(id: string, name: OrderName, reason: string): Promise<StatusView>
  /** An order that says of what. */
  control(
    id: string,
    name: 'skip' | 'observation' | 'rollback',
    body: SkipBody | ObservationRequest | RollbackRequest,
  ): Promise<StatusView>
  switches(): Promise<SwitchList>
  turnSwitch(turn: SwitchRequest): Promise<SwitchList>
  autonomy(): Promise<AutonomyList>
  tickets(region?: string): Promise<TicketList>
  putTicket(ticket: z.input<typeof TicketRequest>): Promise<TicketAnswer>
  stepAutonomy(step: AutonomyRequest): Promise<AutonomyList>
}

/** Where a host is, and as whom it is asked. */
export interface HostPlace {
  readonly baseUrl: string
  /** Asked for with each request: one of Entra ID is good for an hour. */
  readonly token: () => Promise<string>
  /** Where nothing is to change: is told what would be asked instead, and ends the command. */
  readonly preview?: (preview: Preview) => never
}

/** Asks one operation of the API as one user, and parses what it answers. What it refuses is thrown as `CliError`. */
export function createAsk(at: HostPlace) {
  return async <A extends z.ZodType>(
    operation: Operation<z.ZodType, A>,
    asked: Asked = {},
  ): Promise<z.output<A>> => {
    const path = pathOf(operation, asked)
    if (at.preview && operation.method === 'POST')
      return previewInstead(at, at.preview, { operation, path, asked })
    return parsed(operation.answer, path, await answerOf(at, operation.method, path, asked.body))
  }
}

async function previewInstead(
  { baseUrl, token }: HostPlace,
  tell: (preview: Preview) => never,
  wanted: { readonly operation: Operation; readonly path: string; readonly asked: Asked },
): Promise<never> {
  const ask = createAsk({ baseUrl, token })
  const { id } = wanted.asked.parts ?? {}
  const isOfPlan = id !== undefined && wanted.operation.path.startsWith('plans/')
  const plan = isOfPlan ? await ask(OPERATIONS.readPlan, { parts: { id } }) : null
  return tell(previewOf({ ...wanted, me: await ask(OPERATIONS.me), plan }))
}

export function createClient(at: HostPlace): Client {
  const ask = createAsk(at)
  const of = (id: string, body: unknown = undefined) => ({ parts: { id }, body })
  return {
    me: () => ask(OPERATIONS.me),
    setClock: (speed) => ask(OPERATIONS.setClock, { body: { speed } }),
    fleet: () => ask(OPERATIONS.fleet),
    askForScan: async (region) => void (await ask(OPERATIONS.scanNow, { body: region ? { region } : {} })),
    latestScan: (region) => ask(OPERATIONS.latestScan, { parts: { region } }),
    incidents: ({ region, all }) =>
      ask(OPERATIONS.listIncidents, { query: { region, all: all ? '1' : undefined } }),
    resolve: (region, id, reason) =>
      ask(OPERATIONS.resolveIncident, { parts: { region, id }, body: { reason } }),
    tell: (report) => ask(OPERATIONS.customerReport, { body: report }),
    readiness: () => ask(OPERATIONS.readiness),
    calibration: () => ask(OPERATIONS.readCalibration),
    acceptMisses: (parts, reason) => ask(OPERATIONS.acceptMisses, { parts, body: { reason } }),
    figures: (days) => ask(OPERATIONS.readFigures, { query: { days } }),
    plans: async () => {
      const plans: PlanList['plans'] = []
      for (let after: string | undefined; ; ) {
        const page = await ask(OPERATIONS.listPlans, { query: { after } })
        plans.push(...page.plans)
        if (page.next === null) return { plans, next: null }
        after = page.next
      }
    },
    plan: (id) => ask(OPERATIONS.readPlan, of(id)),
    status: (id) => ask(OPERATIONS.readStatus, of(id)),
    waiting: () => ask(OPERATIONS.listWaiting),
    report: (id) => ask(OPERATIONS.readReport, of(id)),
    auditPage: (chain, after) =>
      ask(OPERATIONS.readAudit, { parts: { chain }, query: { after: `${after}` } }),
    auditVerdict: (chain) => ask(OPERATIONS.verifyAudit, { parts: { chain } }),
    makePlan: (body) => ask(OPERATIONS.makePlan, { body }),
    rightSize: (id) => ask(OPERATIONS.rightSize, of(id, {})),
    start: (id, digest) => ask(OPERATIONS.startRun, of(id, { digest })),
    evidence: (id) => ask(OPERATIONS.gatherEvidence, of(id, {})),
    decide: (id, decision) => ask(OPERATIONS.decide, of(id, decision)),
    control: (id, name, body) => ask(OPERATIONS[`order-${name}`], of(id, body)),
    switches: () => ask(OPERATIONS.listSwitches),
    turnSwitch: (body) => ask(OPERATIONS.turnSwitch, { body }),
    tickets: (region) => ask(OPERATIONS.listTickets, { query: { region } }),
    putTicket: (body) => ask(OPERATIONS.putTicket, { body }),
    autonomy: () => ask(OPERATIONS.listAutonomy),
    stepAutonomy: (body) => ask(OPERATIONS.stepAutonomy, { body }),
    order: (id, name, reason) => ask(OPERATIONS[`order-${name}`], of(id, { reason })),
  }
}

async function answerOf(
  at: HostPlace,
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
): Promise<unknown> {
  const headers = { authorization: `Bearer ${await at.token()}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const response = await fetch(`${at.baseUrl}/api/v1/${path}`, {
    ...{ method, headers, ...sent, signal },
    // Who is not known is sent to a sign-in page for people.
    redirect: 'manual',
  }).catch((error: unknown) => {
    throw new CliError(
      `The Restamp host at ${at.baseUrl} does not answer (${causeOf(error)})`,
      EXIT.dependency,
    )
  })
  if (response.status >= 300 && response.status < 400)
    throw new CliError(
      `${at.baseUrl} does not know who asks; check the profile's client id, and that the application that you signed in with may call it`,
      EXIT.dependency,
    )
  const answer = jsonOf(await response.text())
  if (response.ok) return answer
  throw new CliError(refusalOf(answer, response), exitCodeOf(response.status))
}

function parsed<A extends z.ZodType>(schema: A, path: string, answer: unknown): z.output<A> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new CliError(
    `The host's answer on ${path} was not understood (${issue?.path.join('.')}: ${issue?.message}); do host and command have the same version?`,
    EXIT.dependency,
  )
}

function refusalOf(answer: unknown, response: Response): string {
  const problem = Problem.safeParse(answer)
  if (!problem.success)
    return `The host answered ${response.status} ${response.statusText} without saying why`
  const { detail, state, allowed } = problem.data
  const more = [
    state && !detail.includes(state) ? `its state is ${state}` : '',
    allowed && allowed.length > 0 && !allowed.every((each) => detail.includes(each))
      ? `possible now: ${allowed.join(', ')}`
      : '',
  ].filter((text) => text !== '')
  return more.length > 0 ? `${detail} (${more.join('; ')})` : detail
}

/** 403 and 409 are the answer no; what else the caller got wrong is bad input; the rest is not the caller's fault. */
function exitCodeOf(status: number): ExitCode {
  if (status === 403 || status === 409) return EXIT.no
  if (status === 401 || status >= 500) return EXIT.dependency
  return EXIT.usage
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error && 'code' in cause && cause.code) return String(cause.code)
  return error.message
}
