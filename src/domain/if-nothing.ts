import { dayPeaks, forecastPeaks } from './forecast.ts'
import type { PoolOutlook } from './plan.ts'
import { type PoolJudgement, percent } from './pool-judgement.ts'
import { cpuOf, regionOf } from './region-data.ts'
import type { Situation } from './situation.ts'

const DAY_MS = 86_400_000
/** So many days of the past are looked at, and so many ahead. */
const PAST_DAYS = 28
const AHEAD_DAYS = 28

/** What a pool shows if nothing is done, and how long until the hot threshold: from past days where a week of them is there. */
export function ifNothing(judgement: PoolJudgement, situation: Situation): PoolOutlook['ifNothingIsDone'] {
  const { scan } = judgement
  const figure = scan.figures.hotNodeP95
  const dominated = scan.dominatedBy ? `, and ${scan.dominatedBy.customer} goes on dominating it` : ''
  return {
    hotNodeP95: figure,
    words: `a day like the last one shows ${percent(figure)} again${dominated}; ${untilHot(judgement, situation)}`,
  }
}

function untilHot({ use, scan }: PoolJudgement, { data, policy }: Situation): string {
  const { hotPercent, peakHours: hours, minCoverage } = policy
  if ((scan.figures.hotNodeP95 ?? 0) >= hotPercent) return `it is at or over the ${hotPercent} % of hot now`
  const samples = cpuOf(data, regionOf(data), use.stamp, use.pool)?.samples
  const window = { fromMs: data.nowMs - PAST_DAYS * DAY_MS, toMs: data.nowMs }
  const past = samples ? dayPeaks(samples, { binMs: use.binMs, hours, minCoverage, ...window }) : []
  const outlook = forecastPeaks(past, AHEAD_DAYS)
  if (outlook === null) return 'no growth is forecast from less than a week of days'
  const hot = outlook.days.find((day) => day.hotNodeP95 >= hotPercent)
  if (!hot) return `it is not forecast to reach ${hotPercent} % within ${AHEAD_DAYS} days`
  const days = Math.max(0, Math.ceil((hot.windowStartMs - data.nowMs) / DAY_MS))
  return `it is forecast to reach ${hotPercent} % in ${days} days`
}
