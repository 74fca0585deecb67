import { useEffect, useRef, useState } from 'preact/hooks'
import type { PoolScan, PoolVerdict } from '../domain/scan.ts'
import type { SignalsView } from '../messages/api.ts'
import { instant, percent, share } from './format.ts'
import { ConnectionNotice, Loading, Refusal } from './notice.tsx'
import { hoursOf, plotWords } from './plot-words.ts'
import { usePolled } from './polled.ts'
import { PoolPlot } from './pool-plot.tsx'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'
import { POOL_VERDICTS } from './words.ts'

const SIGNALS_EVERY_MS = 10_000
const HOURS = [24, 72, 168] as const

interface Props {
  readonly stamp: string
  readonly pool: string
  readonly scan: PoolScan | null
}

/** One pool's hottest node per bin, as a plot and as words. */
export function PoolPanel({ stamp, pool, scan }: Props) {
  const { client } = useSession()
  const [hours, setHours] = useState<number>(HOURS[0])
  const query = new URLSearchParams({ stamp, pool, hours: String(hours) })
  const signals = usePolled<SignalsView>(
    `signals ${query}`,
    () => client.get(`/signals?${query}`),
    SIGNALS_EVERY_MS,
  )
  const panel = useRef<HTMLElement>(null)
  const shown = useRef(`${stamp}/${pool}`)
  // Whoever picks another pool sees it, also where the panel stands below the table.
  useEffect(() => {
    const other = `${stamp}/${pool}`
    if (shown.current !== other) panel.current?.scrollIntoView({ block: 'nearest' })
    shown.current = other
  }, [stamp, pool])
  return (
    <section class="panel pool-panel" aria-labelledby="pool-title" ref={panel}>
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
      {scan && <WouldDecide scan={scan} />}
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

/** What each figure alone would have decided; only the last one does. */
function WouldDecide({ scan }: { scan: PoolScan }) {
  return (
    <>
      <dl class="would">
        <Would name="Average alone" value={scan.figures.poolAverage} verdict={scan.byAverage} />
        <Would name="Max alone" value={scan.figures.max} verdict={scan.byMax} />
        <Would name="Hot-node P95 decides" value={scan.figures.hotNodeP95} verdict={scan.verdict} />
      </dl>
      {scan.dominatedBy && (
        <p class="dominates">
          <Tagged tone="warm">
            {scan.dominatedBy.customer} causes {share(scan.dominatedBy.loadShare)} of its load and{' '}
            {share(scan.dominatedBy.varianceShare)} of its variance. Dominance counts at any CPU level.
          </Tagged>
        </p>
      )}
    </>
  )
}

function Would({ name, value, verdict }: { name: string; value: number | null; verdict: PoolVerdict }) {
  const { tone, would } = POOL_VERDICTS[verdict]
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class="figure">{percent(value)}</span>
        <Tagged tone={tone}>{would}</Tagged>
      </dd>
    </div>
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

function HoursTable({ view }: { view: SignalsView }) {
  return (
    <WideTable label="Hottest node, hour by hour">
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
    </WideTable>
  )
}
