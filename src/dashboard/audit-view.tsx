import { useEffect, useState } from 'preact/hooks'
import type { AuditEntry, AuditVerdict } from '../domain/audit.ts'
import type { AuditPage, PlanList } from '../messages/api.ts'
import type { Answer } from './client.ts'
import { instant } from './format.ts'
import { Loading, Refusal } from './notice.tsx'
import { usePolled } from './polled.ts'
import { auditHref } from './route.ts'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'

/** Who did what, why and on which evidence, as a chain that shows each change to it. */
export function AuditView({ chain }: { chain: string }) {
  const { client } = useSession()
  const plans = usePolled<PlanList>('plans', () => client.get('/plans'), null)
  useEffect(() => {
    document.title = `Audit · ${chain} · Restamp`
  }, [chain])
  const chains = ['fleet', ...(plans.data?.plans.map(({ id }) => id) ?? [chain])]
  return (
    <>
      <div class="plan-head">
        <h1>Audit</h1>
        <label class="choose">
          of{' '}
          <select
            value={chain}
            onChange={(event) => {
              location.hash = auditHref(event.currentTarget.value)
            }}
          >
            {[...new Set(chains)].map((one) => (
              <option key={one} value={one}>
                {one === 'fleet' ? 'what belongs to no plan' : one}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Verification chain={chain} />
      <Entries chain={chain} />
    </>
  )
}

function Verification({ chain }: { chain: string }) {
  const { client } = useSession()
  const path = `/audit/${encodeURIComponent(chain)}/verification`
  const verdict = usePolled<AuditVerdict>(`verdict ${chain}`, () => client.get(path), null)
  // That nothing is on record yet is said by the entries.
  if (verdict.refused?.status === 404) return null
  if (!verdict.data) return <Loading what="whether it is whole" polled={verdict} />
  if (verdict.data.kind === 'broken')
    return (
      <p class="notice notice-bad" role="alert">
        <Tagged tone="hot">
          Broken at entry {verdict.data.number}: {verdict.data.words}
        </Tagged>
      </p>
    )
  const { entries, anchoredTo, hash, onTheWay } = verdict.data
  return (
    <p class="panel">
      <Tagged tone="done">
        Whole: {entries} entries, each with the hash of the one before; anchored elsewhere up to {anchoredTo}
        {onTheWay > 0 && `; ${onTheWay} more on the way`}.
      </Tagged>{' '}
      <span class="muted">
        Head <span class="id">{hash.slice(0, 16)}</span>
      </span>
    </p>
  )
}

function Entries({ chain }: { chain: string }) {
  const { client } = useSession()
  const [entries, setEntries] = useState<readonly AuditEntry[]>([])
  const [next, setNext] = useState<number | null>(0)
  const [last, setLast] = useState<Answer<AuditPage> | null>(null)
  const more = async (after: number) => {
    const answer = await client.get<AuditPage>(`/audit/${encodeURIComponent(chain)}?after=${after}`)
    setLast(answer)
    if (answer.kind !== 'ok') return
    setEntries((before) => [...before.filter(({ number }) => number <= after), ...answer.body.entries])
    setNext(answer.body.next)
  }
  useEffect(() => {
    void more(0)
  }, [chain])
  if (last?.kind === 'refused' && last.problem.status === 404)
    return <p>Nothing is on record here yet: {last.problem.detail}.</p>
  if (last === null) return <p class="muted">Loading what was done…</p>
  return (
    <>
      {last.kind === 'refused' && <Refusal problem={last.problem} />}
      {last.kind === 'lost' && <p role="alert">No answer: {last.words}. Try again.</p>}
      <EntriesTable chain={chain} entries={entries} />
      {(next !== null || last.kind !== 'ok') && (
        <button type="button" onClick={() => more(next ?? entries.at(-1)?.number ?? 0)}>
          Later ones
        </button>
      )}
    </>
  )
}

function EntriesTable({ chain, entries }: { chain: string; entries: readonly AuditEntry[] }) {
  return (
    <WideTable label={`Audit of ${chain}`} flush>
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              No.
            </th>
            <th scope="col">When, UTC</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">Evidence</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.number}>
              <th scope="row" class="number">
                {entry.number}
              </th>
              <td class="nowrap">{instant(entry.atMs)}</td>
              <td>{entry.who}</td>
              <td>
                <span class="muted">{entry.kind}</span> {shortened(entry.what)}
              </td>
              <td class="audit-why">{shortened(entry.why)}</td>
              <td>{shortened(entry.before)}</td>
              <td>{shortened(entry.after)}</td>
              <td class="id">{shortened(entry.evidence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  )
}

/** Digests by their first digits, enough to compare by eye; `restamp audit export` has them whole. */
function shortened(text: string | null): string {
  return text?.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…') ?? '–'
}
