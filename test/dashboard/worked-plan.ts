import { Forwarding } from '../../src/domain/forwarding.ts'
import { batchesOf, type Move, Plan } from '../../src/domain/plan.ts'
import { DEFAULT_POLICY } from '../../src/domain/policy.ts'
import type { RehearsalReport } from '../../src/domain/rehearsal.ts'
import type { MoveRecord, RunStatus } from '../../src/domain/run.ts'
import { waitingFor } from '../../src/domain/waiting.ts'
import { PlanView, ReportView, StatusView } from '../../src/messages/api.ts'
import { DAY_MS, figures, HOUR_MS, MINUTE_MS, POOLS, START_MS } from './worked-fleet.ts'

export const PLAN_ID = 'contoso-westeurope-1'
export const DIGEST = '4be1c07a9d3322f5'.repeat(4)
export const REQUESTED_BY = 'ines'

const TOP_SHARES = [0.41, 0.29, 0.17, 0.097] as const

function aMove(at: number): Move {
  const top = at >= 36 ? TOP_SHARES[39 - at] : undefined
  const medium = at >= 30 && at < 36
  const phase = top !== undefined ? 'top' : medium ? 'medium' : 'tail'
  const batch = top !== undefined ? at - 35 : medium ? Math.floor((at - 30) / 3) + 1 : 1
  const rank = top === undefined ? '' : `Number ${40 - at} of contoso’s registries: `
  return {
    registry: `contoso${String(at + 1).padStart(2, '0')}` as Move['registry'],
    from: (at % 2 ? 'weu-b' : 'weu-a') as Move['from'],
    to: 'weu-c' as Move['from'],
    phase,
    batch,
    share: top ?? (medium ? 0.004 : 0.0003),
    why: `${rank}leaving takes its load off a stamp that contoso dominates`,
    whyNot: [
      'weu-b would show hot-node P95 61.2 % at the peak, above the target of 60 %',
      'fabrikam01 carries 2.1 % of the hot minutes, so moving it changes nothing',
    ],
  }
}

/** The plan of the worked example: 30 in the tail, 6 medium in two batches, four top talkers. */
export function aPlan(): Plan {
  const moves = Array.from({ length: 40 }, (_, at) => aMove(at))
  return Plan.parse({
    id: PLAN_ID,
    region: 'westeurope',
    customer: 'contoso',
    verdict: 'isolate',
    reason:
      'contoso causes 82 % of the load on weu-a and 79 % on weu-b. No stamp is hot (Max 96 % is one minute; hot-node P95 is 43.1 %), but it moves everyone’s latency. weu-c is isolated, empty and large enough.',
    madeAtMs: START_MS - 20 * MINUTE_MS,
    requestedBy: REQUESTED_BY,
    policy: DEFAULT_POLICY,
    moves,
    reverses: moves.toReversed().map(({ registry, from, to }) => ({ registry, from: to, to: from })),
    phases: [
      { name: 'tail', observation: 'PT1H' },
      { name: 'medium', observation: 'PT24H' },
      { name: 'top', observation: 'PT48H' },
    ],
    pools: POOLS.map(({ stamp, pool, before, after }) => ({
      stamp,
      pool,
      before,
      predicted: { hotNodeP95: after, low: after - 1.8, high: after + 2.4 },
      ifNothingIsDone: {
        hotNodeP95: before.hotNodeP95,
        words: `stays near ${before.hotNodeP95} % and goes on following contoso’s deployments`,
      },
    })),
    blocked: [],
    digest: DIGEST,
  })
}

/** The same with so many moves, none of which shares its registry. */
export function aPlanOf(count: number): Plan {
  const plan = aPlan()
  const moves = Array.from({ length: count }, (_, at) => ({ ...aMove(at % 30), registry: `contoso${at}` }))
  const reverses = moves.toReversed().map(({ registry, from, to }) => ({ registry, from: to, to: from }))
  return Plan.parse({ ...plan, moves, reverses })
}

