import type { PoolUse, RegionUse } from './attribution.ts'
import { binsNeeded } from './peak-window.ts'
import type { Policy } from './policy.ts'
import type { PoolJudgement } from './pool-judgement.ts'
import { EARLIER_MS } from './pool-series.ts'
import type { Readiness } from './scan.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Telemetry comes late by itself: only behind so many bins, and so much time, a source counts as silent. */
const LATE_BINS = 3
const LATE_MS = 10 * MINUTE_MS
const HOURS_SHOWN_MAX = 99

/**
 * Which signals of the region's pools can't be judged by yet: what is missing, since when, and when there will be enough
 * if all comes from now on. Pools without a problem are left out.
 */
export function readinessOf(
  use: RegionUse,
  judged: readonly PoolJudgement[],
  at: { readonly nowMs: number; readonly policy: Policy },
): Readiness[] {
  return judged.flatMap((judgement) => {
    const { use: pool } = judgement
    return [cpuReadiness(judgement, at), loadReadiness(pool, use, at)].filter((one) => one !== null)
  })
}

interface At {
  readonly nowMs: number
  readonly policy: Policy
}

function cpuReadiness({ use, scan, halfJudged }: PoolJudgement, { nowMs, policy }: At): Readiness | null {
  const { binMs, hot } = use
  const length = Math.round((policy.peakHours * HOUR_MS) / binMs)
  const needed = binsNeeded(policy.minCoverage, length)
  const lastBin = hot.findLastIndex((value) => !Number.isNaN(value))
  const lastMs = lastBin < 0 ? null : nowMs - (hot.length - 1 - lastBin) * binMs
  const silent = isSilent(lastMs, nowMs, binMs)
  if (scan.verdict !== 'insufficient-data' && !silent && !halfJudged) return null
  const base = { stamp: scan.stamp, pool: scan.pool, signal: 'node CPU' as const, sinceMs: lastMs }
  if (scan.verdict !== 'insufficient-data' && !silent) {
    const readyMs = nowMs + EARLIER_MS
    return {
      ...base,
      sinceMs: null,
      readyMs,
      words: `${scan.stamp} ${scan.pool} can be judged now but could not six hours before: two evaluations agree or differ at the latest ${hours(EARLIER_MS)} from now`,
    }
  }
  const waitMs = waitBins(hot, { length, needed }) * binMs
  const since = lastMs === null ? 'in the last 24 h' : `since ${new Date(lastMs).toISOString()}`
  const there = `${scan.coverage.presentBins} of ${scan.coverage.expectedBins} bins of its peak window`
  return {
    ...base,
    readyMs: nowMs + waitMs,
    words: silent
      ? `${scan.stamp} ${scan.pool} has sent no CPU ${since}; ${waitMs === 0 ? 'there is enough to judge it by yet' : `there is enough ${hours(waitMs)} after it speaks again`}`
      : `${scan.stamp} ${scan.pool} has ${there}, ${needed} are needed; there is enough in ${hours(waitMs)}`,
  }
}

function loadReadiness(pool: PoolUse, { grid, tenants }: RegionUse, { nowMs, policy }: At): Readiness | null {
  const {
    stamp,
    pool: { role },
  } = pool
  if (!tenants.some(({ homeStamp }) => homeStamp === stamp.id)) return null
  const base = { stamp: stamp.id, pool: role, signal: 'replica load' as const }
  const lastBin = pool.baseline.findLastIndex((value) => !Number.isNaN(value))
  const lastMs = lastBin < 0 ? null : grid.startMs + (lastBin + 1) * grid.binMs
  const known = pool.baseline.filter((value) => !Number.isNaN(value)).length
  const needed = binsNeeded(policy.minCoverage, grid.bins)
  const cpuIsThere = pool.load.some((value) => !Number.isNaN(value))
  // Without CPU nothing can be laid beside it, and that is said already.
  if (!cpuIsThere || (pool.problem === null && known >= needed && !isSilent(lastMs, nowMs, grid.binMs)))
    return null
  const length = Math.round((policy.peakHours * HOUR_MS) / grid.binMs)
  const waitMs =
    waitBins(pool.baseline, { length, needed: binsNeeded(policy.minCoverage, length) }) * grid.binMs
  const since = lastMs === null ? '' : ` since ${new Date(lastMs).toISOString()}`
  const what = pool.problem ?? `${known} of ${grid.bins} bins have both CPU and load`
  return {
    ...base,
    sinceMs: lastMs,
    readyMs: pool.problem !== null && waitMs === 0 ? null : nowMs + waitMs,
    words: `who loads ${stamp.id} ${role} is not known well enough${since}: ${what}${waitMs > 0 ? `; there is enough ${hours(waitMs)} after all of it comes` : ''}`,
  }
}

function isSilent(lastMs: number | null, nowMs: number, binMs: number): boolean {
  return lastMs === null || nowMs - lastMs > Math.max(LATE_BINS * binMs, LATE_MS)
}

/** How many bins must come, all of them present, until a window of `length` that ends with them has enough. */
export function waitBins(
  series: Float64Array,
  { length, needed }: { readonly length: number; readonly needed: number },
): number {
  const covered = windowCovered(series, length, needed)
  if (covered) return 0
  for (let wait = 1; wait < length; wait += 1) {
    let present = wait
    for (let at = series.length - (length - wait); at < series.length; at += 1)
      if (!Number.isNaN(series[at] ?? Number.NaN)) present += 1
    if (present >= needed) return wait
  }
  return length
}

function windowCovered(series: Float64Array, length: number, needed: number): boolean {
  let present = 0
  for (let at = 0; at < series.length; at += 1) {
    if (!Number.isNaN(series[at] ?? Number.NaN)) present += 1
    if (at >= length && !Number.isNaN(series[at - length] ?? Number.NaN)) present -= 1
    if (at >= length - 1 && present >= needed) return true
  }
  return false
}

function hours(ms: number): string {
  const whole = Math.min(HOURS_SHOWN_MAX, ms / HOUR_MS)
  return ms < HOUR_MS ? `${Math.ceil(ms / MINUTE_MS)} min` : `${Number(whole.toFixed(1))} h`
}
