import type { PoolUse, RegionUse } from './attribution.ts'
import { dominatorOf } from './dominance.ts'
import { type Signals, signalsIn, type Window } from './hot-node.ts'
import { peakWindowOf } from './local-window.ts'
import type { Figures } from './plan.ts'
import type { Policy } from './policy.ts'
import { EARLIER_MS, type Grid } from './pool-series.ts'
import type { PoolScan, PoolVerdict } from './scan.ts'

const HOUR_MS = 3_600_000

/** A pool with what was found of it. */
export interface PoolJudgement {
  readonly use: PoolUse
  readonly scan: PoolScan
  readonly words: string
  /** The peak window is hot now, and whether it was 6 h ago can't be told. */
  readonly halfJudged: boolean
}

/** Judges every pool of the region at `nowMs` and, for hysteresis, 6 h earlier from the same data. */
export function judgePools(use: RegionUse, nowMs: number, policy: Policy): PoolJudgement[] {
  return use.pools.map((pool) => judgePool(pool, use, { nowMs, policy }))
}

function judgePool(
  use: PoolUse,
  region: RegionUse,
  { nowMs, policy }: { readonly nowMs: number; readonly policy: Policy },
): PoolJudgement {
  const window = peakWindow(use, nowMs, policy)
  const signals = signalsIn(use.samples, window ?? latestWindow(use, nowMs, policy), {
    minCoverage: policy.minCoverage,
  })
  const figures = figuresOf(signals)
  const judged = window !== null && signals.status === 'ok'
  const isHot = judged && figures.hotNodeP95 !== null && figures.hotNodeP95 >= policy.hotPercent
  // Only what is hot now is asked whether it was six hours ago.
  const earlier = isHot ? figureAt(use, nowMs - EARLIER_MS, policy) : null
  const byOne = (figure: number | null) => (judged ? byThreshold(figure, policy) : 'insufficient-data')
  const alone = byOne(figures.hotNodeP95)
  const verdict = alone === 'hot' && (earlier === null || earlier < policy.hotPercent) ? 'warm' : alone
  const scan: PoolScan = {
    stamp: use.stamp.id,
    pool: use.pool.role,
    figures,
    coverage: { expectedBins: signals.coverage.expectedBins, presentBins: signals.coverage.presentBins },
    window: signals.status === 'no-data' ? null : signals.window,
    verdict,
    byAverage: byOne(figures.poolAverage),
    byMax: byOne(figures.max),
    dominatedBy: judged
      ? dominatorOf(use, region, {
          window: onGrid(region.grid, signals.window),
          dominancePercent: policy.dominance,
        })
      : null,
  }
  const words = wordsOf(scan, earlier, policy)
  return { use, scan: { ...scan, words }, words, halfJudged: isHot && earlier === null }
}

function wordsOf(scan: PoolScan, earlier: number | null, policy: Policy): string {
  const name = `${scan.stamp} ${scan.pool}`
  const { expectedBins, presentBins } = scan.coverage
  if (scan.verdict === 'insufficient-data') {
    return `${name} has ${presentBins} of ${expectedBins} bins of its peak window; at least ${percent(policy.minCoverage * 100)} are needed`
  }
  const figure = `${name} has hot-node P95 ${percent(scan.figures.hotNodeP95)}`
  if (scan.verdict === 'hot')
    return `${figure} and had ${percent(earlier)} six hours before; hot from ${policy.hotPercent} %`
  if ((scan.figures.hotNodeP95 ?? 0) < policy.hotPercent) return `${figure}; hot from ${policy.hotPercent} %`
  return earlier === null
    ? `${figure}, hot from ${policy.hotPercent} %, but too little data to judge six hours before: warm until two evaluations agree`
    : `${figure}, hot from ${policy.hotPercent} %, but had ${percent(earlier)} six hours before: warm until two evaluations agree`
}

/** A figure as people read it. */
export function percent(value: number | null): string {
  return value === null ? 'no figure' : `${value.toFixed(1)} %`
}

function byThreshold(figure: number | null, policy: Policy): PoolVerdict {
  if (figure === null) return 'insufficient-data'
  if (figure >= policy.hotPercent) return 'hot'
  return figure < policy.hotPercent - policy.coolPointsBelowHot ? 'cool' : 'warm'
}

/** The hot-node P95 that an evaluation at an instant would have gone by; null where it had too little data. */
function figureAt(use: PoolUse, atMs: number, policy: Policy): number | null {
  const window = peakWindow(use, atMs, policy)
  if (window === null) return null
  const { status, hotNodeP95 } = signalsIn(use.samples, window, { minCoverage: policy.minCoverage })
  return status === 'ok' ? hotNodeP95 : null
}

function figuresOf({ hotNodeP95, poolAverage, max }: Signals): Figures {
  return { hotNodeP95, poolAverage, max: max?.value ?? null }
}

function peakWindow(use: PoolUse, nowMs: number, policy: Policy): Window | null {
  const { binMs, samples } = use
  return peakWindowOf(samples, policy, { binMs, nowMs })
}

/** A given window may lie before the grid for the most part: then all of the grid's day is looked at. */
function onGrid(grid: Grid, window: Window): Pick<Window, 'startMs' | 'endMs'> {
  const endMs = grid.startMs + grid.bins * grid.binMs
  const within = endMs - Math.max(grid.startMs, window.startMs)
  return within * 2 >= window.endMs - window.startMs ? window : { startMs: grid.startMs, endMs }
}

/** Where no peak window has enough data, the last hours show what there is. */
function latestWindow({ binMs }: PoolUse, nowMs: number, policy: Policy): Window {
  const endMs = Math.floor(nowMs / binMs) * binMs
  return { startMs: endMs - policy.peakHours * HOUR_MS, endMs, binMs }
}
