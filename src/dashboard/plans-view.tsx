import { useEffect, useState } from 'preact/hooks'
import type { PlanList } from '../messages/api.ts'
import { instant } from './format.ts'
import { ConnectionNotice, Loading } from './notice.tsx'
import { usePolled } from './polled.ts'
import { fleetHref, planHref } from './route.ts'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'
import { listState, verdictWord } from './words.ts'

const PLANS_EVERY_MS = 4_000

/** All plans, newest first. */
export function PlansView() {
  const { client } = useSession()
  const [after, setAfter] = useState<string | null>(null)
  const path = after === null ? '/plans' : `/plans?${new URLSearchParams({ after })}`
  const plans = usePolled<PlanList>(path, () => client.get(path), PLANS_EVERY_MS)
  useEffect(() => {
    document.title = 'Plans · Restamp'
  }, [])
  if (!plans.data) return <Loading what="the plans" polled={plans} />
  return (
    <>
      <ConnectionNotice polled={plans} />
      <h1>Plans</h1>
      {plans.data.plans.length === 0 ? (
        <p>
          No plan was made yet. The <a href={fleetHref()}>fleet</a> shows what needs one.
        </p>
      ) : (
        <PlansTable plans={plans.data.plans} />
      )}
      <Pages next={plans.data.next} isFirst={after === null} onGo={setAfter} />
    </>
  )
}

interface PagesProps {
  readonly next: string | null
  readonly isFirst: boolean
  readonly onGo: (after: string | null) => void
}

function Pages({ next, isFirst, onGo }: PagesProps) {
  if (isFirst && next === null) return null
  return (
    <p class="suppose">
      {!isFirst && (
        <button type="button" class="quiet" onClick={() => onGo(null)}>
          Newest
        </button>
      )}
      {next !== null && (
        <button type="button" class="quiet" onClick={() => onGo(next)}>
          Older
        </button>
      )}
    </p>
  )
}

function PlansTable({ plans }: { plans: PlanList['plans'] }) {
  return (
    <WideTable label="All plans" flush>
      <table>
        <thead>
          <tr>
            <th scope="col">Plan</th>
            <th scope="col">Status</th>
            <th scope="col">Verdict</th>
            <th scope="col">Customer</th>
            <th scope="col">Region</th>
            <th scope="col" class="number">
              Moves
            </th>
            <th scope="col">Asked for by</th>
            <th scope="col">Made, UTC</th>
          </tr>
        </thead>
        <tbody>
          {plans.map((plan) => (
            <tr key={plan.id}>
              <th scope="row">
                <a href={planHref(plan.id)}>{plan.id}</a>
              </th>
              <td>
                <Tagged tone={listState(plan.status).tone}>{listState(plan.status).words}</Tagged>
              </td>
              <td>{verdictWord(plan.verdict)}</td>
              <td>{plan.customer ?? '–'}</td>
              <td>{plan.region}</td>
              <td class="number">{plan.moves}</td>
              <td>{plan.requestedBy}</td>
              <td>{instant(plan.madeAtMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </WideTable>
  )
}
