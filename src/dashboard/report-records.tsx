import type { Forwarding } from '../domain/forwarding.ts'
import { leftWords } from '../domain/left-words.ts'
import type { Decision, MoveRecord } from '../domain/run.ts'
import { instant, shortDigest, span } from './format.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'

/** Who answered what, when and why. */
export function DecisionsTable({ decisions }: { decisions: readonly Decision[] }) {
  const answers = answersOf(decisions)
  return (
    <section class="panel flush" aria-labelledby="decisions">
      <div class="panel-head">
        <h2 id="decisions">
          Decisions <span class="count">{answers.length}</span>
        </h2>
      </div>
      <WideTable label="Decisions, one by one">
        <table>
          <thead>
            <tr>
              <th scope="col">When, UTC</th>
              <th scope="col">Who</th>
              <th scope="col">Answer</th>
              <th scope="col">Gates</th>
              <th scope="col">Reason</th>
              <th scope="col">Digest</th>
            </tr>
          </thead>
          <tbody>
            {answers.map((decision) => (
              <tr key={decision.id}>
                <td class="nowrap">{instant(decision.atMs)}</td>
                <th scope="row">{decision.by}</th>
                <td>
                  <Tagged tone={decision.answer === 'approve' ? 'done' : 'held'}>
                    {decision.answer === 'approve' ? 'approved' : 'rejected'}
                  </Tagged>
                </td>
                <td>{decision.gates.join(', ')}</td>
                <td>{decision.reason}</td>
                <td class="id nowrap">{shortDigest(decision.digest)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  )
}

/** One line an answer, oldest first: an answer to several gates is on record once for each. */
function answersOf(decisions: readonly Decision[]): Decision[] {
  const answers = new Map<string, Decision>()
  for (const decision of decisions) {
    const { atMs, by, answer, gates } = decision
    answers.set([atMs, by, answer, ...gates].join(' '), decision)
  }
  return [...answers.values()].toSorted((a, b) => a.atMs - b.atMs)
}

/** Each move as it happened. */
export function MovesMade({ moves }: { moves: readonly MoveRecord[] }) {
  return (
    <section class="panel flush" aria-labelledby="moves-made">
      <div class="panel-head">
        <h2 id="moves-made">
          Moves <span class="count">{moves.length}</span>
        </h2>
      </div>
      <WideTable label="Moves that were made">
        <table>
          <thead>
            <tr>
              <th scope="col">Registry</th>
              <th scope="col">From → to</th>
              <th scope="col">Gate</th>
              <th scope="col">Began, UTC</th>
              <th scope="col" class="number">
                Took
              </th>
              <th scope="col">Outcome</th>
              <th scope="col">Drain</th>
            </tr>
          </thead>
          <tbody>
            {moves.map((move) => (
              <MoveMade key={`${move.key} ${move.direction}`} move={move} />
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  )
}

function MoveMade({ move }: { move: MoveRecord }) {
  const beganMs = move.steps[0]?.atMs
  const { outcome } = move
  const drain = move.steps.findLast((step) => step.step === 'drain' && step.kind === 'done')
  return (
    <tr>
      <th scope="row">{move.replica.split('@')[0]}</th>
      <td class="nowrap">
        {move.from} → {move.to}
        {move.direction === 'reverse' && (
          <>
            {' '}
            <Tagged tone="undone">back</Tagged>
          </>
        )}
      </td>
      <td class="nowrap">{move.gate}</td>
      <td class="nowrap">{beganMs === undefined ? '–' : instant(beganMs)}</td>
      <td class="number nowrap">{outcome && beganMs !== undefined ? span(outcome.atMs - beganMs) : '–'}</td>
      <td>
        {outcome === null ? (
          <Tagged tone="works">under way</Tagged>
        ) : outcome.kind === 'done' ? (
          <Tagged tone="done">moved</Tagged>
        ) : (
          <Tagged tone="hot">{outcome.reason}</Tagged>
        )}
      </td>
      <td class="muted">{drain?.detail ?? '–'}</td>
    </tr>
  )
}

/** Old homes that went on serving at the drain's deadline: whom, until when, and who owns that. */
export function ForwardingsTable({ forwardings }: { forwardings: readonly Forwarding[] }) {
  if (forwardings.length === 0) return null
  return (
    <section class="panel flush" aria-labelledby="forwardings">
      <div class="panel-head">
        <h2 id="forwardings">
          Still served by the old home <span class="count">{forwardings.length}</span>
        </h2>
      </div>
      <WideTable label="Still served by the old home">
        <table>
          <thead>
            <tr>
              <th scope="col">Registry</th>
              <th scope="col">Old home</th>
              <th scope="col">Owner</th>
              <th scope="col">Until, UTC</th>
              <th scope="col">Who is there</th>
            </tr>
          </thead>
          <tbody>
            {forwardings.map(({ key, replica, from, owner, expiresAtMs, ended, left }) => (
              <tr key={key}>
                <th scope="row">{replica.split('@')[0]}</th>
                <td class="nowrap">{from}</td>
                <td>{owner}</td>
                <td class="nowrap">
                  {instant(ended?.atMs ?? expiresAtMs)} {ended ? `(${ended.why})` : '(at the latest)'}
                </td>
                <td class="muted">{leftWords(ended?.left ?? left)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  )
}