function aRehearsal(status: RehearsalReport['status']): RehearsalReport {
  const { id } = aPlan()
  return {
    planId: id,
    digest: DIGEST,
    status,
    words: 'Every batch ended better or equal; no move was reversed.',
    virtualMs: 11 * DAY_MS + 4 * HOUR_MS,
    movesDone: 40,
    movesPlanned: 40,
    pools: POOLS.map(({ stamp, pool, before, after }) => ({
      stamp,
      pool,
      before,
      after: figures((before.poolAverage ?? 0) * 0.4, (before.max ?? 0) * 0.7, after + 0.3),
    })),
    atMs: START_MS - 18 * MINUTE_MS,
  }
}

export interface RunState {
  /** How many batches are done; the next one has `status`. Null: not started. */
  readonly done: number
  readonly status: 'awaitingApproval' | 'observing' | 'held' | 'completed' | null
  readonly allowed?: StatusView['allowed']
  readonly approved?: readonly string[]
  readonly rehearsal?: RehearsalReport['status']
}

function runStatus(state: RunState, gate: string): RunStatus {
  const sinceMs = START_MS - 40 * MINUTE_MS
  switch (state.status) {
    case 'observing':
      return { kind: 'observing', gate, sinceMs, untilMs: START_MS + 20 * MINUTE_MS }
    case 'held':
      return {
        kind: 'held',
        gate,
        sinceMs,
        reason: 'weu-c dataproxy has 61 % of its minutes: not enough data',
      }
    case 'completed':
      return { kind: 'completed', atMs: START_MS }
    default:
      return { kind: 'awaitingApproval', gate, sinceMs, untilMs: sinceMs + 72 * HOUR_MS }
  }
}

function runWaiting(status: RunStatus) {
  if (status.kind !== 'awaitingApproval') return null
  const { gate, sinceMs, untilMs } = status
  const waiting = waitingFor({ kind: 'gate', planId: PLAN_ID, gate, sinceMs, untilMs, registries: 3 })
  return { ...waiting, event: `wake-${gate}-1`, instance: PLAN_ID }
}

const ALLOWED = {
  awaitingApproval: ['decide', 'hold', 'rollback', 'abort'],
  observing: ['hold', 'rollback', 'abort'],
  held: ['resume', 'rollback', 'abort'],
  completed: ['rollback'],
} as const

export function aStatus(state: RunState, nowMs = START_MS): StatusView {
  const batches = batchesOf(aPlan())
  const gate = batches[state.done]?.gate ?? 'top-4'
  const status = state.status === null ? null : runStatus(state, gate)
  const moved = batches.slice(0, state.done + (state.status === 'observing' ? 1 : 0))
  const movesDone = moved.reduce((sum, batch) => sum + batch.moves.length, 0)
  return StatusView.parse({
    planId: PLAN_ID,
    digest: DIGEST,
    nowMs,
    run: status && {
      planId: PLAN_ID,
      digest: DIGEST,
      region: 'westeurope',
      startedBy: REQUESTED_BY,
      startedAtMs: START_MS - 3 * HOUR_MS,
      updatedAtMs: START_MS,
      status,
      waiting: runWaiting(status),
    },
    waiting: status && runWaiting(status),
    batches: batches.map((batch, at) => {
      const approved =
        at < state.done ||
        (state.approved ?? []).includes(batch.gate) ||
        (at === state.done && state.status === 'observing')
      const now =
        at === state.done && state.status === 'observing' ? 'observing' : approved ? 'approved' : 'waiting'
      return {
        gate: batch.gate,
        phase: batch.phase,
        registries: batch.moves.length,
        state: at < state.done ? 'done' : now,
        movesDone: moved.includes(batch) ? batch.moves.length : 0,
        decidedBy: approved ? 'amira' : null,
        approvedBy: approved ? ['amira'] : [],
        approversNeeded: 1,
      }
    }),
    movesDone,
    movesPlanned: 40,
    etaMs: state.status === 'completed' ? null : START_MS + 9 * DAY_MS,
    allowed: state.allowed ?? (state.status === null ? ['start'] : ALLOWED[state.status]),
    lastEvaluation:
      state.status === 'observing'
        ? {
            gate,
            atMs: START_MS - 4 * MINUTE_MS,
            verdict: 'betterOrEqual',
            words: 'source and destination better or equal over 34 minutes',
          }
        : null,
    conflicts: [],
  })
}

