import type { Controls } from './controls.ts'
import type { CutoverStep, MoveRecord, Run } from './run.ts'
import { type Switch, strongest, switchWords } from './switches.ts'
import {
  blockedBy,
  lowers,
  makesStamp,
  type Waiting,
  type WaitingFor,
  type WaitingKind,
  waitingFor,
} from './waiting.ts'

/** What is on record about a plan, as far as it tells what the plan waits for. */
export interface PlanRecords {
  readonly planId: string
  readonly madeAtMs: number
  readonly run: Run | null
  readonly rehearsal:
    | { readonly status: 'running' | 'passed' | 'failed'; readonly atMs: number }
    | 'notNeeded'
    | null
  readonly controls: Controls | null
  /** Every move of the plan, oldest first. */
  readonly moves: readonly MoveRecord[]
  /** Answers to the gate that is asked now, where it takes more than are there. */
  readonly approvedBy: readonly string[]
  readonly approversNeeded: number
  readonly requestedBy: string
  readonly drainDeadlineMs: number
  /** The kill switches that are on over the plan's region. */
  readonly switches: readonly Switch[]
}

/** What a plan waits for; null where it waits for nothing: it has ended, or can't be started. */
export function waitingOf(known: PlanRecords): WaitingFor | null {
  const { run, rehearsal, planId, madeAtMs } = known
  if (run === null) {
    if (rehearsal === 'notNeeded')
      return waitingFor({ kind: 'start', planId, sinceMs: madeAtMs, rehearsed: false })
    if (rehearsal === null || rehearsal.status === 'failed') return null
    const kind = rehearsal.status === 'running' ? 'rehearsal' : 'start'
    return waitingFor({ kind, planId, sinceMs: kind === 'start' ? rehearsal.atMs : madeAtMs })
  }
  const waiting = waitOfRun(known, run)
  return waiting && withOrder(waiting, known.controls, run)
}

function waitOfRun(known: PlanRecords, { status, waiting, updatedAtMs }: Run): WaitingFor | null {
  const { planId } = known
  switch (status.kind) {
    case 'completed':
    case 'rolledBack':
    case 'aborted':
    case 'rejected':
      return null
    case 'starting':
      return waitingFor({ kind: 'step', planId, sinceMs: updatedAtMs, what: 'the run begins' })
    case 'checking': {
      const what = `the limits of ${status.gate} are checked on fresh telemetry`
      return waitingFor({ kind: 'step', planId, sinceMs: updatedAtMs, what })
    }
    case 'moving':
      return frozenAt(known, status.gate) ?? moveUnderWay(known, status, 'forward')
    case 'reversing':
      return (
        frozenAt(known, status.gate) ??
        moveUnderWay(known, status, 'reverse') ??
        waitingFor({
          kind: 'reversal',
          planId,
          gate: status.gate,
          sinceMs: status.sinceMs,
          reason: status.reason,
        })
      )
    case 'awaitingApproval': {
      const { gate, sinceMs, untilMs } = status
      const asked = waitingFor({ kind: 'gate', planId, gate, sinceMs, untilMs, registries: 0 })
      return withApprovals(waiting ? shown(waiting, 'gate') : asked, known)
    }
    case 'observing':
      return waiting ? shown(waiting, 'observation') : waitingFor({ ...status, kind: 'observation', planId })
    case 'blocked':
      return liftable(
        waiting ? shown(waiting, 'interlock') : blockedBy(status.rule, { ...status, planId }),
        known.switches,
      )
    case 'held':
      return waitingFor({ ...status, kind: 'hold', planId })
    default:
      return status satisfies never
  }
}

/** Moves under way stand still while a freeze is on. */
function frozenAt({ switches, planId }: PlanRecords, gate: string): WaitingFor | null {
  const on = strongest(switches)
  if (on?.setting !== 'freeze') return null
  const facts = { planId, gate, sinceMs: on.atMs, untilMs: null, reason: switchWords(on) }
  return liftable(waitingFor({ ...facts, kind: 'frozen' }), switches)
}

