import { attribute } from './attribution.ts'
import { greaterShare } from './dominance.ts'
import { hourlyP95 } from './hourly.ts'
import { countsOf, sumIn } from './load-counts.ts'
import type { Policy } from './policy.ts'
import { judgePools, type PoolJudgement } from './pool-judgement.ts'
import { heardIn, type LoadLook, pastReadiness, reactionsIn } from './reactive.ts'
import { readinessOf } from './readiness.ts'
import { byId, type RegionData } from './region-data.ts'
import type { Need, Reaction, Scan } from './scan.ts'
import type { RegionLoad } from './series.ts'

export type { RegionData } from './region-data.ts'

/**
 * Looks at every pool of a region: the three figures, the verdict, who dominates, what its requests show where the last
 * hour of load is given, which stamps need something, and which signals are missing.
 */
export function scanRegion(data: RegionData, policy: Policy, look?: LoadLook): Scan {
  const { nowMs } = data
  const use = attribute(data, policy.peakHours)
  const judged = judgePools(use, nowMs, policy)
  const reactions = look ? reactionsIn(look, use.tenants, policy) : []
  return {
    region: data.region,
    atMs: nowMs,
    pools: judged.map(({ scan, use: { hot } }) => ({ ...scan, hours: hourlyP95(hot) })),
    needsAction: [...needsAction(judged, policy), ...needsOf(reactions)].toSorted((a, b) =>
      byId(a.stamp, b.stamp),
    ),
    reactions,
    ...(look ? { served: servedIn(look.now) } : {}),
    heard: look ? heardIn(look, use.tenants, policy) : [],
    readiness: [
      ...readinessOf(use, judged, { nowMs, policy }),
      ...(look ? pastReadiness(look, use.tenants, nowMs) : []),
    ],
  }
}

function servedIn(load: RegionLoad): { requests: number; errors: number } {
  const { offered, throttled, errors } = countsOf(load, load.series)
  const all = { from: 0, to: load.bins }
  return { requests: sumIn(offered, all).sum - sumIn(throttled, all).sum, errors: sumIn(errors, all).sum }
}

/** One need for each stamp and rule, whether the stamp shows it or only some of its replicas do. */
function needsOf(reactions: readonly Reaction[]): Need[] {
  const firsts = reactions.filter(
    ({ stamp, rule }, at) => reactions.findIndex((one) => one.stamp === stamp && one.rule === rule) === at,
  )
  return firsts.map(({ stamp, rule, words }) => {
    const others = reactions.filter((one) => one.stamp === stamp && one.rule === rule).length - 1
    return { stamp, rule, detail: others > 0 ? `${words}, and ${others} more of its replicas do so` : words }
  })
}

/** The stamps that are hot or dominated, by stamp: for each rule one entry, of the pool that shows it most. */
export function needsAction(judged: readonly PoolJudgement[], policy: Policy): Scan['needsAction'] {
  const hot = judged.filter(({ scan }) => scan.verdict === 'hot').toSorted((a, b) => heat(b) - heat(a))
  const dominated = judged
    .filter(({ scan }) => scan.dominatedBy !== null)
    .toSorted((a, b) => share(b) - share(a))
  return [
    ...firstOfStamp(hot).map(({ scan, words }) => ({
      stamp: scan.stamp,
      rule: 'hot' as const,
      detail: words,
    })),
    ...firstOfStamp(dominated).map(({ scan }) => ({
      stamp: scan.stamp,
      rule: 'dominated' as const,
      detail: dominanceWords(scan, policy),
    })),
  ].toSorted((a, b) => byId(a.stamp, b.stamp))
}

export function dominanceWords(scan: PoolJudgement['scan'], policy: Policy): string {
  const by = scan.dominatedBy
  if (!by) return `nobody dominates ${scan.stamp} ${scan.pool}`
  const ofLoad = Math.round(by.loadShare * 100)
  const ofVariance = Math.round(by.varianceShare * 100)
  return `${by.customer} causes ${ofLoad} % of the load and ${ofVariance} % of the variance of ${scan.stamp} ${scan.pool}; dominant from ${policy.dominance} %`
}

function firstOfStamp(judged: readonly PoolJudgement[]): PoolJudgement[] {
  return judged.filter(({ scan }, at) => judged.findIndex((one) => one.scan.stamp === scan.stamp) === at)
}

function heat({ scan }: PoolJudgement): number {
  return scan.figures.hotNodeP95 ?? 0
}

function share({ scan }: PoolJudgement): number {
  return scan.dominatedBy ? greaterShare(scan.dominatedBy) : 0
}
