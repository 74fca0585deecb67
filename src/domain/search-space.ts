import { hotSharesAt } from './contributors.ts'
import type { Forecasts, StampForecast } from './forecasts.ts'
import { type Blocked, immovable, interlockAt, isReturn } from './movable.ts'
import { byId, type Tenant } from './region-data.ts'
import { shareLimit } from './share-limit.ts'
import { type DraftMove, dayLoadOf, poolsOf, type Situation, tenantsAt } from './situation.ts'

/** With more loaded replicas than this only stamps over the target give any away. */
const ALL_STAMPS_UP_TO = 200

/** A loaded replica that may move. */
export interface Candidate extends Tenant {
  /** Core-minutes over the day, all roles. */
  readonly load: number
  /** 0..1 of the hot minutes of its home pools, the greatest over their roles. */
  readonly hotShare: number
  /** The stamps that it may go to. */
  readonly to: readonly string[]
}

/** What a search for a plan picks from, and what it is told of each pick. */
export interface SearchSpace {
  /** Greatest share of the hot minutes first. */
  readonly candidates: readonly Candidate[]
  /** Shared stamps whose pools can be judged, ordered by id: the search brings these to the target. */
  readonly stamps: readonly string[]
  readonly movesMax: number
  readonly targetPercent: number
  readonly forecastOf: (stamp: string, moves: readonly DraftMove[]) => StampForecast
  /** Whether moves together keep the limits that no stamp's load tells: counts and fault domains. */
  readonly isAllowed: (moves: readonly DraftMove[]) => boolean
}

/** Stamps that take nobody, with the rule and the words for it. */
export interface Destinations {
  readonly open: readonly string[]
  readonly closed: readonly Blocked[]
}

export function searchSpaceOf(
  situation: Situation,
  parts: {
    readonly forecasts: Forecasts
    readonly open: readonly string[]
    readonly may: (tenant: Tenant) => boolean
  },
): SearchSpace {
  const { forecasts, open, may } = parts
  const stamps = situation.stamps
    .filter(({ id, kind }) => kind === 'shared' && isJudged(situation, id))
    .map(({ id }) => id)
  const forecastOf = remembered(forecasts)
  const isSmall = stamps.reduce((sum, stamp) => sum + loadedAt(situation, stamp), 0) <= ALL_STAMPS_UP_TO
  const candidates = stamps
    .filter((stamp) => interlockAt(stamp, situation) === undefined)
    .filter((stamp) => isSmall || forecastOf(stamp, []).over > 0)
    .flatMap((stamp) => candidatesAt(situation, stamp, { open, may }))
    .toSorted((a, b) => b.hotShare - a.hotShare || byId(a.registry, b.registry))
  return {
    candidates,
    stamps,
    movesMax: situation.policy.movesMax,
    targetPercent: situation.policy.targetPercent,
    forecastOf,
    isAllowed: shareLimit(situation),
  }
}

function loadedAt(situation: Situation, stamp: string): number {
  return Math.max(0, ...poolsOf(situation, stamp).map(({ use }) => use.by.size))
}

/** A search asks for the same again and again. */
function remembered(forecasts: Forecasts): SearchSpace['forecastOf'] {
  const known = new Map<string, StampForecast>()
  return (stamp, moves) => {
    const here = moves.filter(({ from, to }) => from === stamp || to === stamp)
    const names = here
      .map(({ registry, to }) => (to === stamp ? `+${registry}` : `-${registry}`))
      .toSorted(byId)
    const key = `${stamp}/${names.join('/')}`
    const forecast = known.get(key) ?? forecasts.of(stamp, here)
    known.set(key, forecast)
    return forecast
  }
}

function candidatesAt(
  situation: Situation,
  stamp: string,
  { open, may }: { readonly open: readonly string[]; readonly may: (tenant: Tenant) => boolean },
): Candidate[] {
  const shares = hotSharesAt(situation, stamp)
  return tenantsAt(situation, stamp)
    .filter((tenant) => shares.has(tenant.registry) && may(tenant) && immovable(tenant, situation) === null)
    .map((tenant) => ({
      ...tenant,
      load: dayLoadOf(situation, tenant.registry, stamp),
      hotShare: shares.get(tenant.registry) ?? 0,
      to: open.filter((to) => to !== stamp && !isReturn(tenant.registry, to, situation)),
    }))
    .filter(({ load }) => load > 0)
}

function isJudged(situation: Situation, stamp: string): boolean {
  const pools = poolsOf(situation, stamp)
  return pools.length > 0 && pools.every(({ scan }) => scan.verdict !== 'insufficient-data')
}

/** Which stamps replicas of shared stamps may come to, as far as no load is asked for. */
export function destinationsOf(situation: Situation): Destinations {
  const open: string[] = []
  const closed: Blocked[] = []
  for (const { id, kind, state } of situation.stamps) {
    const refuse = (rule: string, detail: string) => closed.push({ stamp: id, rule, detail })
    const pools = poolsOf(situation, id)
    const empty = pools.find(({ use }) => use.pool.nodes === 0)
    const unjudged = pools.find(({ scan }) => scan.verdict === 'insufficient-data')
    const interlock = interlockAt(id, situation)
    if (kind !== 'shared') refuse('isolated', 'is isolated; it takes nobody from a shared stamp to cool it')
    else if (state !== 'active') refuse('state', `is ${state}; only an active stamp takes replicas`)
    else if (interlock) refuse(interlock.rule, interlock.detail)
    else if (pools.length === 0) refuse('capacity', 'has no pools')
    else if (empty) refuse('capacity', `has no nodes in its ${empty.scan.pool} pool`)
    else if (unjudged) refuse('insufficient-data', unjudged.words)
    else open.push(id)
  }
  return { open, closed }
}
