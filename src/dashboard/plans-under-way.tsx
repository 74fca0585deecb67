import type { StatusView } from '../messages/api.ts'
import type { PlanLine } from './actions.ts'
import { span } from './format.ts'
import { usePolled } from './polled.ts'
import { planHref } from './route.ts'
import { useSession } from './session-context.ts'
import { Shape, Tagged } from './shape.tsx'
import { isUnderway, listState, runWords } from './words.ts'

const STATUS_EVERY_MS = 2_000
const SHOWN_MAX = 3

/** The runs under way, each with what it waits for and whom. */
export function PlansUnderWay({ plans }: { plans: readonly PlanLine[] | undefined }) {
  const underWay = plans?.filter((plan) => isUnderway(plan.status)) ?? []
  const newest = plans?.[0]
  return (
    <section class="panel" aria-labelledby="under-way">
      <h2 id="under-way">
        Under way <span class="count">{underWay.length}</span>
      </h2>
      {plans && underWay.length === 0 && (
        <p class="muted">
          Nothing is moving.{' '}
          {newest && (
            <>
              Last plan: <a href={planHref(newest.id)}>{newest.id}</a>, {listState(newest.status).words}.
            </>
          )}
        </p>
      )}
      <ul class="actions">
        {underWay.slice(0, SHOWN_MAX).map((plan) => (
          <UnderWayLine key={plan.id} plan={plan} />
        ))}
      </ul>
      {underWay.length > SHOWN_MAX && (
        <p>
          <a href="#/plans">All {underWay.length} plans under way</a>
        </p>
      )}
    </section>
  )
}

function UnderWayLine({ plan }: { plan: PlanLine }) {
  const { client } = useSession()
  const status = usePolled<StatusView>(
    `status ${plan.id}`,
    () => client.get(`/plans/${plan.id}/status`),
    STATUS_EVERY_MS,
  )
  const run = status.data?.run
  const { tone, words } = run ? runWords(run.status) : listState(plan.status)
  const waiting = status.data?.waiting
  return (
    <li class="action">
      <Shape tone={tone} />
      <div class="action-words">
        <p class="action-title">
          <a href={planHref(plan.id)}>{plan.customer ?? plan.id}</a> <strong>{words}</strong>
        </p>
        <p class="muted">
          {status.data
            ? `${status.data.movesDone} of ${status.data.movesPlanned} moved`
            : `${plan.moves} moves`}
          {waiting?.person && ` · waits for ${waiting.who}`}
          {waiting?.untilMs && status.data && ` · ${span(waiting.untilMs - status.data.nowMs)} left`}
        </p>
      </div>
      {waiting?.person && <Tagged tone="waits">needs a person</Tagged>}
    </li>
  )
}
