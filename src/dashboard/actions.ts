import type { Standing } from '../domain/incident.ts'
import type { NeedRule } from '../domain/scan.ts'
import type { FleetView, PlanList, PlanRequest } from '../messages/api.ts'
import { isUnderway } from './words.ts'

export type RegionView = FleetView['regions'][number]
export type StampView = RegionView['stamps'][number]
export type PoolView = StampView['pools'][number]
export type PlanLine = PlanList['plans'][number]

/** One thing that someone should see to, with the request that makes a plan for it. */
export interface NeededAction {
  readonly key: string
  readonly rule: NeedRule
  readonly subject: string
  readonly stamps: readonly string[]
  readonly details: readonly string[]
  /** Which plan sees to it, or which rule blocks that. */
  readonly standing: readonly string[]
  readonly request: PlanRequest
}

/** What a region needs, one line a hot stamp and one a dominating customer, who may dominate several stamps. */
export function neededActions(region: RegionView): NeededAction[] {
  const found = new Map<string, NeededAction>()
  for (const need of needsOf(region)) {
    const customer = need.rule === 'dominated' ? dominating(region, need.stamp) : null
    const key = `${region.name} ${need.rule} ${customer ?? need.stamp}`
    const before = found.get(key)
    const standing = standingOf(region, need)
    found.set(key, {
      key,
      rule: need.rule,
      subject: customer ?? need.stamp,
      stamps: [...new Set([...(before?.stamps ?? []), need.stamp])],
      details: [...(before?.details ?? []), need.detail],
      standing: [
        ...new Set([...(before?.standing ?? []), ...(standing ? [standingWords(standing).whole] : [])]),
      ],
      request: customer ? { region: region.name, customer } : { region: region.name, stamp: need.stamp },
    })
  }
  return [...found.values()].toSorted((a, b) => rank(a) - rank(b))
}

/** What the scan has found, and what others told that is still open. */
function needsOf({ needsAction, incidents = [] }: RegionView): RegionView['needsAction'] {
  const told = incidents
    .filter(({ rule }) => rule === 'alert' || rule === 'customer-report')
    .map(({ stamp, rule, joined }) => ({ stamp, rule, detail: joined.at(-1)?.detail ?? '' }))
  return [...needsAction, ...told]
}

/** How the incident behind a need stands; null where nobody has looked yet. */
export function standingOf(
  { incidents = [] }: RegionView,
  need: { readonly stamp: string; readonly rule: NeedRule },
): Standing | null {
  return incidents.find(({ stamp, rule }) => stamp === need.stamp && rule === need.rule)?.standing ?? null
}

/** In few words, and whole. */
export function standingWords(standing: Standing): { readonly short: string; readonly whole: string } {
  if (standing.kind === 'acted') return { short: standing.detail, whole: standing.detail }
  const short = `Blocked by ${standing.rule}`
  return { short, whole: `${short}: ${standing.detail}` }
}

/** What hurts people now comes first, then what soon will. */
const ORDER: readonly NeedRule[] = [
  'outage',
  'errors',
  'throttling',
  'customer-report',
  'alert',
  'low-throughput',
  'hot',
  'dominated',
]

function rank(action: NeededAction): number {
  return ORDER.indexOf(action.rule)
}

const RULE_WORDS: Readonly<Record<Exclude<NeedRule, 'dominated'>, string>> = {
  hot: 'is hot',
  outage: 'is out',
  errors: 'fails requests',
  throttling: 'throttles requests',
  'low-throughput': 'serves less than it did',
  alert: 'has an alert',
  'customer-report': 'was reported by a customer',
}

/** What is the matter, behind the subject's name. */
export function matterOf({ rule, stamps }: Pick<NeededAction, 'rule' | 'stamps'>): string {
  return rule === 'dominated' ? `dominates ${stamps.join(' and ')}` : RULE_WORDS[rule]
}

function dominating(region: RegionView, stamp: string): string | null {
  const pools = region.stamps.find(({ id }) => id === stamp)?.pools ?? []
  const all = pools.flatMap(({ scan }) => (scan?.dominatedBy ? [scan.dominatedBy] : []))
  const most = all.toSorted((a, b) => dominated(b) - dominated(a))[0]
  return most?.customer ?? null
}

function dominated(share: { readonly loadShare: number; readonly varianceShare: number }): number {
  return Math.max(share.loadShare, share.varianceShare)
}

/** The plan under way that already sees to it. */
export function planUnderWay(action: NeededAction, plans: readonly PlanLine[]): PlanLine | undefined {
  return plans.find(
    (plan) =>
      isUnderway(plan.status) &&
      plan.region === action.request.region &&
      plan.customer !== null &&
      plan.customer === action.request.customer,
  )
}

const VERDICT_ORDER = ['hot', 'warm', 'cool', 'insufficient-data'] as const

/** The pool to look at first: the hottest by verdict, then one that needs action, then by hot-node P95. */
export function poolToShow(regions: readonly RegionView[]): { stamp: string; pool: string } | null {
  const all = regions.flatMap((region) => {
    const needing = new Set<string>(region.needsAction.map((need) => need.stamp))
    return region.stamps.flatMap((stamp) =>
      stamp.pools.map((pool) => ({
        stamp: stamp.id,
        pool: pool.role,
        verdict: VERDICT_ORDER.indexOf(pool.scan?.verdict ?? 'insufficient-data'),
        needs: needing.has(stamp.id) ? 0 : 1,
        p95: pool.scan?.figures.hotNodeP95 ?? -1,
      })),
    )
  })
  const order = all.toSorted((a, b) => hotFirst(a.verdict, b.verdict) || a.needs - b.needs || b.p95 - a.p95)
  return order[0] ?? null
}

/** Only a hot pool goes before one that needs action. */
function hotFirst(a: number, b: number): number {
  return Math.min(a, 1) - Math.min(b, 1)
}
