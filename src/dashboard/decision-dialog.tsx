import { useEffect, useState } from 'preact/hooks'
import type { Plan } from '../domain/plan.ts'
import type { DecisionRequest, EvidenceView, StatusView } from '../messages/api.ts'
import { count, percent, share, shortDigest } from './format.ts'
import { gateWork } from './gate-work.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { RehearsedFaults } from './rehearsal.tsx'
import { useSession } from './session-context.ts'
import { isAsked, openGates } from './words.ts'

const MOVES_SHOWN = 5

interface Props {
  readonly plan: Plan
  readonly status: StatusView
  readonly answer: 'approve' | 'reject'
  readonly onClose: () => void
  readonly onDone: () => void
}

/** A person's answer to one digest: for the waiting gate, or for all that are still to come. */
export function DecisionDialog({ plan, status, answer, onClose, onDone }: Props) {
  const { client, principal } = useSession()
  // What the person read stays what they answer, even when the run goes on behind the dialog.
  const [gates] = useState(() => openGates(status))
  const [ahead] = useState(() => !isAsked(status))
  const [all, setAll] = useState(false)
  const [seen, setSeen] = useState<EvidenceView | null>(null)
  useEffect(() => {
    client.post<EvidenceView>(`/plans/${plan.id}/evidence`, {}).then((answer) => {
      if (answer.kind === 'ok') setSeen(answer.body)
    })
  }, [client, plan.id])
  const first = gates[0]
  const named = all ? gates : gates.slice(0, 1)
  const verb = answer === 'approve' ? 'Approve' : 'Reject'
  const what = all ? count(gates.length, 'gate', 'gates') : (first ?? 'nothing')
  const send = (reason: string) => {
    const rests = seen ? { evidence: seen.digest } : {}
    const body: DecisionRequest = { digest: plan.digest, gates: named, answer, reason, ...rests }
    return client.post(`/plans/${plan.id}/decisions`, body)
  }
  return (
    <ReasonDialog
      title={`${verb} ${what}`}
      confirm={`${verb} ${what}`}
      danger={answer === 'reject'}
      reason="required"
      send={send}
      onClose={onClose}
      onDone={onDone}
    >
      {principal.name === plan.requestedBy && (
        <p class="notice notice-lost">
          You asked for this plan yourself, so the server will refuse your answer. Another approver has to
          give it.
        </p>
      )}
      {ahead && (
        <p>
          The run doesn’t ask yet. Your answer is kept and used when it gets to {all ? 'each gate' : first},
          after limits are checked again on fresh data.
        </p>
      )}
      <GateMoves plan={plan} gates={named} />
      {answer === 'approve' ? (
        <Predicted plan={plan} />
      ) : (
        <p>The run ends at this gate. What has moved stays where it is; nothing is moved back.</p>
      )}
      {gates.length > 1 && (
        <label class="check">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          <span>
            All {gates.length} remaining gates at once <span class="muted">({gates.join(', ')})</span>
          </span>
        </label>
      )}
      <SeenNow seen={seen} />
      <p class="muted">
        Your answer is to digest <span class="id">{shortDigest(plan.digest)}</span>
        {seen && (
          <>
            , on evidence <span class="id">{shortDigest(seen.digest)}</span>,
          </>
        )}{' '}
        and to nothing else.
      </p>
    </ReasonDialog>
  )
}

/** The region as it is while somebody decides. What is missing is said, and keeps nobody from answering. */
function SeenNow({ seen }: { seen: EvidenceView | null }) {
  if (!seen) return <p class="muted">The region's figures of the last hour are being read…</p>
  const { rehearsal, pools, astray } = seen.evidence
  return (
    <details open>
      <summary>What holds now</summary>
      <ul class="compact">
        <li>
          {rehearsal ? `Rehearsal ${rehearsal.status}: ${rehearsal.words}` : 'There is no rehearsal.'}
          {rehearsal?.faults && <RehearsedFaults faults={rehearsal.faults} />}
        </li>
        {pools.map(({ stamp, pool, hotNodeP95 }) => (
          <li key={`${stamp} ${pool}`}>
            {stamp} {pool}: hot-node P95 of the last hour{' '}
            {hotNodeP95 === null ? 'not enough data' : `${percent(hotNodeP95)} %`}
          </li>
        ))}
        {astray?.map(({ registry, homeStamp }) => (
          <li key={registry}>
            {registry} is bound to {homeStamp}, not by this plan
          </li>
        ))}
        {astray === null && <li>The catalog can’t be read, so nobody knows where registries are bound.</li>}
      </ul>
    </details>
  )
}

/** A move's share is of its own source's hot minutes, so sums are made for each source alone. */
function sharesBySource(moves: Plan['moves']): [string, number][] {
  const sums = new Map<string, number>()
  for (const move of moves) sums.set(move.from, (sums.get(move.from) ?? 0) + move.share)
  return [...sums]
}

function GateMoves({ plan, gates }: { plan: Plan; gates: readonly string[] }) {
  const moves = plan.moves.filter((move) => gates.includes(`${move.phase}-${move.batch}`))
  const heaviest = moves.toSorted((a, b) => b.share - a.share).slice(0, MOVES_SHOWN)
  const more = moves.length - heaviest.length
  const work = gateWork(plan, gates)
  return (
    <>
      {work.length > 0 && <WorkList words={work} />}
      <p>
        <strong>{count(moves.length, 'registry moves', 'registries move')}</strong>
        {sharesBySource(moves).map(([from, sum]) => (
          <span key={from}>
            , {share(sum)} of the hot minutes of {from}
          </span>
        ))}
        .
      </p>
      <ul class="compact">
        {heaviest.map((move) => (
          <li key={`${move.registry} ${move.from}`}>
            {move.registry} <span class="muted">{share(move.share)}</span> · {move.from} → {move.to}
          </li>
        ))}
        {more > 0 && <li class="muted">and {more} more</li>}
      </ul>
    </>
  )
}

function WorkList({ words }: { words: readonly string[] }) {
  return (
    <ul class="compact">
      {words.map((one) => (
        <li key={one}>{one}</li>
      ))}
    </ul>
  )
}

function Predicted({ plan }: { plan: Plan }) {
  return (
    <details>
      <summary>What is predicted once all of the plan is done</summary>
      <ul class="compact">
        {plan.pools.map((pool) => (
          <li key={`${pool.stamp} ${pool.pool}`}>
            {pool.stamp} {pool.pool}: hot-node P95 {percent(pool.before.hotNodeP95)} →{' '}
            {percent(pool.predicted.hotNodeP95)} % ({percent(pool.predicted.low)} to{' '}
            {percent(pool.predicted.high)})
          </li>
        ))}
      </ul>
    </details>
  )
}
