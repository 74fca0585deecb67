import { useEffect, useState } from 'preact/hooks'
import type { Backtest, BacktestDay, Shadow } from '../messages/replay-document.ts'
import { count, instant, percent } from './format.ts'
import { dayByDay, type Replay, replayOf } from './replays.ts'
import { Meter, Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'
import { verdictWord } from './words.ts'

/** What the command line has worked out over weeks of telemetry, side by side. Files are read here and sent nowhere. */
export function ReplaysView() {
  const [replays, setReplays] = useState<readonly Replay[]>([])
  useEffect(() => {
    document.title = 'Replays · Restamp'
  }, [])
  const read = async (files: FileList | null) =>
    setReplays(
      await Promise.all([...(files ?? [])].map(async (file) => replayOf(file.name, await file.text()))),
    )
  return (
    <>
      <h1>Backtest and shadow</h1>
      <section class="panel" aria-label="Files">
        <p>
          Over weeks of your own telemetry, on your own machine: <code>restamp backtest --json</code> tells
          what policies would have done, <code>restamp shadow --json</code> what would have been proposed, and
          predicted for moves that people made by hand.
        </p>
        <label class="field">
          What they have printed, one file or both
          <input
            type="file"
            multiple
            accept="application/json,.json"
            onChange={(event) => void read(event.currentTarget.files)}
          />
        </label>
      </section>
      <div class="fleet-now">
        {replays.map((replay, at) => (
          <ReplayPanel key={String(at)} replay={replay} />
        ))}
      </div>
    </>
  )
}

function ReplayPanel({ replay }: { replay: Replay }) {
  switch (replay.kind) {
    case 'refused':
      return <p role="alert">{replay.words}</p>
    case 'backtest':
      return <BacktestPanel policies={replay.policies} />
    case 'shadow':
      return <ShadowPanel shadow={replay.shadow} />
    default:
      return replay satisfies never
  }
}

function BacktestPanel({ policies }: { policies: readonly Backtest[] }) {
  const most = Math.max(1, ...policies.map(({ minutesOver }) => minutesOver))
  return (
    <section class="panel" aria-labelledby="backtest">
      <h2 id="backtest">Backtest</h2>
      <WideTable label="What each policy would have done">
        <table>
          <thead>
            <tr>
              <th scope="col">Policy</th>
              <th scope="col" class="number">
                Pages
              </th>
              <th scope="col" class="number">
                Not fired
              </th>
              <th scope="col" class="number">
                Moves
              </th>
              <th scope="col">Minutes over</th>
              <th scope="col" class="number">
                Node-hours added
              </th>
            </tr>
          </thead>
          <tbody>
            {policies.map((each) => (
              <tr key={each.policy}>
                <th scope="row">{each.policy}</th>
                <td class="number">{each.pages}</td>
                <td class="number">{each.pagesAvoided}</td>
                <td class="number">{each.moves}</td>
                <td>
                  {each.minutesOver.toFixed(0)} <Meter of={each.minutesOver / most} />
                </td>
                <td class="number">{each.nodeHours.toFixed(0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      <DayTable policies={policies} />
    </section>
  )
}

function DayTable({ policies }: { policies: readonly Backtest[] }) {
  return (
    <WideTable label="Day by day">
      <table>
        <thead>
          <tr>
            <th scope="col">By</th>
            {policies.map(({ policy }) => (
              <th key={policy} scope="col">
                {policy}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {dayByDay(policies).map(({ end, days }) => (
            <tr key={end}>
              <th scope="row">{instant(Date.parse(end))}</th>
              {days.map((day, at) => (
                <td key={policies[at]?.policy}>{day ? <Day day={day} /> : '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  )
}

function Day({ day: { hot, verdict, moves } }: { day: BacktestDay }) {
  return (
    <>
      {hot.length > 0 ? <Tagged tone="hot">{hot.join(', ')} hot</Tagged> : <Tagged tone="cool">cool</Tagged>}{' '}
      <span class="muted">
        {verdictWord(verdict)}
        {moves > 0 && `, ${count(moves, 'move', 'moves')}`}
      </span>
    </>
  )
}

function ShadowPanel({ shadow }: { shadow: Shadow }) {
  return (
    <section class="panel" aria-labelledby="shadow">
      <h2 id="shadow">Shadow</h2>
      <WideTable label="What would have been proposed">
        <table>
          <thead>
            <tr>
              <th scope="col">By</th>
              <th scope="col">Would have proposed</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {shadow.proposals.map(({ at, hot, verdict, moves, reason }) => (
              <tr key={at}>
                <th scope="row">{instant(Date.parse(at))}</th>
                <td>
                  <Day day={{ end: at, hot, verdict, moves: moves.length }} />
                </td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      {shadow.moves.length > 0 && <ByHand moves={shadow.moves} />}
    </section>
  )
}

/** Moves that people made: what would have been predicted beside what came. */
function ByHand({ moves }: { moves: Shadow['moves'] }) {
  return (
    <WideTable label="Moves made by hand">
      <table>
        <thead>
          <tr>
            <th scope="col">Moved by hand</th>
            <th scope="col">Pool</th>
            <th scope="col" class="number">
              Predicted
            </th>
            <th scope="col" class="number">
              Came
            </th>
            <th scope="col">In band</th>
          </tr>
        </thead>
        <tbody>
          {moves.flatMap(({ at, moves: group, pools, problem }) =>
            problem === null
              ? pools.map(({ stamp, pool, predicted, actual, inBand }) => (
                  <tr key={`${at} ${stamp} ${pool}`}>
                    <th scope="row">{instant(Date.parse(at))}</th>
                    <td>
                      {stamp} {pool}
                    </td>
                    <td class="number">
                      {percent(predicted.hotNodeP95)}{' '}
                      <span class="muted small band">
                        {percent(predicted.low)} to {percent(predicted.high)}
                      </span>
                    </td>
                    <td class="number">{percent(actual)}</td>
                    <td>
                      <InBand inBand={inBand} />
                    </td>
                  </tr>
                ))
              : [
                  <tr key={at}>
                    <th scope="row">{instant(Date.parse(at))}</th>
                    <td colSpan={4}>
                      {count(group.length, 'move', 'moves')}: {problem}
                    </td>
                  </tr>,
                ],
          )}
        </tbody>
      </table>
    </WideTable>
  )
}

function InBand({ inBand }: { inBand: boolean | null }) {
  if (inBand === null) return <Tagged tone="unknown">no data</Tagged>
  return inBand ? <Tagged tone="done">in band</Tagged> : <Tagged tone="hot">missed</Tagged>
}
