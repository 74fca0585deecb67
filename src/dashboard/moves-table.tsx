import { useState } from 'preact/hooks'
import type { Move, Plan } from '../domain/plan.ts'
import { share } from './format.ts'
import { Meter, Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'

const ROWS_AT_FIRST = 12
/** A plan may have thousands of moves; drawing them all at once would hold the page up. */
const ROWS_MORE = 200

interface Props {
  readonly moves: readonly Move[]
  readonly blocked: Plan['blocked']
  /** What else the plan does, each in a sentence. */
  readonly work: readonly string[]
}

/** Each move with from, to, share and why; the heaviest first, since they matter most. */
export function MovesTable({ moves, blocked, work }: Props) {
  const [rows, setRows] = useState(ROWS_AT_FIRST)
  const heaviestFirst = moves.toSorted((a, b) => b.share - a.share)
  const shown = heaviestFirst.slice(0, rows)
  const more = Math.min(ROWS_MORE, moves.length - shown.length)
  return (
    <section class="panel flush" aria-labelledby="moves">
      <div class="panel-head">
        <h2 id="moves">
          Moves <span class="count">{moves.length}</span>
        </h2>
        <p class="muted">Heaviest first; they run lightest first.</p>
      </div>
      {blocked.length > 0 && (
        <ul class="blocked">
          {blocked.map((block) => (
            <li key={`${block.stamp} ${block.rule}`}>
              <Tagged tone="held">
                {block.stamp} is blocked by {block.rule}: {block.detail}
              </Tagged>
            </li>
          ))}
        </ul>
      )}
      {work.length > 0 && (
        <ul class="blocked">
          {work.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      {moves.length === 0 ? (
        <p class="padded">This plan moves no registry.</p>
      ) : (
        <WideTable label="Moves of the plan">
          <table class="moves">
            <thead>
              <tr>
                <th scope="col">Registry</th>
                <th scope="col">From → to</th>
                <th scope="col">Gate</th>
                <th scope="col">Share of source’s hot minutes</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((move) => (
                <MoveRow key={`${move.registry} ${move.from}`} move={move} />
              ))}
            </tbody>
          </table>
        </WideTable>
      )}
      {more > 0 && (
        <p class="padded">
          <button type="button" class="quiet" onClick={() => setRows(rows + ROWS_MORE)}>
            Show {more} more of {moves.length}
          </button>
        </p>
      )}
    </section>
  )
}

function MoveRow({ move }: { move: Move }) {
  return (
    <tr>
      <th scope="row">{move.registry}</th>
      <td class="nowrap">
        {move.from} → {move.to === 'new' ? 'a new stamp' : move.to}
      </td>
      <td class="nowrap">
        {move.phase}-{move.batch}
      </td>
      <td class="share-cell">
        <span class="figure">{share(move.share)}</span>
        <Meter of={move.share} />
      </td>
      <td>
        {move.why}
        {move.whyNot.length > 0 && (
          <details>
            <summary>Why not another way</summary>
            <ul class="compact">
              {move.whyNot.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </details>
        )}
      </td>
    </tr>
  )
}
