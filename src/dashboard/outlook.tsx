import { pastWords } from '../domain/past-words.ts'
import type { PoolOutlook } from '../domain/plan.ts'
import type { Policy } from '../domain/policy.ts'
import { change, percent } from './format.ts'
import { WideTable } from './wide-table.tsx'

interface Props {
  readonly pools: readonly PoolOutlook[]
  readonly policy: Pick<Policy, 'hotPercent' | 'targetPercent'>
}

/** What each touched pool shows before, what is predicted, and what comes of doing nothing. */
export function Outlook({ pools, policy }: Props) {
  return (
    <section class="panel flush outlook" aria-labelledby="outlook">
      <div class="panel-head">
        <h2 id="outlook">Before and predicted</h2>
        <p class="muted">
          Percent. Hot at {policy.hotPercent}, target {policy.targetPercent}.
        </p>
      </div>
      <WideTable label="Before and predicted, pool by pool">
        <table>
          <thead>
            <tr>
              <th scope="col">Pool</th>
              <th scope="col" class="number average">
                Average
              </th>
              <th scope="col" class="number">
                Max
              </th>
              <th scope="col" class="number">
                Hot-node P95
              </th>
              <th scope="col" class="number">
                Predicted
              </th>
              <th scope="col" class="number">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {pools.map((pool) => (
              <OutlookRow key={`${pool.stamp} ${pool.pool}`} outlook={pool} />
            ))}
          </tbody>
        </table>
      </WideTable>
    </section>
  )
}

function OutlookRow({ outlook }: { outlook: PoolOutlook }) {
  const { before, predicted, ifNothingIsDone } = outlook
  return (
    <>
      <tr class="outlook-row">
        <th scope="row">
          {outlook.stamp === 'new' ? 'new stamp' : outlook.stamp} <span class="muted">{outlook.pool}</span>
        </th>
        <td class="number average">{percent(before.poolAverage)}</td>
        <td class="number">{percent(before.max)}</td>
        <td class="number">
          <strong>{percent(before.hotNodeP95)}</strong>
        </td>
        <td class="number">
          <strong>{percent(predicted.hotNodeP95)}</strong>
          <span class="muted small band">
            {percent(predicted.low)} to {percent(predicted.high)}
          </span>
        </td>
        <td class="number">{change(relative(before.hotNodeP95, predicted.hotNodeP95), '%')}</td>
      </tr>
      <tr class="otherwise">
        <td colSpan={6}>
          <span class="muted">If nothing is done: {ifNothingIsDone.words}</span>
          {outlook.past && <span class="muted"> Here {pastWords(outlook.past)}.</span>}
        </td>
      </tr>
    </>
  )
}

/** The change in percent of before; null where before is missing or nothing. */
function relative(before: number | null, after: number): number | null {
  return before === null || before === 0 ? null : ((after - before) / before) * 100
}
