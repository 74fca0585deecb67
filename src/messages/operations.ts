import { z } from 'zod'
import { AuditVerdict } from '../domain/audit.ts'
import { RegionName, StampId } from '../domain/ids.ts'
import { Incident } from '../domain/incident.ts'
import { Scan } from '../domain/scan.ts'
import { CommonAlert } from './alert.ts'
import * as api from './api.ts'
import { AutonomyList, AutonomyRequest } from './autonomy-api.ts'
import { RightSizeRequest } from './capacity-api.ts'
import { ClockRequest, ClockView } from './clock-api.ts'
import { DoctorView } from './doctor-api.ts'
import { FiguresQuery, FiguresView } from './figures-api.ts'
import {
  CalibrationView,
  CustomerReport,
  IncidentList,
  ReadinessView,
  ScansStarted,
  TakenIn,
} from './needs-api.ts'
import { NoBody, question, request } from './operation.ts'
import { PAGE_PARTS } from './page.ts'
import {
  PolicyChanges,
  PolicyList,
  PolicyProposal,
  StampView,
  WhatIfRequest,
  WhatIfView,
} from './stamp-api.ts'
import { TicketAnswer, TicketList, TicketRequest } from './tickets-api.ts'

/** What Azure Monitor sends at most. */
const ALERT_BYTES_MAX = 256 * 1024
const SIGNAL_HOURS_MAX = 24 * 7

const region = { schema: RegionName, words: 'Of one region only.' }
const ofPlan = {
  ...{ answer: api.StatusView, onStatus: true },
  refusals: ['not-found', 'wrong-state', 'changed-meanwhile'],
} as const
/** Of what takes a look at a region’s whole telemetry. */
const HEAVY = 50
const order = { ...ofPlan, body: api.OrderRequest } as const