/** How each switch that is on is lifted stands before all else that can be typed. */
function liftable(waiting: WaitingFor, switches: readonly Switch[]): WaitingFor {
  const lifts = switches
    .filter(({ setting }) => setting !== 'off')
    .map(({ scope }) => `restamp switch off${scope === '*' ? '' : ` --region ${scope}`} --reason "..."`)
  return waiting.kind === 'frozen' ? { ...waiting, next: [...lifts, ...waiting.next] } : waiting
}

/** A wait without what only the run needs to be woken; older records don't say of which kind it is. */
function shown({ event: _, instance: __, ...waiting }: Waiting, kind: WaitingKind): WaitingFor {
  return { ...waiting, kind: waiting.kind ?? kind }
}

function withApprovals(waiting: WaitingFor, known: PlanRecords): WaitingFor {
  const { approvedBy, approversNeeded, requestedBy } = known
  const who = `an approver other than ${[requestedBy, ...approvedBy].join(', ')}`
  if (approversNeeded < 2) return { ...waiting, who }
  const by = approvedBy.length > 0 ? ` (${approvedBy.join(', ')})` : ''
  const count = `${approvedBy.length} of ${approversNeeded} approvals are there${by}`
  return { ...waiting, who, what: `${waiting.what}; ${count}` }
}

interface Under {
  readonly gate: string
  readonly sinceMs: number
}

/** What moves that have begun and not ended wait for: traffic that has to leave, nodes that have to be ready, or their next step. */
function moveUnderWay(known: PlanRecords, { gate, sinceMs }: Under, direction: MoveRecord['direction']) {
  const { planId, moves, drainDeadlineMs } = known
  const open = moves.filter(
    (move) =>
      move.outcome === null &&
      move.direction === direction &&
      (direction === 'reverse' || move.gate === gate),
  )
  const draining = open.filter((move) => at(move, 'route', 'done') && !at(move, 'drain', 'done'))
  if (draining.length > 0) {
    const times = draining.map((move) => at(move, 'route', 'done') ?? sinceMs)
    return waitingFor({
      kind: 'drain',
      planId,
      gate,
      sinceMs: Math.min(...times),
      untilMs: Math.max(...times) + drainDeadlineMs,
      replicas: draining.map(({ replica }) => replica),
    })
  }
  const preparing = open.filter((move) => !at(move, 'prepare', 'done'))
  if (preparing.length > 0) {
    const times = preparing.map((move) => at(move, 'prepare', 'intent') ?? sinceMs)
    const replicas = preparing.map(({ replica }) => replica)
    const details = [...new Set(preparing.flatMap(({ waits }) => (waits ? [waits.detail] : [])))]
    return waitingFor({ kind: 'nodes', planId, gate, sinceMs: Math.min(...times), replicas, details })
  }
  if (direction === 'reverse') return null
  return waitingFor({
    kind: 'step',
    planId,
    sinceMs,
    what: stepWords(gate),
  })
}

function stepWords(gate: string): string {
  if (lowers(gate)) return `minimums of ${gate} are lowered, one pool after another`
  if (makesStamp(gate)) return 'the new stamp is made, and checked for an hour before anybody comes'
  return `registries of ${gate} move, one step after another`
}

function at({ steps }: MoveRecord, step: CutoverStep, kind: 'intent' | 'done'): number | undefined {
  return steps.find((each) => each.step === step && each.kind === kind)?.atMs
}

/** An order that is on record and not yet carried out says what it waits for. */
function withOrder(waiting: WaitingFor, controls: Controls | null, { status }: Run): WaitingFor {
  const { abort, rollback, hold } = controls ?? {}
  const pending =
    (abort && { ...abort, name: 'the abort' }) ??
    (rollback && status.kind !== 'reversing' && { ...rollback, name: 'the rollback' }) ??
    (hold && status.kind !== 'held' && { ...hold, name: 'the hold' })
  if (!pending) return waiting
  return { ...waiting, what: `${pending.name} of ${pending.by} waits for this: ${waiting.what}` }
}
