import { useState } from 'preact/hooks'
import type { PlanView } from '../messages/api.ts'
import {
  matterOf,
  type NeededAction,
  neededActions,
  type PlanLine,
  planUnderWay,
  type RegionView,
} from './actions.ts'
import type { Answer } from './client.ts'
import { may } from './may.ts'
import { Refusal } from './notice.tsx'
import { planHref } from './route.ts'
import { useSession } from './session-context.ts'
import { Shape, Tagged } from './shape.tsx'

/** What someone should see to, first thing on the page. */
export function NeedsAction({
  regions,
  plans,
}: {
  regions: readonly RegionView[]
  plans: readonly PlanLine[]
}) {
  const actions = regions.flatMap(neededActions)
  return (
    <section class="panel" aria-labelledby="needs-action">
      <h2 id="needs-action">
        Needs action <span class="count">{actions.length}</span>
      </h2>
      {actions.length === 0 && (
        <p>
          <Tagged tone="cool">Nothing needs you: no stamp is hot or fails, and nobody dominates one.</Tagged>
        </p>
      )}
      <ul class="actions">
        {actions.map((action) => (
          <ActionLine key={action.key} action={action} underWay={planUnderWay(action, plans)} />
        ))}
      </ul>
    </section>
  )
}

function ActionLine({ action, underWay }: { action: NeededAction; underWay: PlanLine | undefined }) {
  const { client, principal } = useSession()
  const [made, setMade] = useState<'idle' | 'busy' | Answer<PlanView>>('idle')
  const makePlan = async () => {
    setMade('busy')
    const answer = await client.post<PlanView>('/plans', action.request)
    setMade(answer)
    if (answer.kind === 'ok') location.hash = planHref(answer.body.plan.id)
  }
  return (
    <li class="action">
      <Shape tone={action.rule === 'dominated' || action.rule === 'low-throughput' ? 'warm' : 'hot'} />
      <div class="action-words">
        <p class="action-title">
          <strong>{action.subject}</strong> {matterOf(action)}
        </p>
        {action.details.map((detail) => (
          <p key={detail} class="muted">
            {detail}
          </p>
        ))}
        {!underWay && action.standing.map((words) => <p key={words}>{words}</p>)}
        {typeof made === 'object' && made.kind === 'refused' && <Refusal problem={made.problem} />}
        {typeof made === 'object' && made.kind === 'lost' && <p role="alert">No answer: {made.words}</p>}
      </div>
      {underWay ? (
        <a class="button" href={planHref(underWay.id)}>
          Open its plan
        </a>
      ) : (
        may(principal, 'plan') && (
          <button type="button" class="primary" disabled={made === 'busy'} onClick={makePlan}>
            {made === 'busy' ? 'Making a plan…' : 'Make a plan'}
            <span class="visually-hidden"> for {action.subject}</span>
          </button>
        )
      )}
    </li>
  )
}
