import { comparisonWords, type Prediction } from '../domain/calibration.ts'
import { hotSeries } from '../domain/hot-node.ts'
import { StampId } from '../domain/ids.ts'
import { POOL_MEASURE } from '../domain/outcome-guard.ts'
import { peakP95 } from '../domain/outlook.ts'
import type { Plan, PoolOutlook } from '../domain/plan.ts'
import type { MoveRecord, Run } from '../domain/run.ts'
import type { CpuSamples } from '../domain/series.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { binnedWindow } from '../queries/telemetry.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Old addresses are forgotten so long after the last move; from then on a day shows what came of it. */
const SETTLED_MS = HOUR_MS
const TIME_WIDTH = 15
/** A run that has stood still for longer has nothing new to tell. */
const REVERSED_WITHIN_MS = 7 * DAY_MS

/**
 * Compares what plans predicted with what came: once a completed run's observation and a day after its last move are over,
 * or once a pool turned so hot that a batch went home.
 */
export async function comparePredictions(ports: Ports, region: string): Promise<void> {
  const nowMs = ports.clock.nowMs()
  for (const run of await everyValue(ports.records, 'runs')) {
    if (run.region !== region) continue
    const plan = (await ports.records.read('plans', run.planId))?.value
    if (!plan) continue
    if (nowMs - run.updatedAtMs < REVERSED_WITHIN_MS) await noteReversed(ports, plan)
    // A right-sizing foretells the greatest peak of weeks, which no single day is to be compared with.
    if (run.status.kind !== 'completed' || plan.lowerings || (await isCompared(ports, plan))) continue
    const moves = await everyValue(ports.records, 'moves', `${plan.id}/`)
    const endMs = Math.max(run.status.atMs, lastMoveMs(run, moves) + SETTLED_MS + DAY_MS)
    if (nowMs < endMs) continue
    const obstacle = whyNotAsPlanned(plan, moves)
    for (const pool of plan.pools) await compare(ports, { plan, pool, endMs, obstacle })
  }
}

/** A batch that went home since a pool turned hot under it has shown what came of the prediction, though for part of the plan. */
async function noteReversed(ports: Ports, plan: Plan): Promise<void> {
  if (plan.lowerings) return
  const looks = await everyValue(ports.records, 'evaluations', `${plan.id}/`)
  for (const value of looks.filter(({ verdict }) => verdict === 'worse')) {
    for (const pool of plan.pools) {
      const found = value.findings?.find(
        ({ kind, measure, subject }) =>
          kind === 'worse' && measure === POOL_MEASURE && subject === `${pool.stamp} ${pool.pool}`,
      )
      if (found && found.now !== null)
        await keep(ports, { plan, pool, actual: found.now, reversed: value.gate, why: null })
    }
  }
}

function predictionId({ region, id, madeAtMs }: Plan, pool: PoolOutlook): string {
  return `${region}/${pool.stamp}.${pool.pool}/${String(madeAtMs).padStart(TIME_WIDTH, '0')}.${id}`
}

async function isCompared({ records }: Ports, plan: Plan): Promise<boolean> {
  const last = plan.pools.at(-1)
  return last === undefined || (await records.read('predictions', predictionId(plan, last))) !== undefined
}

function lastMoveMs(run: Run, moves: readonly MoveRecord[]): number {
  return Math.max(run.startedAtMs, ...moves.flatMap(({ outcome }) => outcome?.atMs ?? []))
}

/** A prediction holds for all moves of its plan; where some were not made, or were undone, there is nothing to compare. */
function whyNotAsPlanned(plan: Plan, moves: readonly MoveRecord[]): string | null {
  const done = moves.filter(
    ({ direction, outcome }) => direction === 'forward' && outcome?.kind === 'done',
  ).length
  const undone = moves.filter(({ direction }) => direction === 'reverse').length
  if (undone > 0) return `${undone} moves were undone`
  return done === plan.moves.length ? null : `${done} of ${plan.moves.length} moves were made`
}

async function compare(
  ports: Ports,
  at: {
    readonly plan: Plan
    readonly pool: PoolOutlook
    readonly endMs: number
    readonly obstacle: string | null
  },
): Promise<void> {
  const { plan, pool, endMs, obstacle } = at
  const actual = obstacle === null ? await actualOf(ports, plan, pool, endMs) : null
  const missing = obstacle ?? (actual === null ? 'too few bins of the day after it are there' : null)
  await keep(ports, { plan, pool, actual, why: missing && `not compared: ${missing}` })
}

/** Puts a prediction beside what came of it; what is on record already stays. */
async function keep(
  ports: Ports,
  seen: {
    readonly plan: Plan
    readonly pool: PoolOutlook
    readonly actual: number | null
    /** Why there is nothing to compare with. */
    readonly why: string | null
    /** The batch that went home for what was seen. */
    readonly reversed?: string
  },
): Promise<void> {
  const { plan, pool, actual, why, reversed } = seen
  const base = { predicted: pool.predicted, actual }
  const prediction: Prediction = {
    ...base,
    planId: plan.id,
    region: plan.region,
    stamp: StampId.parse(pool.stamp),
    pool: pool.pool,
    madeAtMs: plan.madeAtMs,
    comparedAtMs: ports.clock.nowMs(),
    words: [
      comparisonWords(base),
      ...(why ? [why] : []),
      ...(reversed ? [`${reversed} went home for it`] : []),
    ].join('; '),
    ...(reversed ? { reversed: true } : {}),
  }
  await ports.records.create('predictions', predictionId(plan, pool), prediction)
}

/** Hot-node P95 of the day up to `endMs`, at the node count that was predicted for; null where too little is there. */
async function actualOf(
  ports: Ports,
  plan: Plan,
  { stamp, pool }: PoolOutlook,
  endMs: number,
): Promise<number | null> {
  if (stamp === 'new') return null
  const between = (toMs: number) => ports.metrics.cpu({ stamp, role: pool, fromMs: toMs - DAY_MS, toMs })
  const planned = plan.isolation?.pools.find(
    ({ role }) => role === pool && plan.moves.some(({ to }) => to === stamp),
  )
  const before = meanNodes(await between(plan.madeAtMs), plan.madeAtMs)
  const nodes = planned?.nodes ?? before
  const samples = await between(endMs)
  const window = binnedWindow(samples, endMs - DAY_MS, endMs)
  const { hot, nodesPresent } = hotSeries(samples, window)
  // Autoscale may have added or taken nodes since: percent is told at the node count that was meant.
  const atNodes = hot.map((value, bin) =>
    nodes === null ? value : (value * (nodesPresent[bin] ?? 0)) / nodes,
  )
  const { peakHours: hours, minCoverage } = plan.policy
  return peakP95(atNodes, { binMs: window.binMs, hours, minCoverage })
}

function meanNodes(samples: CpuSamples, endMs: number): number | null {
  const { nodesPresent } = hotSeries(samples, binnedWindow(samples, endMs - DAY_MS, endMs))
  const present = nodesPresent.filter((nodes) => nodes > 0)
  return present.length === 0 ? null : present.reduce((sum, nodes) => sum + nodes, 0) / present.length
}
