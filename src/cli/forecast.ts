import { Command } from 'commander'
import { z } from 'zod'
import { readCpu } from '../adapters/files/read-cpu.ts'
import { dayPeaks, forecastPeaks, type PeakOutlook } from '../domain/forecast.ts'
import { binMsOf, hotSeries } from '../domain/hot-node.ts'
import { DEFAULT_POLICY } from '../domain/policy.ts'
import type { PoolCpu } from '../domain/series.ts'
import { learnSkew, type SkewRelation } from '../domain/skew.ts'
import { CliError } from './cli-error.ts'
import { moment, percent } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { placeOf } from './signals-table.ts'
import { table } from './table.ts'

const AHEAD_DAYS_MAX = 28
const WEEK_MS = 7 * 86_400_000
const Days = z
  .string()
  .regex(/^\d+$/, 'expected whole days')
  .transform(Number)
  .pipe(z.int().min(1).max(AHEAD_DAYS_MAX))

interface PoolForecast {
  readonly pool: PoolCpu
  readonly outlook: PeakOutlook | null
  /** What the hottest node shows by load and node count, learned on the last week. */
  readonly skew: SkewRelation | null
}

/** `restamp forecast`: the coming days' peak windows of each pool in a file, from its past days. */
export function createForecastCommand(io: CliIo): Command {
  return new Command('forecast')
    .summary("the coming days' peak windows from past weeks of CPU")
    .description(
      "Forecasts the hot-node P95 of the coming days' peak windows from past days: rhythm of day and week, growth, and a band\nas wide as the pool has strayed from its own past forecasts. Takes a week of data; a month is better.",
    )
    .argument('<cpu>', 'CSV, plain or gzip: timestamp,region,stamp,pool,node,cpu_percent')
    .option('--days <number>', `days ahead, up to ${AHEAD_DAYS_MAX}`, '14')
    .option('--fail-on <verdict>', 'hot: exit code 1 when a day is forecast hot, or nobody can tell')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp forecast cpu.csv.gz\n  restamp forecast cpu.csv.gz --days 7 --json',
    )
    .action(async (path: string, given: { days: string; failOn?: string; json?: boolean }) => {
      const days = Days.safeParse(given.days)
      if (!days.success) throw new CliError(`--days: ${days.error.issues[0]?.message}`, EXIT.usage)
      if (given.failOn !== undefined && given.failOn !== 'hot')
        throw new CliError(`--fail-on takes hot, not "${given.failOn}"`, EXIT.usage)
      const { pools, lastMs } = await readCpu(path)
      const forecasts = pools.map((pool) => forecastOf(pool, lastMs ?? 0, days.data))
      if (given.json) printJson(io, forecasts.map(asJson))
      else io.out(forecasts.map(show).join('\n'))
      if (given.failOn === 'hot' && !forecasts.every(isFine)) io.exit(EXIT.no)
    })
}

function forecastOf(pool: PoolCpu, lastMs: number, ahead: number): PoolForecast {
  const { samples } = pool
  const binMs = binMsOf(samples)
  const fromMs = samples.timesMs.reduce((least, atMs) => Math.min(least, atMs), lastMs)
  const { peakHours: hours, minCoverage } = DEFAULT_POLICY
  const past = dayPeaks(samples, { binMs, fromMs, toMs: lastMs + binMs, hours, minCoverage })
  const weekMs = Math.max(Math.floor(fromMs / binMs) * binMs, Math.floor(lastMs / binMs) * binMs - WEEK_MS)
  const bins = hotSeries(samples, { startMs: weekMs, endMs: (Math.floor(lastMs / binMs) + 1) * binMs, binMs })
  return { pool, outlook: forecastPeaks(past, ahead), skew: learnSkew({ ...bins, nodes: bins.nodesPresent }) }
}

/** The first day that is forecast hot. */
function firstHot(outlook: PeakOutlook): PeakOutlook['days'][number] | undefined {
  return outlook.days.find(({ hotNodeP95 }) => hotNodeP95 >= DEFAULT_POLICY.hotPercent)
}

function isFine({ outlook }: PoolForecast): boolean {
  return outlook !== null && firstHot(outlook) === undefined
}

function show({ pool, outlook, skew }: PoolForecast): string {
  if (outlook === null) return `${placeOf(pool)}: fewer than 7 days can be judged; nothing can be forecast\n`
  const rows = outlook.days.map(({ windowStartMs, hotNodeP95, low, high }) => [
    moment(windowStartMs),
    percent(hotNodeP95),
    `${low.toFixed(1)} to ${high.toFixed(1)}`,
  ])
  const past =
    outlook.error === null ? 'not tried yet' : `off by ${outlook.error.toFixed(1)} points in the median`
  const hot = firstHot(outlook)
  const words = [
    `past forecasts: ${past}`,
    outlook.growth === 0 ? 'no growth' : `growth ${outlook.growth.toFixed(1)} points a week`,
    hot ? `hot from ${moment(hot.windowStartMs)}` : `no day reaches ${DEFAULT_POLICY.hotPercent} %`,
    skew
      ? `its hottest node is told from load and node count to ${skew.error.toFixed(1)} points`
      : 'its skew is not known',
  ]
  return `${placeOf(pool)}\n${table(['peak window from', '>hot-node P95', '>band'], rows)}  ${words.join('; ')}\n`
}

function asJson({ pool, outlook, skew }: PoolForecast) {
  const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
  return {
    region: pool.region,
    stamp: pool.stamp,
    pool: pool.role,
    error: outlook?.error ?? null,
    growthPerWeek: outlook?.growth ?? null,
    skew: skew && { points: skew.points, share: skew.share, error: skew.error },
    days: (outlook?.days ?? []).map(({ dayMs, windowStartMs, hotNodeP95, low, high }) => ({
      day: iso(dayMs).slice(0, 10),
      windowStart: iso(windowStartMs),
      hotNodeP95,
      low,
      high,
    })),
  }
}
