import type { Standing } from '../domain/incident.ts'
import {
  neededActions,
  type PlanLine,
  planUnderWay,
  type RegionView,
  standingOf,
  standingWords,
} from './actions.ts'
import { planHref } from './route.ts'
import { RULES, type Tone } from './words.ts'

const LEVELS = 5

/** 0 is cool and 5 hot; what is not known is not cool. */
export function heatLevel(hotNodeP95: number | null, hotPercent: number | undefined): number | 'unknown' {
  if (hotNodeP95 === null || hotPercent === undefined) return 'unknown'
  return Math.max(0, Math.min(LEVELS, Math.floor((hotNodeP95 / hotPercent) * LEVELS)))
}

export interface StampStanding {
  readonly tone: Tone
  readonly words: string
  /** More of it, in a sentence. */
  readonly detail?: string
  readonly href?: string
}

/** By stamp: who acts on what it needs, or what blocks that, or that it can't be judged. Stamps that need nothing have no entry. */
export function stampStandings(
  region: RegionView,
  plans: readonly PlanLine[],
): ReadonlyMap<string, StampStanding> {
  const found = new Map<string, StampStanding>()
  for (const { stamp, words } of region.readiness ?? [])
    found.set(stamp, { tone: 'unknown', words: 'data missing', detail: words })
  // What matters most comes first, and so is entered last.
  for (const action of neededActions(region).toReversed()) {
    const plan = planUnderWay(action, plans)
    for (const stamp of action.stamps) {
      const standing = standingOf(region, { stamp, rule: action.rule })
      if (plan) found.set(stamp, { tone: 'works', words: 'a plan acts', href: planHref(plan.id) })
      else if (standing) found.set(stamp, toldBy(standing))
      else found.set(stamp, { tone: RULES[action.rule].tone, words: 'needs somebody' })
    }
  }
  return found
}

/** A plan for the stamp itself is known by its incident alone. */
function toldBy(standing: Standing): StampStanding {
  const { short, whole } = standingWords(standing)
  if (standing.kind === 'blocked') return { tone: 'held', words: short, detail: whole }
  return { tone: 'works', words: 'a plan acts', detail: whole, href: planHref(standing.planId) }
}
