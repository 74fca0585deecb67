import type { SignalsView } from '../messages/api.ts'
import { percent, timeOfDay } from './format.ts'

const HOUR_MS = 3_600_000

/** The plot in words. */
export function plotWords(view: SignalsView): string {
  const { hotNodeP95, poolAverage, max } = view.figures
  const above = view.hot.filter((value) => value !== null && value > view.hotPercent).length
  const missing = view.hot.filter((value) => value === null).length
  const window = view.window
    ? `Peak window ${timeOfDay(view.window.startMs)} to ${timeOfDay(view.window.endMs)} UTC. `
    : 'No peak window. '
  const bin = view.binMs === 60_000 ? 'minute' : `${Math.round(view.binMs / 60_000)}-minute bin`
  return (
    `${view.stamp} ${view.pool}: hot-node P95 ${percent(hotNodeP95)} %, average ${percent(poolAverage)} %, ` +
    `Max ${percent(max)} %, hot at ${view.hotPercent} %. ${window}` +
    `The hottest node is above the limit in ${above} of ${view.hot.length} bins of one ${bin}; ${missing} bins are missing.`
  )
}

interface HourLine {
  readonly startMs: number
  readonly hottest: number | null
  readonly node: string | null
  readonly average: number | null
  readonly missing: number
}

/** The plot's hours: the hottest bin of each, its node, the mean of the averages, what is missing. */
export function hoursOf(view: SignalsView): HourLine[] {
  const perHour = Math.max(1, Math.round(HOUR_MS / view.binMs))
  const hours = Math.ceil(view.hot.length / perHour)
  return Array.from({ length: hours }, (_, hour) => {
    const from = hour * perHour
    const hot = view.hot.slice(from, from + perHour)
    const present = hot.filter((value) => value !== null)
    const averages = view.average.slice(from, from + perHour).filter((value) => value !== null)
    const hottest = present.length > 0 ? Math.max(...present) : null
    return {
      startMs: view.startMs + from * view.binMs,
      hottest,
      node: hottest === null ? null : (view.hotNode[from + hot.indexOf(hottest)] ?? null),
      average: averages.length > 0 ? averages.reduce((sum, value) => sum + value, 0) / averages.length : null,
      missing: hot.length - present.length,
    }
  })
}
