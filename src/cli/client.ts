import type { z } from 'zod'
import { AuditVerdict } from '../domain/audit.ts'
import { Incident } from '../domain/incident.ts'
import { Scan } from '../domain/scan.ts'
import {
  AuditPage,
  type DecisionRequest,
  EvidenceView,
  FleetView,
  Me,
  type ObservationRequest,
  PlanList,
  type PlanRequest,
  PlanView,
  Problem,
  ReportView,
  type RollbackRequest,
  StatusView,
  SwitchList,
  type SwitchRequest,
  WaitingList,
} from '../messages/api.ts'
import { AutonomyList, type AutonomyRequest } from '../messages/autonomy-api.ts'
import { FiguresView } from '../messages/figures-api.ts'
import { CalibrationView, IncidentList, ReadinessView, TakenIn } from '../messages/needs-api.ts'
import { TicketAnswer, TicketList, type TicketRequest } from '../messages/tickets-api.ts'
import { CliError } from './cli-error.ts'
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

export function createClient(at: { readonly baseUrl: string; readonly token: string }): Client {
  const get = async <T>(path: string, schema: z.ZodType<T>) =>
    parsed(schema, path, await ask(at, 'GET', path))
  const post = async <T>(path: string, body: unknown, schema: z.ZodType<T>) =>
    parsed(schema, path, await ask(at, 'POST', path, body))
  const planPath = (id: string) => `plans/${encodeURIComponent(id)}`
  return {
    me: () => get('me', Me),
    fleet: () => get('fleet', FleetView),
    askForScan: async (region) => void (await ask(at, 'POST', 'scans', region ? { region } : {})),
    latestScan: (region) => get(`scans/${encodeURIComponent(region)}`, Scan),
    incidents: ({ region, all }) => {
      const query = new URLSearchParams({ ...(region ? { region } : {}), ...(all ? { all: '1' } : {}) })
      return get(`incidents?${query}`, IncidentList)
    },
    resolve: (region, id, reason) => {
      const path = `incidents/${encodeURIComponent(region)}/${encodeURIComponent(id)}/resolve`
      return post(path, { reason }, Incident)
    },
    tell: (report) => post('customer-reports', report, TakenIn),
    readiness: () => get('readiness', ReadinessView),
    calibration: () => get('calibration', CalibrationView),
    acceptMisses: (of, reason) => {
      const path = [of.region, of.stamp, of.pool].map(encodeURIComponent).join('/')
      return post(`calibration/${path}/accept`, { reason }, CalibrationView)
    },
    figures: (days) => get(`figures?${new URLSearchParams({ days })}`, FiguresView),
    plans: () => get('plans', PlanList),
    plan: (id) => get(planPath(id), PlanView),
    status: (id) => get(`${planPath(id)}/status`, StatusView),
    waiting: () => get('waiting', WaitingList),
    report: (id) => get(`${planPath(id)}/report`, ReportView),
    auditPage: (chain, after) => get(`audit/${encodeURIComponent(chain)}?after=${after}`, AuditPage),
    auditVerdict: (chain) => get(`audit/${encodeURIComponent(chain)}/verification`, AuditVerdict),
    makePlan: (request) => post('plans', request, PlanView),
    rightSize: (id) => post(`${planPath(id)}/right-size`, {}, PlanView),
    start: (id, digest) => post(`${planPath(id)}/start`, { digest }, StatusView),
    evidence: (id) => post(`${planPath(id)}/evidence`, {}, EvidenceView),
    decide: (id, decision) => post(`${planPath(id)}/decisions`, decision, StatusView),
    control: (id, name, body) => post(`${planPath(id)}/${name}`, body, StatusView),
    switches: () => get('switches', SwitchList),
    turnSwitch: (turn) => post('switches', turn, SwitchList),
    tickets: (region) => get(region ? `tickets?region=${encodeURIComponent(region)}` : 'tickets', TicketList),
    putTicket: (ticket) => post('tickets', ticket, TicketAnswer),
    autonomy: () => get('autonomy', AutonomyList),
    stepAutonomy: (step) => post('autonomy', step, AutonomyList),
    order: (id, name, reason) => post(`${planPath(id)}/${name}`, { reason }, StatusView),
  }
}

async function ask(
  at: { readonly baseUrl: string; readonly token: string },
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const headers = { authorization: `Bearer ${at.token}`, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS)
  const response = await fetch(`${at.baseUrl}/api/v1/${path}`, { method, headers, ...sent, signal }).catch(
    (error: unknown) => {
      throw new CliError(
        `The Restamp host at ${at.baseUrl} does not answer (${causeOf(error)})`,
        EXIT.dependency,
      )
    },
  )
  const answer = jsonOf(await response.text())
  if (response.ok) return answer
  throw new CliError(refusalOf(answer, response), exitCodeOf(response.status))
}

function parsed<T>(schema: z.ZodType<T>, path: string, answer: unknown): T {
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
