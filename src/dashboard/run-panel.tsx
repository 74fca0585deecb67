import type { Run } from '../domain/run.ts'
import type { WaitingFor } from '../domain/waiting.ts'
import type { PlanView, StatusView } from '../messages/api.ts'
import { instant, span } from './format.ts'
import { Orders } from './orders.tsx'
import { RunControls } from './run-controls.tsx'
import { useSession } from './session-context.ts'
import { Shape, Tagged } from './shape.tsx'
import { endedAt, runReason, runWords } from './words.ts'

interface Props {
  readonly view: PlanView
  readonly status: StatusView
  readonly onChanged: () => void
}

/** Where the run stands, what it waits for and whom, and what can be done about it now. */
export function RunPanel({ view, status, onChanged }: Props) {
  const { run, waiting } = status
  const { tone, words } = run
    ? runWords(run.status)
    : { tone: 'unknown' as const, words: status.movesPlanned > 0 ? 'Not started' : 'Nothing to run' }
  const reason = run && runReason(run.status)
  return (
    <section class={`panel run run-${tone}`} aria-label="Run">
      <div class="run-now">
        <p class="run-words" role="status">
          <Shape tone={tone} />
          <strong>{words}</strong>
        </p>
        {reason && <p>{reason}</p>}
        <Progress status={status} />
        <Conflicts conflicts={status.conflicts} />
        <Orders view={view} status={status} onChanged={onChanged} />
        <RunControls plan={view.plan} status={status} onChanged={onChanged} />
        {run && waiting && <RunFacts run={run} status={status} />}
      </div>
      {waiting && <WaitingFacts waiting={waiting} nowMs={status.nowMs} />}
      {run && !waiting && <RunFacts run={run} status={status} />}
    </section>
  )
}

/** Answers that came after another one and differ from it: the first stands, and nobody overlooks the second. */
function Conflicts({ conflicts }: Pick<StatusView, 'conflicts'>) {
  if (conflicts.length === 0) return null
  return (
    <ul class="compact">
      {conflicts.map(({ id, gate, by, answer, reason, standing }) => (
        <li key={id}>
          <Tagged tone="held">conflict at {gate}</Tagged> {by} said {answer} ({reason}) after {standing.by}{' '}
          had said {standing.answer}, which stands.
        </li>
      ))}
    </ul>
  )
}

function Progress({ status }: { status: StatusView }) {
  const { rate } = useSession()
  const { movesDone, movesPlanned, etaMs, nowMs, run } = status
  if (movesPlanned === 0) return null
  const leftMs = etaMs === null ? null : etaMs - nowMs
  return (
    <div class="progress">
      <progress max={movesPlanned} value={movesDone} aria-label="Registries moved" />
      <p>
        <strong class="figure">
          {movesDone} of {movesPlanned}
        </strong>{' '}
        moved
        {leftMs !== null && (
          <span class="muted">
            {' · '}
            {leftMs > 0 ? `${run === null ? 'takes' : 'done in'} about ${span(leftMs)}` : 'done any moment'},{' '}
            {instant(nowMs + Math.max(0, leftMs))} UTC
            {rate !== null && leftMs > 0 && ` (${span(leftMs / rate)} of your time)`}
          </span>
        )}
      </p>
    </div>
  )
}

function WaitingFacts({ waiting, nowMs }: { waiting: WaitingFor; nowMs: number }) {
  const leftMs = waiting.untilMs === null ? null : waiting.untilMs - nowMs
  return (
    <dl class="facts">
      <div class="fact-wide">
        <dt>Waits for</dt>
        <dd>
          {waiting.what}
          {waiting.person && (
            <>
              {' '}
              <Tagged tone="waits">only a person can end this</Tagged>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{waiting.person ? 'Who can' : 'Who ends it'}</dt>
        <dd>{waiting.who}</dd>
      </div>
      <div>
        <dt>Since</dt>
        <dd>
          {instant(waiting.sinceMs)} <span class="muted small band">{span(nowMs - waiting.sinceMs)} ago</span>
        </dd>
      </div>
      <div>
        <dt>Until</dt>
        <dd>
          {leftMs === null || waiting.untilMs === null ? (
            'no deadline'
          ) : (
            <>
              <strong class="countdown" role="timer">
                {leftMs > 0 ? span(leftMs) : 'now'}
              </strong>{' '}
              <span class="muted small band">{instant(waiting.untilMs)} UTC</span>
            </>
          )}
        </dd>
      </div>
      <div class="fact-wide">
        <dt>Then</dt>
        <dd>{waiting.atDeadline}</dd>
      </div>
      {waiting.next.length > 0 && (
        <div class="fact-wide">
          <dt>Or in a shell</dt>
          <dd>
            {waiting.next.map((command) => (
              <code key={command} class="command">
                {command}
              </code>
            ))}
          </dd>
        </div>
      )}
    </dl>
  )
}

function RunFacts({ run, status }: { run: Run; status: StatusView }) {
  const atMs = endedAt(run.status)
  const look = status.lastEvaluation
  const untilMs = !status.waiting && 'untilMs' in run.status ? run.status.untilMs : null
  return (
    <dl class="facts">
      <div>
        <dt>Started</dt>
        <dd>
          {instant(run.startedAtMs)} by {run.startedBy}
        </dd>
      </div>
      <div>
        <dt>{atMs === null ? 'Running for' : 'Ended'}</dt>
        <dd>
          {atMs === null
            ? span(status.nowMs - run.startedAtMs)
            : `${instant(atMs)}, after ${span(atMs - run.startedAtMs)}`}
        </dd>
      </div>
      {untilMs !== null && (
        <div>
          <dt>Until</dt>
          <dd>
            <strong class="countdown">{untilMs > status.nowMs ? span(untilMs - status.nowMs) : 'now'}</strong>
            <span class="muted small band">{instant(untilMs)} UTC</span>
          </dd>
        </div>
      )}
      {look && (
        <div class="fact-wide">
          <dt>Last look</dt>
          <dd>
            {look.gate}, {instant(look.atMs)}: {look.words}
          </dd>
        </div>
      )}
    </dl>
  )
}
