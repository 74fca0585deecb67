import type { Controls } from '../../src/domain/controls.ts'
import { PlanId, replicaId, StampId } from '../../src/domain/ids.ts'
import type { MoveRecord, Run, RunStatus } from '../../src/domain/run.ts'
import type { WaitingFacts, WaitingKind } from '../../src/domain/waiting.ts'
import type { PlanRecords } from '../../src/domain/waiting-of.ts'

export const PLAN_ID = PlanId.parse('plan-1a2b3c4d')
const GATE = 'tail-1'
const REASON = 'weu-c is hot'
const AT_MS = 1_000
const UNTIL_MS = 5_000

const at = { planId: PLAN_ID, gate: GATE, sinceMs: AT_MS }
const blocked = { ...at, reason: REASON, untilMs: UNTIL_MS }
const replicas = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}@weu`)

/** The facts of one wait of each kind. */
export const EVERY_WAIT: { readonly [K in WaitingKind]: WaitingFacts & { readonly kind: K } } = {
  rehearsal: { ...at, kind: 'rehearsal' },
  start: { ...at, kind: 'start' },
  gate: { ...at, kind: 'gate', untilMs: UNTIL_MS, registries: 3 },
  hold: { ...at, kind: 'hold', reason: REASON },
  frozen: { ...blocked, kind: 'frozen' },
  window: { ...blocked, kind: 'window' },
  budget: { ...blocked, kind: 'budget' },
  interlock: { ...blocked, kind: 'interlock' },
  lease: { ...blocked, kind: 'lease' },
  motion: { ...blocked, kind: 'motion' },
  step: { ...at, kind: 'step', what: 'the run begins' },
  nodes: { ...at, kind: 'nodes', replicas, details: ['weu-c has too few ready nodes: dataproxy 1/3'] },
  drain: { ...at, kind: 'drain', replicas, untilMs: UNTIL_MS },
  reversal: { ...at, kind: 'reversal', reason: REASON },
  observation: { ...at, kind: 'observation', untilMs: UNTIL_MS },
  evidence: { ...at, kind: 'evidence', untilMs: UNTIL_MS, lacking: 'weu-a is silent' },
  report: { ...at, kind: 'report', untilMs: UNTIL_MS },
}

/** One status of each kind that a run can have. */
export const EVERY_STATUS: { readonly [K in RunStatus['kind']]: RunStatus & { readonly kind: K } } = {
  starting: { kind: 'starting' },
  awaitingApproval: { kind: 'awaitingApproval', gate: GATE, sinceMs: AT_MS, untilMs: UNTIL_MS },
  blocked: { ...blocked, kind: 'blocked', rule: 'window' },
  checking: { kind: 'checking', gate: GATE },
  moving: { kind: 'moving', gate: GATE, sinceMs: AT_MS },
  observing: { kind: 'observing', gate: GATE, sinceMs: AT_MS, untilMs: UNTIL_MS },
  held: { kind: 'held', gate: GATE, sinceMs: AT_MS, reason: REASON },
  reversing: { kind: 'reversing', gate: GATE, sinceMs: AT_MS, reason: REASON },
  completed: { kind: 'completed', atMs: AT_MS },
  rolledBack: { kind: 'rolledBack', atMs: AT_MS, reason: REASON },
  aborted: { kind: 'aborted', atMs: AT_MS, reason: REASON },
  rejected: { kind: 'rejected', atMs: AT_MS, gate: GATE, by: 'amira', reason: REASON },
}

export function aRun(status: RunStatus): Run {
  return {
    planId: PLAN_ID,
    digest: 'a'.repeat(64),
    region: 'weu',
    startedBy: 'olga',
    startedAtMs: 0,
    updatedAtMs: AT_MS,
    status,
    waiting: null,
  }
}

export function planRecords(given: Partial<PlanRecords> = {}): PlanRecords {
  return {
    planId: PLAN_ID,
    madeAtMs: 0,
    run: null,
    rehearsal: { status: 'passed', atMs: AT_MS },
    controls: null,
    moves: [],
    approvedBy: [],
    approversNeeded: 1,
    requestedBy: 'olga',
    drainDeadlineMs: 3_600_000,
    switches: [],
    ...given,
  }
}

export function someControls(given: Partial<Controls> = {}): Controls {
  return { planId: PLAN_ID, hold: null, rollback: null, abort: null, ...given }
}

/** A move that has come as far as `done` says, with the next step's intent on record. */
export function aMove(name: string, steps: MoveRecord['steps'], given: Partial<MoveRecord> = {}): MoveRecord {
  return {
    planId: PLAN_ID,
    replica: replicaId(name, 'weu'),
    gate: GATE,
    from: StampId.parse('weu-a'),
    to: StampId.parse('weu-c'),
    direction: 'forward',
    key: `${PLAN_ID}/${name}@weu/001`,
    steps,
    outcome: null,
    ...given,
  }
}
