import type { RehearsalReport } from '../domain/rehearsal.ts'
import { percent, span } from './format.ts'
import { Tagged } from './shape.tsx'
import type { Tone } from './words.ts'

const STATES: Readonly<Record<RehearsalReport['status'], { tone: Tone; word: string }>> = {
  running: { tone: 'works', word: 'being rehearsed' },
  passed: { tone: 'done', word: 'passed' },
  failed: { tone: 'hot', word: 'failed' },
}

/** What came of running the plan against a twin of the region. */
export function Rehearsal({ report }: { report: RehearsalReport | null }) {
  return (
    <section class="panel flush" aria-labelledby="rehearsal">
      <div class="panel-head">
        <h2 id="rehearsal">Rehearsal</h2>
        {report && <Tagged tone={STATES[report.status].tone}>{STATES[report.status].word}</Tagged>}
      </div>
      {report === null ? (
        <p class="padded">Not rehearsed yet.</p>
      ) : (
        <>
          <p class="padded">
            {report.words}{' '}
            <span class="muted">
              {report.movesDone} of {report.movesPlanned} moved in {span(report.virtualMs)} of the twin’s
              time.
            </span>
          </p>
          {report.pools.length > 0 && <RehearsalTable report={report} />}
        </>
      )}
    </section>
  )
}

function RehearsalTable({ report }: { report: RehearsalReport }) {
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Pool</th>
            <th scope="col" class="number">
              P95 before
            </th>
            <th scope="col" class="number">
              in the twin after
            </th>
            <th scope="col" class="number">
              Max
            </th>
          </tr>
        </thead>
        <tbody>
          {report.pools.map((pool) => (
            <tr key={`${pool.stamp} ${pool.pool}`}>
              <th scope="row">
                {pool.stamp} <span class="muted">{pool.pool}</span>
              </th>
              <td class="number">{percent(pool.before.hotNodeP95)}</td>
              <td class="number">
                <strong>{percent(pool.after.hotNodeP95)}</strong>
              </td>
              <td class="number">
                {percent(pool.before.max)} → {percent(pool.after.max)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