export function aPlanView(state: RunState, nowMs = START_MS): PlanView {
  const rehearsal = aRehearsal(state.rehearsal ?? 'passed')
  return PlanView.parse({ plan: aPlan(), rehearsal, status: aStatus(state, nowMs) })
}

function aMoveRecord(move: Move, at: number): unknown {
  const beganMs = START_MS - 9 * DAY_MS + at * 5 * HOUR_MS
  const step = (name: string, afterS: number, detail: string) => ({
    step: name,
    kind: 'done',
    atMs: beganMs + afterS * 1_000,
    detail,
  })
  return {
    planId: PLAN_ID,
    replica: `${move.registry}@westeurope`,
    gate: `${move.phase}-${move.batch}`,
    from: move.from,
    to: move.to,
    direction: 'forward',
    key: `${PLAN_ID}/${move.registry}`,
    epoch: 1,
    begunMs: beganMs,
    fence: 1,
    waits: { atMs: beganMs + 5_000, detail: 'the cache of weu-c is 60 % warm' },
    drain: { quietMs: 60_000, ttlSeconds: 30, gapP99Ms: 400 },
    steps: [
      step('prepare', 0, '2 nodes ready'),
      step('rebind', 20, 'epoch 7'),
      step('route', 22, 'TTL 30 s'),
      step('drain', 97, '75 s, no request left'),
      step('verify', 99, 'pull answered'),
    ],
    outcome: { kind: 'done', atMs: beganMs + 99_000 },
  } satisfies Record<keyof MoveRecord, unknown>
}

function aForwarding(): Forwarding {
  const { registry, from, to } = aPlan().moves.at(-1) ?? { registry: '', from: '', to: '' }
  const left = { inFlight: 2, openUploads: 1, stragglers: ['upload-7', 'client-3'] }
  const sinceMs = START_MS - DAY_MS
  return Forwarding.parse({
    ...{ planId: PLAN_ID, replica: `${registry}@westeurope`, key: `${PLAN_ID}/${registry}/001`, from, to },
    ...{ owner: REQUESTED_BY, sinceMs, expiresAtMs: START_MS, quietMs: 120_000, left, ended: null },
  })
}

export function aReport(): ReportView {
  const window = { startMs: START_MS - 14 * DAY_MS, endMs: START_MS - 14 * DAY_MS + 12 * HOUR_MS }
  const rows = POOLS.map(({ stamp, pool, before, after }, at) => ({
    stamp,
    pool,
    control: false,
    before,
    after: figures((before.poolAverage ?? 0) * 0.42, [71, 64, 55.1, 62][at] ?? 0, after),
    predicted: after + 0.4,
    window,
    hotNodeP95Change: ((after - (before.hotNodeP95 ?? 0)) / (before.hotNodeP95 ?? 1)) * 100,
    maxChangePoints: ([71, 64, 55.1, 62][at] ?? 0) - (before.max ?? 0),
  }))
  const control = {
    ...rows[0],
    stamp: 'weu-d',
    control: true,
    after: rows[0]?.before,
    predicted: null,
    hotNodeP95Change: 0.4,
    maxChangePoints: 0.2,
  }
  return ReportView.parse({
    planId: PLAN_ID,
    digest: DIGEST,
    status: 'completed',
    requestedBy: REQUESTED_BY,
    startedAtMs: START_MS - 9 * DAY_MS,
    endedAtMs: START_MS,
    shiftMs: 14 * DAY_MS,
    sameWeekday: true,
    rows: [...rows, control],
    moves: aPlan().moves.map(aMoveRecord),
    forwardings: [aForwarding()],
    decisions: batchesOf(aPlan()).map((batch, at, all) => ({
      // The first gate alone, then all others at once; records are one a gate.
      id: `${PLAN_ID}/${batch.gate}/001`,
      planId: PLAN_ID,
      digest: DIGEST,
      gates: at === 0 ? [batch.gate] : all.slice(1).map(({ gate }) => gate),
      answer: 'approve',
      by: 'amira',
      reason: at === 0 ? 'tail first, rehearsal passed' : 'tail was better or equal',
      atMs: START_MS - (at === 0 ? 9 : 8) * DAY_MS,
      expiresAtMs: null,
    })),
    insufficient: [],
  })
}
