import type { PoolOutlook } from './plan.ts'
import type { RehearsalReport } from './rehearsal.ts'

/** More pools than these are counted: a card is read on a phone. */
const POOLS_SHOWN = 6

/** What an answer rests on, in a few lines for a message: what is wrong, how the rehearsal went, what each pool shows and is predicted to show. */
export function gateFacts(
  { reason, pools }: { readonly reason: string; readonly pools: readonly PoolOutlook[] },
  rehearsal: Pick<RehearsalReport, 'status' | 'words'> | undefined,
): string[] {
  const shown = pools.slice(0, POOLS_SHOWN).map(poolLine)
  const more = pools.length - shown.length
  return [
    reason,
    rehearsal ? `rehearsal ${rehearsal.status}: ${rehearsal.words}` : 'it was not rehearsed yet',
    ...shown,
    ...(more > 0 ? [`and ${more} more pools`] : []),
  ]
}

function poolLine({ stamp, pool, before, predicted }: PoolOutlook): string {
  const now = before.hotNodeP95 === null ? 'not known' : `${before.hotNodeP95.toFixed(1)} %`
  const { hotNodeP95, low, high } = predicted
  const range = `${low.toFixed(1)} to ${high.toFixed(1)}`
  return `${stamp} ${pool}: hot-node P95 ${now} when planned, predicted ${hotNodeP95.toFixed(1)} % (${range})`
}
