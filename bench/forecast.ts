import { type DayPeak, dayPeaks, forecastPeaks } from '../src/domain/forecast.ts'
import { hotSeries, percentile } from '../src/domain/hot-node.ts'
import { hottestOf, learnSkew } from '../src/domain/skew.ts'
import { errorWords, type MeasuredPool, measuredPools } from './measured-pools.ts'

const HOURS = 12
const MIN_COVERAGE = 0.9
const AHEAD = 7
const DAYS_BEFORE = 7
const DAY_MS = 86_400_000

const peak = { ours: [] as number[], lastWeek: [] as number[], averages: [] as number[], inBand: 0, all: 0 }
const skew = { ours: [] as number[], ratio: [] as number[], averages: [] as number[] }

/** From each day on, forecasts of the seven days behind it, beside the same day of the week before and the mean of averages. */
function backtestPeaks(pool: MeasuredPool): void {
  const days = dayPeaks(pool.samples, { ...pool, hours: HOURS, minCoverage: MIN_COVERAGE })
  const averages = days.map((day) => averageOf(pool, day))
  for (let known = DAYS_BEFORE; known < days.length; known += 1) {
    const outlook = forecastPeaks(days.slice(0, known), AHEAD)
    for (const [at, forecast] of (outlook?.days ?? []).entries()) {
      const truth = days[known + at]?.hotNodeP95
      const lastWeek = days[known + at - DAYS_BEFORE]?.hotNodeP95
      if (truth === undefined || truth === null || lastWeek === undefined || lastWeek === null) continue
      peak.ours.push(forecast.hotNodeP95 - truth)
      peak.lastWeek.push(lastWeek - truth)
      peak.averages.push(meanOf(averages.slice(known - DAYS_BEFORE, known)) - truth)
      peak.all += 1
      if (truth >= forecast.low && truth <= forecast.high) peak.inBand += 1
    }
  }
}

function averageOf({ samples, binMs }: MeasuredPool, { windowStartMs }: DayPeak): number {
  if (windowStartMs === null) return Number.NaN
  const { average } = hotSeries(samples, {
    startMs: windowStartMs,
    endMs: windowStartMs + HOURS * 3_600_000,
    binMs,
  })
  return meanOf([...average])
}

function meanOf(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length)
}

/** Learned on a week: what the hottest node of the next day shows, told from that day's load and node count alone. */
function backtestSkew({ samples, binMs, fromMs, toMs }: MeasuredPool): void {
  const first = Math.ceil(fromMs / DAY_MS) * DAY_MS
  for (let dayMs = first + DAYS_BEFORE * DAY_MS; dayMs + DAY_MS <= toMs; dayMs += DAY_MS) {
    const past = hotSeries(samples, { startMs: dayMs - DAYS_BEFORE * DAY_MS, endMs: dayMs, binMs })
    const day = hotSeries(samples, { startMs: dayMs, endMs: dayMs + DAY_MS, binMs })
    const relation = learnSkew({ ...past, nodes: past.nodesPresent })
    const truth = percentile(day.hot, 95)
    if (relation === null || truth === null) continue
    const hottest = day.average.map((mean, bin) =>
      Number.isNaN(mean) ? Number.NaN : hottestOf(relation, { mean, nodes: day.nodesPresent[bin] ?? 0 }),
    )
    const ratio = meanOf([...past.hot]) / meanOf([...past.average])
    skew.ours.push((percentile(hottest, 95) ?? 0) - truth)
    skew.ratio.push((percentile(day.average, 95) ?? 0) * ratio - truth)
    skew.averages.push((percentile(day.average, 95) ?? 0) - truth)
  }
}

const pools = await measuredPools()
for (const pool of pools) {
  backtestPeaks(pool)
  backtestSkew(pool)
}
console.log(
  `Hot-node P95 of the peak windows one to seven days ahead, ${pools.length} pools of measured machines`,
)
console.log(
  `  forecast            ${errorWords(peak.ours)}, in its band ${((peak.inBand / peak.all) * 100).toFixed(0)} %`,
)
console.log(`  same as last week   ${errorWords(peak.lastWeek)}`)
console.log(`  sum of averages     ${errorWords(peak.averages)}`)
console.log("A day's P95 of the hottest node from its load and node count, learned on the week before")
console.log(`  learned relation    ${errorWords(skew.ours)}`)
console.log(`  constant ratio      ${errorWords(skew.ratio)}`)
console.log(`  sum of averages     ${errorWords(skew.averages)}`)
