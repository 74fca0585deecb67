import { useId, useState } from 'preact/hooks'
import type { StampView, WhatIfView } from '../messages/stamp-api.ts'
import type { Answer } from './client.ts'
import { change, percent } from './format.ts'
import { Refusal } from './notice.tsx'
import { useSession } from './session-context.ts'
import { Meter, Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'
import { verdictWord } from './words.ts'

interface Props {
  readonly region: string
  readonly replicas: StampView['replicas']
  readonly others: StampView['others']
}

/** Supposes that a registry of this stamp lived on another one. Nothing is started by it. */
export function WhatIf({ region, replicas, others }: Props) {
  const { client } = useSession()
  const names = useId()
  const [registry, setRegistry] = useState<string>(replicas[0]?.registry ?? '')
  const [to, setTo] = useState<string>(others[0] ?? '')
  const [found, setFound] = useState<Answer<WhatIfView> | 'busy' | null>(null)
  if (replicas.length === 0 || others.length === 0) return null
  const suppose = async (event: Event) => {
    event.preventDefault()
    setFound('busy')
    setFound(await client.post('/what-if', { region, suppose: [{ kind: 'move', registry, to }] }))
  }
  return (
    <section class="panel" aria-labelledby="what-if">
      <h2 id="what-if">What if</h2>
      <form class="suppose" onSubmit={suppose}>
        <input
          list={names}
          aria-label="Registry"
          required
          value={registry}
          onInput={(event) => setRegistry(event.currentTarget.value)}
        />
        <datalist id={names}>
          {replicas.map((replica) => (
            <option key={replica.registry} value={replica.registry}>
              {replica.customer}
              {replica.points === null ? '' : `, ${percent(replica.points)} points`}
            </option>
          ))}
        </datalist>{' '}
        lived on{' '}
        <label>
          <select value={to} onChange={(event) => setTo(event.currentTarget.value)} aria-label="Stamp">
            {others.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" disabled={found === 'busy'}>
          {found === 'busy' ? 'Working it out…' : 'Show'}
        </button>
        <span class="muted">It starts nothing.</span>
      </form>
      <div aria-live="polite">
        {typeof found === 'object' && found?.kind === 'ok' && <Outcome view={found.body} />}
        {typeof found === 'object' && found?.kind === 'refused' && <Refusal problem={found.problem} />}
        {typeof found === 'object' && found?.kind === 'lost' && <p>No answer: {found.words}</p>}
      </div>
    </section>
  )
}

function Outcome({ view }: { view: WhatIfView }) {
  const { pools, problems, plan } = view
  return (
    <>
      {problems.map((words) => (
        <p key={words}>
          <Tagged tone="warm">{words}</Tagged>
        </p>
      ))}
      <WideTable label="Hot-node P95 as it is and as it would be">
        <table>
          <thead>
            <tr>
              <th scope="col">Pool</th>
              <th scope="col" class="number">
                Hot-node P95
              </th>
              <th scope="col" class="number">
                Would be
              </th>
              <th scope="col" class="number">
                Change
              </th>
              <th scope="col">0 to 100 %</th>
            </tr>
          </thead>
          <tbody>
            {pools.map(({ stamp, pool, now, wouldBe, hot }) => (
              <tr key={`${stamp}/${pool}`}>
                <th scope="row">
                  {stamp} / {pool}
                </th>
                <td class="number">{percent(now)}</td>
                <td class="number">
                  {hot ? <Tagged tone="hot">{percent(wouldBe)}</Tagged> : percent(wouldBe)}
                </td>
                <td class="number nowrap">
                  {change(now === null || wouldBe === null ? null : wouldBe - now, 'points')}
                </td>
                <td class="would-bar">
                  <Meter of={(now ?? 0) / 100} />
                  <Meter of={(wouldBe ?? 0) / 100} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </WideTable>
      <p>
        Then planned: {verdictWord(plan.verdict)}. {plan.reason}
      </p>
    </>
  )
}
