import { useState } from 'preact/hooks'
import type { SignalsView } from '../messages/api.ts'
import { instant, percent, timeOfDay } from './format.ts'
import { ConnectionNotice, Loading, Refusal } from './notice.tsx'
import { usePolled } from './polled.ts'
import { PoolPlot } from './pool-plot.tsx'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'

const SIGNALS_EVERY_MS = 10_000
const HOURS = [24, 72, 168] as const
const HOUR_MS = 3_600_000

/** One pool's hottest node per bin, as a plot and as words. */
export function PoolPanel({ stamp, pool }: { stamp: string; pool: string }) {
  const { client } = useSession()
  const [hours, setHours] = useState<number>(HOURS[0])
  const query = new URLSearchParams({ stamp, pool, hours: String(hours) })
  const signals = usePolled<SignalsView>(
    `signals ${query}`,
    () => client.get(`/signals?${query}`),
    SIGNALS_EVERY_MS,
  )
  return (
    <section class="panel pool-panel" aria-labelledby="pool-title">
      <div class="panel-head">
        <h2 id="pool-title">
          {stamp} <span class="muted">/</span> {pool}
        </h2>
        <fieldset class="choices">
          <legend class="visually-hidden">How far back</legend>
          {HOURS.map((choice) => (
            <label key={choice}>
              <input type="radio" name="hours" checked={hours === choice} onChange={() => setHours(choice)} />
              <span>{choice === 24 ? '24 h' : `${choice / 24} d`}</span>
            </label>
          ))}
        </fieldset>
      </div>
      {signals.data ? (
        <>
          <ConnectionNotice polled={signals} />
          {signals.refused && <Refusal problem={signals.refused} />}
          <Signals view={signals.data} />
        </>
      ) : (
        <Loading what="its minutes" polled={signals} />
      )}
    </section>
  )
}

function Signals({ view }: { view: SignalsView }) {
  return (
    <>
      {view.status !== 'ok' && (
        <p>
          <Tagged tone="unknown">
            {view.status === 'no-data'
              ? 'No data: nothing is known of this pool, which is not the same as cool.'
              : 'Not enough data for a verdict: too many minutes are missing.'}
          </Tagged>
        </p>
      )}
      <PlotKey view={view} />
      <PoolPlot view={view} label={plotWords(view)} />
      <details>
        <summary>As text</summary>
        <p>{plotWords(view)}</p>
        <HoursTable view={view} />
      </details>
    </>
  )
}

function PlotKey({ view }: { view: SignalsView }) {
  return (
    <ul class="plot-key">
      <li>
        <svg width="22" height="10" aria-hidden="true">
          <line class="line-hot" x1="0" x2="22" y1="5" y2="5" />
        </svg>
        hottest node
      </li>
      <li>
        <svg width="22" height="10" aria-hidden="true">
          <line class="line-average" x1="0" x2="22" y1="5" y2="5" />
        </svg>
        average
      </li>
      <li>
        <svg width="22" height="10" aria-hidden="true">
          <line class="line-p95" x1="0" x2="22" y1="5" y2="5" />
        </svg>
        P95 {percent(view.figures.hotNodeP95)}
      </li>
      <li>
        <svg width="22" height="10" aria-hidden="true">
          <line class="line-limit" x1="0" x2="22" y1="5" y2="5" />
        </svg>
        hot at {view.hotPercent}
      </li>
      <li>
        <svg width="22" height="10" aria-hidden="true">
          <rect class="area-peak" width="22" height="10" />
        </svg>
        peak window
      </li>
    </ul>
  )
}

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

function HoursTable({ view }: { view: SignalsView }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" class="number">
              Hottest
            </th>
            <th scope="col">Node</th>
            <th scope="col" class="number">
              Average
            </th>
            <th scope="col" class="number">
              Missing
            </th>
          </tr>
        </thead>
        <tbody>
          {hoursOf(view).map((hour) => (
            <tr key={hour.startMs}>
              <th scope="row">{instant(hour.startMs)}</th>
              <td class="number">{percent(hour.hottest)}</td>
              <td>{hour.node ?? '–'}</td>
              <td class="number">{percent(hour.average)}</td>
              <td class="number">{hour.missing}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