/** The whole API, each operation under the name of its function: routes, OpenAPI document, client and tests are made of this. */
export const OPERATIONS = {
  me: question('me', 'me', 'Who asks, and what time it is here', { answer: api.Me }),
  setClock: request('setClock', 'clock', 'How fast time passes from now on, where it is simulated', {
    ...{ action: 'clock', body: ClockRequest, status: 200, answer: ClockView, refusals: ['wrong-state'] },
  }),
  fleet: question('fleet', 'fleet', 'What is where, with the latest figures of each pool', {
    answer: api.FleetView,
  }),
  signals: question('signals', 'signals', 'The hottest node of a pool, bin by bin', {
    query: {
      stamp: { schema: StampId, words: 'Of which stamp.', required: true },
      pool: { schema: z.string(), words: 'The role of the pool.', required: true },
      hours: {
        schema: z.int().min(1).max(SIGNAL_HOURS_MAX),
        words: 'So many hours up to now; 24 by default.',
      },
    },
    answer: api.SignalsView,
    refusals: ['invalid-request', 'not-found'],
  }),
  readStamp: question(
    'readStamp',
    'stamps/{stamp}',
    'Who causes the hot minutes of a stamp, and who lives there',
    { answer: StampView, refusals: ['not-found'], weight: HEAVY },
  ),
  whatIf: request('whatIf', 'what-if', 'What the last day would have been had something been otherwise', {
    ...{ action: 'plan', body: WhatIfRequest, status: 200, answer: WhatIfView },
    ...{ weight: HEAVY, refusals: ['not-found'] },
  }),
  readPolicies: question('readPolicies', 'policies', 'How each region is run', { answer: PolicyList }),
  comparePolicy: request(
    'comparePolicy',
    'policies/compare',
    'What another policy would change; it is checked, and kept nowhere',
    {
      ...{ action: 'read', body: PolicyProposal, status: 200, answer: PolicyChanges },
      refusals: ['not-found'],
    },
  ),
  latestScan: question('latestScan', 'scans/{region}', 'The latest scan of a region', {
    ...{ answer: Scan, refusals: ['not-found'] },
  }),
  scanNow: request('scanNow', 'scans', 'Scan a region, or all, now', {
    ...{ action: 'scan', body: api.ScanRequest, answer: ScansStarted, refusals: ['not-found'] },
  }),
  listIncidents: question('listIncidents', 'incidents', 'What needs action, open ones first', {
    query: { region, all: { schema: z.literal('1'), words: 'Those that are over, too.' }, ...PAGE_PARTS },
    ...{ answer: IncidentList, refusals: ['invalid-request', 'not-found'] },
  }),
  readiness: question('readiness', 'readiness', 'Signals that can not be judged by, and until when', {
    answer: ReadinessView,
  }),
  resolveIncident: request('resolveIncident', 'incidents/{region}/{id}/resolve', 'End an incident', {
    ...{ action: 'resume', body: api.OrderRequest, status: 200, answer: Incident },
    refusals: ['not-found', 'wrong-state'],
  }),
  readCalibration: question('readCalibration', 'calibration', 'What was predicted against what came', {
    answer: CalibrationView,
  }),
  acceptMisses: request(
    'acceptMisses',
    'calibration/{region}/{stamp}/{pool}/accept',
    'Let a pool be planned for again',
    {
      ...{ action: 'resume', body: api.OrderRequest, status: 200, answer: CalibrationView },
      refusals: ['not-found'],
    },
  ),
  readFigures: question(
    'readFigures',
    'figures',
    'How plans did: reversals, prediction errors, tenant errors, time of people',
    {
      query: { days: { schema: FiguresQuery.shape.days, words: 'Over so many days up to now.' } },
      ...{ answer: FiguresView, refusals: ['invalid-request'] },
    },
  ),
  takeAlert: request('takeAlert', 'alerts', 'Take in an alert of Azure Monitor, in its common schema', {
    ...{ action: 'alert', body: CommonAlert, bodyBytesMax: ALERT_BYTES_MAX },
    ...{ answer: TakenIn, refusals: ['try-again'] },
  }),
  customerReport: request('customerReport', 'customer-reports', 'Tell what a customer told', {
    ...{ action: 'tell', body: CustomerReport, answer: TakenIn, refusals: ['not-found'] },
  }),

  listPlans: question('listPlans', 'plans', 'Plans, newest first', {
    query: {
      region,
      customer: { schema: z.string(), words: 'Of one customer only.' },
      status: { schema: z.string(), words: 'In one state only, such as `awaitingApproval`.' },
      ...PAGE_PARTS,
    },
    ...{ answer: api.PlanList, refusals: ['invalid-request'] },
  }),
  listWaiting: question('listWaiting', 'waiting', 'Everything that waits, what only a person can end first', {
    answer: api.WaitingList,
  }),
  makePlan: request('makePlan', 'plans', 'Make a plan, which changes nothing; its rehearsal begins', {
    ...{ action: 'plan', body: api.PlanRequest, status: 201, answer: api.PlanView },
    ...{ weight: HEAVY, refusals: ['not-found'] },
  }),
  readPlan: question('readPlan', 'plans/{id}', 'A plan with its rehearsal and status', {
    ...{ answer: api.PlanView, refusals: ['not-found'] },
  }),
  readStatus: question(
    'readStatus',
    'plans/{id}/status',
    'Where a run is, what it waits for, and what can be ordered',
    {
      ...{ answer: api.StatusView, refusals: ['not-found'] },
    },
  ),
  readReport: question('readReport', 'plans/{id}/report', 'Before and after, move by move', {
    ...{ answer: api.ReportView, refusals: ['not-found', 'wrong-state'] },
  }),
  startRun: request('startRun', 'plans/{id}/start', 'Start the run of a plan', {
    ...{ action: 'start', body: api.StartRequest, answer: api.StatusView },
    onStatus: true,
    refusals: ['not-found', 'wrong-state', 'other-digest', 'changed-meanwhile'],
  }),
  rightSize: request(
    'rightSize',
    'plans/{id}/right-size',
    'Make a plan that lowers the minimums of what this one relieved',
    {
      ...{ action: 'plan', body: RightSizeRequest, status: 201, answer: api.PlanView },
      refusals: ['not-found', 'wrong-state'],
    },
  ),
  decide: request('decide', 'plans/{id}/decisions', 'Approve or reject gates', {
    ...{ action: 'decide', body: api.DecisionRequest, answer: api.StatusView, onStatus: true },
    refusals: [
      ...(['not-found', 'wrong-state', 'other-digest', 'changed-meanwhile'] as const),
      ...(['answered-already', 'evidence-outdated', 'conflicting-answer'] as const),
    ],
  }),
  gatherEvidence: request('gatherEvidence', 'plans/{id}/evidence', 'Keep what an approver decides on now', {
    ...{ action: 'decide', body: NoBody, status: 201, answer: api.EvidenceView },
    refusals: ['not-found'],
  }),
  'order-hold': request('order-hold', 'plans/{id}/hold', 'Begin no other move', { ...order, action: 'hold' }),
  'order-resume': request('order-resume', 'plans/{id}/resume', 'Go on after a hold', {
    ...order,
    action: 'resume',
  }),
  'order-abort': request('order-abort', 'plans/{id}/abort', 'End the run where it is', {
    ...order,
    action: 'abort',
  }),
  'order-rollback': request(
    'order-rollback',
    'plans/{id}/rollback',
    'Take everything, a phase or a batch home',
    {
      ...{ ...ofPlan, action: 'rollback', body: api.RollbackRequest },
    },
  ),
  'order-skip': request('order-skip', 'plans/{id}/skip', 'Leave one registry where it is', {
    ...{ ...ofPlan, action: 'skip', body: api.SkipRequest },
  }),
  'order-observation': request(
    'order-observation',
    'plans/{id}/observation',
    'Extend the present observation, or end it',
    {
      ...{ ...ofPlan, action: 'extendObservation', body: api.ObservationRequest },
    },
  ),

  listSwitches: question('listSwitches', 'switches', 'How each kill switch stands that was ever turned', {
    answer: api.SwitchList,
  }),
  turnSwitch: request('turnSwitch', 'switches', 'Turn the kill switch of a region, or of everything', {
    ...{ action: 'switch', body: api.SwitchRequest, answer: api.SwitchList },
    refusals: ['not-found', 'answered-already'],
  }),
  listAutonomy: question(
    'listAutonomy',
    'autonomy',
    'Which phases of which regions may open their own gates',
    {
      answer: AutonomyList,
    },
  ),
  stepAutonomy: request(
    'stepAutonomy',
    'autonomy',
    'Ask for autonomy, confirm what another asked for, or withdraw it',
    {
      ...{ action: 'hold', body: AutonomyRequest, answer: AutonomyList },
      refusals: ['not-found', 'answered-already'],
    },
  ),
  listTickets: question('listTickets', 'tickets', 'Change tickets in force or ahead', {
    ...{ query: { region }, answer: TicketList, refusals: [] },
  }),
  putTicket: request('putTicket', 'tickets', 'Tell a change ticket as it is now', {
    ...{ action: 'ticket', body: TicketRequest, status: 200, answer: TicketAnswer },
    refusals: ['not-found', 'wrong-state', 'try-again'],
  }),
  takeTicket: request('takeTicket', 'ticket-hooks', 'The same from a ticket system, which signs the body', {
    ...{ action: 'alert', body: TicketRequest, status: 200, answer: TicketAnswer, proof: 'body' },
    refusals: ['not-found', 'wrong-state', 'try-again'],
  }),
  readAudit: question(
    'readAudit',
    'audit/{chain}',
    'The audit of a plan, or of what belongs to none (`fleet`)',
    {
      query: { after: { schema: z.int().min(0), words: 'Entries after this number; 0 by default.' } },
      ...{ answer: api.AuditPage, refusals: ['invalid-request', 'not-found'] },
    },
  ),
  verifyAudit: question('verifyAudit', 'audit/{chain}/verification', 'Whether an audit is whole', {
    ...{ answer: AuditVerdict, refusals: ['not-found'] },
  }),
  doctor: question('doctor', 'doctor', 'What the app finds of all that it depends on', {
    ...{ action: 'examine', answer: DoctorView },
  }),
  readOpenApi: question('readOpenApi', 'openapi.json', 'This document', { answer: z.looseObject({}) }),
} as const
