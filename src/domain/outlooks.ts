import { dayToDay } from './day-to-day.ts'
import type { MovesDraft } from './draft.ts'
import { Forecasts } from './forecasts.ts'
import { StampId } from './ids.ts'
import { ifNothing } from './if-nothing.ts'
import { newBasis } from './isolate.ts'
import { BAND_POINTS_MIN, changedHot, loadUncertainty, type OutlookBasis, slopesOf } from './outlook.ts'
import type { PoolOutlook } from './plan.ts'
import type { PoolJudgement } from './pool-judgement.ts'
import { changeOf, peakP95In, poolsOf, type Situation, type Skew } from './situation.ts'

/**
 * Every pool that a draft touches, before and after all its moves; null where too many minutes are missing. The band:
 * the moved load less or more by its uncertainty, spread by the P10 or P90 of the skew; what the hottest node's relation to
 * load may be off; and what days differ by themselves.
 */
export function outlooksOf(situation: Situation, draft: MovesDraft): PoolOutlook[] | null {
  const sources = [...new Set(draft.moves.map(({ from }) => from))]
  const forecasts = new Forecasts(situation)
  const days = dayToDay(situation.use.pools, situation.data.nowMs)
  const outlooks: PoolOutlook[] = []
  for (const { id } of situation.stamps) {
    if (!draft.moves.some(({ from, to }) => from === id || to === id)) continue
    for (const judgement of poolsOf(situation, id)) {
      const predicted = predictAt(situation, draft, { judgement, sources, forecasts, days })
      if (predicted === null) return null
      outlooks.push({
        stamp: judgement.scan.stamp,
        pool: judgement.scan.pool,
        before: judgement.scan.figures,
        predicted,
        ...statedNodes(nodesAt(draft, judgement)),
        ifNothingIsDone: ifNothing(judgement, situation),
      })
    }
  }
  for (const pool of draft.newPools) {
    const change = changeOf(
      situation,
      { stamp: 'new', role: pool.role, relativeSpeed: pool.like.relativeSpeed },
      draft.moves,
    )
    const band = uncertaintyOf(situation, pool.role, sources)
    const predicted = withBand(situation, newBasis(situation, pool), {
      change,
      band,
      days,
      skew: forecasts.skewAt('new', pool.role, draft.moves),
      scale: 1,
    })
    if (predicted === null) return null
    outlooks.push({
      stamp: StampId.parse('new'),
      pool: pool.role,
      before: { hotNodeP95: null, poolAverage: null, max: null },
      predicted,
      nodes: pool.nodes,
      ifNothingIsDone: { hotNodeP95: null, words: 'this stamp is not made' },
    })
  }
  return outlooks
}

function predictAt(
  situation: Situation,
  draft: MovesDraft,
  {
    judgement: { use, scan },
    sources,
    forecasts,
    days,
  }: {
    readonly judgement: PoolJudgement
    readonly sources: readonly string[]
    readonly forecasts: Forecasts
    readonly days: number
  },
): PoolOutlook['predicted'] | null {
  const change = changeOf(
    situation,
    { stamp: scan.stamp, role: scan.pool, relativeSpeed: use.pool.relativeSpeed },
    draft.moves,
  )
  const isDestination = draft.moves.some(({ to }) => to === scan.stamp)
  return withBand(situation, use, {
    change,
    band: isDestination ? uncertaintyOf(situation, scan.pool, sources) : loadUncertainty(use),
    days,
    skew: forecasts.skewAt(scan.stamp, scan.pool, draft.moves),
    scale: use.pool.nodes > 0 ? nodesAt(draft, { use, scan }) / use.pool.nodes : 1,
  })
}

/** The node count at which a pool's prediction stands. */
function nodesAt(draft: MovesDraft, { use, scan }: Pick<PoolJudgement, 'use' | 'scan'>): number {
  const isDestination = draft.moves.some(({ to }) => to === scan.stamp)
  return (isDestination ? draft.nodes.get(scan.pool) : undefined) ?? use.pool.nodes
}

function statedNodes(nodes: number): { nodes?: number } {
  return nodes > 0 ? { nodes } : {}
}

function withBand(
  situation: Situation,
  basis: OutlookBasis,
  parts: {
    readonly change: Float64Array
    readonly band: number
    readonly days: number
    readonly skew: Skew
    readonly scale: number
  },
): PoolOutlook['predicted'] | null {
  const { change, band, days, skew, scale } = parts
  const slopes = slopesOf(basis)
  const at = (factor: number, by: number) =>
    peakP95In(
      situation,
      basis,
      changedHot(
        slopes,
        change.map((value) => value * factor),
        { skew: by, scale },
      ),
    )
  const hotNodeP95 = at(1, skew.middle)
  if (hotNodeP95 === null) return null
  const ends = [
    at(1 - band, skew.low),
    at(1 + band, skew.low),
    at(1 - band, skew.high),
    at(1 + band, skew.high),
  ]
  const known = ends.filter((end) => end !== null)
  // What moves with the load and what comes with the days have nothing to do with each other: they add up as squares do.
  const relation = relationError(basis, slopes.above, change)
  const together = (of: number) => Math.hypot(of, days * hotNodeP95, relation, BAND_POINTS_MIN)
  return {
    hotNodeP95,
    low: Math.max(0, hotNodeP95 - together(hotNodeP95 - Math.min(hotNodeP95, ...known))),
    high: hotNodeP95 + together(Math.max(hotNodeP95, ...known) - hotNodeP95),
  }
}

/** What the relation of hottest node to load may be off, points: as far as it reaches, on the part of the load that changes. */
function relationError(
  { withLoad }: Pick<OutlookBasis, 'withLoad'>,
  above: Float64Array,
  change: Float64Array,
): number {
  if (withLoad === null) return 0
  let [all, changed] = [0, 0]
  for (let bin = 0; bin < above.length; bin += 1) {
    const by = Math.abs(change[bin] ?? Number.NaN)
    if (Number.isNaN(by) || Number.isNaN(above[bin] ?? Number.NaN)) continue
    all += above[bin] ?? 0
    changed += by
  }
  return withLoad.error * Math.min(1, changed / Math.max(all, Number.MIN_VALUE))
}

function uncertaintyOf({ use }: Situation, role: string, sources: readonly string[]): number {
  const pools = use.pools.filter((pool) => pool.pool.role === role && sources.includes(pool.stamp.id))
  return Math.max(...pools.map(loadUncertainty), 0.025)
}
