import { FAULT_WORDS } from '../domain/fault-words.ts'
import type { RehearsalReport, RehearsedFault } from '../domain/rehearsal.ts'
import { percent, span } from './format.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'
import type { Tone } from './words.ts'

const STATES: Readonly<Record<RehearsalReport['status'], { tone: Tone; word: string }>> = {
  running: { tone: 'works', word: 'being rehearsed' },
  passed: { tone: 'done', word: 'passed' },
  failed: { tone: 'hot', word: 'failed' },
}

const OUTCOMES: Readonly<Record<RehearsedFault['outcome'], { tone: Tone; word: string }>> = {
  safe: { tone: 'done', word: 'safe' },
  unnoticed: { tone: 'warm', word: 'unnoticed' },
  unsafe: { tone: 'hot', word: 'unsafe' },
  unknown: { tone: 'unknown', word: 'not rehearsed' },
}

/** What became of the plan's heaviest batch under each standard fault. */
export function RehearsedFaults({ faults }: { faults: readonly RehearsedFault[] }) {
  return (
    <ul class="outcomes" aria-label="Rehearsed faults">
      {faults.map(({ fault, outcome, words }) => (
        <li key={fault}>
          <Tagged tone={OUTCOMES[outcome].tone}>{OUTCOMES[outcome].word}</Tagged> when {FAULT_WORDS[fault]}:{' '}
          {words}
        </li>
      ))}
    </ul>
  )
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
          {report.faults && (
            <div class="padded">
              <RehearsedFaults faults={report.faults} />
            </div>
          )}
          {report.pools.length > 0 && <RehearsalTable report={report} />}
        </>
      )}
    </section>
  )
}

function RehearsalTable({ report }: { report: RehearsalReport }) {
  return (
    <WideTable label="Pools in the rehearsal">
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
    </WideTable>
  )
}
