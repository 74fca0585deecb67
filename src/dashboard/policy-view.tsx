import { useEffect, useState } from 'preact/hooks'
import type { PolicyChanges, PolicyList } from '../messages/stamp-api.ts'
import type { Answer } from './client.ts'
import { isoSpan } from './format.ts'
import { Loading, Refusal } from './notice.tsx'
import { usePolled } from './polled.ts'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'

type RegionPolicy = PolicyList['regions'][number]

/** By what each region is judged and moved, value by value with what it means, and what another policy would change. */
export function PolicyView() {
  const { client } = useSession()
  const list = usePolled<PolicyList>('policies', () => client.get('/policies'), null)
  const [chosen, setChosen] = useState<string | null>(null)
  useEffect(() => {
    document.title = 'Policy · Restamp'
  }, [])
  if (!list.data) return <Loading what="the policies" polled={list} />
  const { regions, words } = list.data
  const shown = regions.find(({ region }) => region === chosen) ?? regions[0]
  if (!shown) return <p>The fleet has no region, and so no policy is in force.</p>
  return (
    <>
      <div class="plan-head">
        <h1>Policy</h1>
        <label class="choose">
          of{' '}
          <select value={shown.region} onChange={(event) => setChosen(event.currentTarget.value)}>
            {regions.map(({ region }) => (
              <option key={region} value={region}>
                {region}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="muted">
        A policy comes with the deployment, so that a change to it is reviewed as code is. Plans keep the
        policy that they were made under. What policies would have done over your last weeks is in a{' '}
        <a href="#/replays">backtest</a>.
      </p>
      <Compare key={shown.region} shown={shown} words={words} />
      <Values shown={shown} words={words} />
    </>
  )
}

function Values({ shown, words }: { shown: RegionPolicy; words: PolicyList['words'] }) {
  const values = new Map<string, unknown>(Object.entries(shown.policy))
  return (
    <WideTable label={`Policy of ${shown.region}`} flush>
      <table>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">Now</th>
            <th scope="col">Means</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(words).map(([key, meaning]) => (
            <tr key={key}>
              <th scope="row" class="id">
                {key}
              </th>
              <td class="policy-value">
                {said(values.get(key))}
                {shown.own.includes(key) && (
                  <>
                    {' '}
                    <Tagged tone="waits">set here</Tagged>
                  </>
                )}
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  )
}

function said(value: unknown): string {
  if (value === undefined) return 'not set'
  if (typeof value === 'string') return isoSpan(value)
  return JSON.stringify(value)
}

type Compared = Answer<PolicyChanges> | 'busy' | 'not JSON' | null

function Compare({ shown, words }: { shown: RegionPolicy; words: PolicyList['words'] }) {
  const { client } = useSession()
  const [text, setText] = useState(JSON.stringify(shown.policy, null, 2))
  const [found, setFound] = useState<Compared>(null)
  const compare = async (event: Event) => {
    event.preventDefault()
    const policy = objectOf(text)
    if (policy === null) return setFound('not JSON')
    setFound('busy')
    setFound(await client.post('/policies/compare', { region: shown.region, policy }))
  }
  return (
    <details class="panel">
      <summary>What would another policy change?</summary>
      <form onSubmit={compare}>
        <label class="field">
          <span>The policy, as in the file that is deployed</span>
          <textarea
            class="id"
            rows={12}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={found === 'busy'}>
          Compare
        </button>
      </form>
      <div aria-live="polite">
        <Found found={found} words={words} />
      </div>
    </details>
  )
}

function objectOf(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function Found({ found, words }: { found: Compared; words: PolicyList['words'] }) {
  if (found === null || found === 'busy') return null
  if (found === 'not JSON')
    return <p role="alert">This is no JSON object; look for a missing comma or quote.</p>
  if (found.kind === 'refused') return <Refusal problem={found.problem} />
  if (found.kind !== 'ok') return <p role="alert">There was no answer; try again.</p>
  const { problems, changes } = found.body
  if (problems.length > 0)
    return (
      <ul>
        {problems.map((problem) => (
          <li key={problem}>
            <Tagged tone="hot">It would be refused: {problem}</Tagged>
          </li>
        ))}
      </ul>
    )
  if (changes.length === 0) return <p>It changes nothing.</p>
  return (
    <ul class="changes">
      {changes.map(({ key, from, to }) => (
        <li key={key}>
          <span class="id">{key}</span>: <del>{from}</del> <ins>{to}</ins>{' '}
          <span class="muted">{words[key]}</span>
        </li>
      ))}
    </ul>
  )
}
