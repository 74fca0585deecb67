import type { Draft } from './draft.ts'
import type { PoolOutlook, Verdict } from './plan.ts'
import { type PoolJudgement, percent } from './pool-judgement.ts'
import { byId } from './region-data.ts'
import type { Situation } from './situation.ts'

/** So many reasons are given. */
const WORDS_MAX = 6

/** What would have to be otherwise for another verdict, each with its number. */
export function whatWouldChange(
  situation: Situation,
  parts: { readonly verdict: Verdict; readonly draft: Draft; readonly pools: readonly PoolOutlook[] },
): string[] {
  const { verdict, draft, pools } = parts
  const hottest = situation.judged
    .filter(({ scan }) => scan.figures.hotNodeP95 !== null)
    .toSorted((a, b) => p95(b) - p95(a) || byId(a.scan.stamp, b.scan.stamp) || byId(a.scan.pool, b.scan.pool))
  if (verdict === 'insufficient-data' || verdict === 'storage-bound') return []
  if (draft.kind === 'none' && draft.blocked.length === 0) return [...calmWords(situation, hottest)]
  const words = hottest.filter(({ scan }) => scan.verdict === 'hot').map((one) => heatWords(one, situation))
  if (draft.kind === 'none') {
    return [
      ...words,
      ...draft.blocked.map(
        ({ stamp, rule }) => `something else might be done but for the rule ${rule} on ${stamp}`,
      ),
    ].slice(0, WORDS_MAX)
  }
  return [
    ...words,
    ...dominanceWords(situation, draft.customer),
    ...roomWords(situation, draft.moves, pools),
  ].slice(0, WORDS_MAX)
}

function p95({ scan }: PoolJudgement): number {
  return scan.figures.hotNodeP95 ?? 0
}

function* calmWords({ policy }: Situation, [hottest]: readonly PoolJudgement[]): Iterable<string> {
  if (!hottest) return
  const more = growthTo(policy.hotPercent, hottest)
  if (Number.isFinite(more) && more > 0)
    yield `${nameOf(hottest)} would be hot with ${percent(more * 100)} more load, twice at least six hours apart`
}

function heatWords(judgement: PoolJudgement, { policy }: Situation): string {
  const less = -growthTo(policy.hotPercent, judgement)
  return `${nameOf(judgement)} would not be hot with ${percent(Math.max(0, less) * 100)} less load`
}

function dominanceWords({ judged, policy }: Situation, customer: string | null): string[] {
  return judged
    .filter(({ scan }) => customer !== null && scan.dominatedBy?.customer === customer)
    .map((judgement) => {
      const share = Math.max(
        judgement.scan.dominatedBy?.loadShare ?? 0,
        judgement.scan.dominatedBy?.varianceShare ?? 0,
      )
      return `${nameOf(judgement)}: ${customer} would not dominate with less than ${policy.dominance} % where it has ${percent(share * 100)}`
    })
}

/** How much room the destinations keep: with less the plan would be another. */
function roomWords(
  { policy }: Situation,
  moves: readonly { readonly to: string }[],
  pools: readonly PoolOutlook[],
): string[] {
  const tightest = pools
    .filter(({ stamp }) => moves.some(({ to }) => to === stamp))
    .toSorted((a, b) => b.predicted.hotNodeP95 - a.predicted.hotNodeP95)[0]
  if (!tightest) return []
  const room = policy.targetPercent - tightest.predicted.hotNodeP95
  return [
    `${tightest.stamp} ${tightest.pool} would have no room with ${room.toFixed(1)} points more of its own load`,
  ]
}

/** By how much of itself, 0.1 a tenth, a pool's load would have to grow to show a figure; what is idle does not grow. */
function growthTo(figure: number, { use, scan }: PoolJudgement): number {
  const above = (scan.figures.hotNodeP95 ?? 0) - use.idlePercent
  return above > 0 ? (figure - use.idlePercent) / above - 1 : Number.POSITIVE_INFINITY
}

function nameOf({ scan }: PoolJudgement): string {
  return `${scan.stamp} ${scan.pool}`
}
