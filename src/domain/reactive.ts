import { StampId } from './ids.ts'
import { countsOf, type LoadCounts, sumIn } from './load-counts.ts'
import { durationMs, type Policy } from './policy.ts'
import { percent } from './pool-judgement.ts'
import { byId, type Tenant } from './region-data.ts'
import type { Reaction, Readiness } from './scan.ts'
import type { RegionLoad, ReplicaLoad } from './series.ts'

/** Of the bins that a rule looks at so many must be known, and so many of those must show it. */
const KNOWN_SHARE_MIN = 0.8
const SUSTAINED_SHARE_MIN = 0.8
/** Fewer requests tell no rate. */
const REQUESTS_MIN = 50
const OUTAGE_PERCENT = 90
/** Nothing at all is an outage only where each of so many past days had this many requests at that time. */
const PAST_REQUESTS_MIN = 50
const PAST_DAYS_MIN = 3
/** A whole week has each weekday: from then on fewer requests than on any of its days is no weekend. */
const WEEK_DAYS = 7
const REGISTRIES_NAMED_MAX = 3
const DAY_MS = 86_400_000

/** A region's load of the last hour, and of the same hour on days before, the latest first. */
export interface LoadLook {
  readonly now: RegionLoad
  readonly past: readonly RegionLoad[]
}

interface Subject {
  readonly stamp: string
  readonly registry: string | null
  readonly now: LoadCounts
  readonly past: readonly LoadCounts[]
}

/**
 * Outages, sustained errors, throttling and low throughput, of each stamp and of each replica by itself; a replica is
 * left out where its stamp shows the same. What is not known is no reaction: `readiness` tells what is missing.
 */
export function reactionsIn(look: LoadLook, tenants: readonly Tenant[], policy: Policy): Reaction[] {
  const now = byRegistry(look.now)
  const past = look.past.map(byRegistry)
  const subject = (stamp: string, registry: string | null, members: readonly string[]): Subject => ({
    stamp,
    registry,
    now: countsOf(look.now, seriesOf(now, members)),
    past: look.past.map((load, day) => countsOf(load, seriesOf(past[day], members))),
  })
  const stamps = [...new Set(tenants.map(({ homeStamp }) => homeStamp))].toSorted(byId)
  return stamps.flatMap((stamp) => {
    const members = membersOf(tenants, stamp)
    const own = members.flatMap((registry) => rulesOf(subject(stamp, registry, [registry]), policy))
    const whole = rulesOf(subject(stamp, null, members), policy)
    return [
      ...whole.map((reaction) => named(reaction, own)),
      ...own.filter(({ rule }) => !whole.some((reaction) => reaction.rule === rule)),
    ]
  })
}

/** The stamps whose load of the last minutes is known well enough to tell that nothing is wrong. */
export function heardIn({ now }: LoadLook, tenants: readonly Tenant[], policy: Policy): StampId[] {
  const series = byRegistry(now)
  const stamps = [...new Set(tenants.map(({ homeStamp }) => homeStamp))].toSorted(byId)
  return stamps
    .filter((stamp) => {
      const counts = countsOf(now, seriesOf(series, membersOf(tenants, stamp)))
      return lastRun(counts, durationMs(policy.reactFor) ?? 0) !== null
    })
    .map((stamp) => StampId.parse(stamp))
}

/** Stamps whose own past is too short to tell low throughput and silence by. */
export function pastReadiness(look: LoadLook, tenants: readonly Tenant[], nowMs: number): Readiness[] {
  const past = look.past.map(byRegistry)
  const stamps = [...new Set(tenants.map(({ homeStamp }) => homeStamp))].toSorted(byId)
  return stamps.flatMap((stamp): Readiness[] => {
    const members = membersOf(tenants, stamp)
    const days = look.past.filter((load, day) => {
      const { offered } = countsOf(load, seriesOf(past[day], members))
      return sumIn(offered, { from: 0, to: load.bins }).known >= load.bins * KNOWN_SHARE_MIN
    }).length
    if (days >= PAST_DAYS_MIN) return []
    return [
      {
        stamp: StampId.parse(stamp),
        pool: null,
        signal: 'past load',
        sinceMs: null,
        readyMs: nowMs + (PAST_DAYS_MIN - days) * DAY_MS,
        words: `${stamp} has load of ${days} earlier days at this time, ${PAST_DAYS_MIN} are needed to tell low throughput by; there are enough in ${PAST_DAYS_MIN - days} d`,
      },
    ]
  })
}

function membersOf(tenants: readonly Tenant[], stamp: string): string[] {
  return tenants
    .filter(({ homeStamp }) => homeStamp === stamp)
    .map(({ registry }) => registry)
    .toSorted(byId)
}

function byRegistry(load: RegionLoad): Map<string, ReplicaLoad[]> {
  const series = new Map<string, ReplicaLoad[]>()
  for (const one of load.series) series.set(one.registry, [...(series.get(one.registry) ?? []), one])
  return series
}

function seriesOf(
  series: ReadonlyMap<string, ReplicaLoad[]> | undefined,
  members: readonly string[],
): ReplicaLoad[] {
  return members.flatMap((registry) => series?.get(registry) ?? [])
}

/** Names the replicas that show by themselves what their stamp shows. */
function named(reaction: Reaction, own: readonly Reaction[]): Reaction {
  const same = own.filter(({ rule }) => rule === reaction.rule).map(({ registry }) => registry)
  if (same.length === 0) return reaction
  const shown = same.slice(0, REGISTRIES_NAMED_MAX).join(', ')
  const more = same.length > REGISTRIES_NAMED_MAX ? ` and ${same.length - REGISTRIES_NAMED_MAX} more` : ''
  return { ...reaction, words: `${reaction.words}; by themselves so: ${shown}${more}` }
}

function rulesOf(subject: Subject, policy: Policy): Reaction[] {
  const run = lastRun(subject.now, durationMs(policy.reactFor) ?? 0)
  if (run === null) return []
  const outage = outageOf(subject, run)
  const found = outage
    ? [outage]
    : [
        shareRule(subject, run, { rule: 'errors', column: 'errors', percentMin: policy.errorPercent }),
        shareRule(subject, run, {
          rule: 'throttling',
          column: 'throttled',
          percentMin: policy.throttlePercent,
        }),
        lowThroughput(subject, policy),
      ]
  return found.filter((reaction) => reaction !== null)
}

interface Run {
  readonly from: number
  readonly to: number
}

/** The latest bins of so long that end with a known one; null where too few are known or the last is too long ago. */
function lastRun({ offered, binMs }: LoadCounts, lengthMs: number): Run | null {
  const length = Math.max(1, Math.round(lengthMs / binMs))
  const to = offered.findLastIndex((value) => !Number.isNaN(value)) + 1
  const run = { from: to - length, to }
  if (to === 0 || run.from < 0 || offered.length - to > length) return null
  return sumIn(offered, run).known >= length * KNOWN_SHARE_MIN ? run : null
}

function outageOf(subject: Subject, run: Run): Reaction | null {
  const failing = shareRule(subject, run, { rule: 'outage', column: 'errors', percentMin: OUTAGE_PERCENT })
  if (failing) return failing
  const { offered } = subject.now
  if (sumIn(offered, run).sum > 0) return null
  // The time of day is the same in all looks, so that the same bins are compared.
  const past = subject.past.map((day) => sumIn(day.offered, run)).filter(({ known }) => known > 0)
  const least = Math.min(...past.map(({ sum }) => sum))
  if (past.length < PAST_DAYS_MIN || least < PAST_REQUESTS_MIN) return null
  const minutes = ((run.to - run.from) * subject.now.binMs) / 60_000
  return reaction(subject, run, {
    rule: 'outage',
    measured: 0,
    limit: least,
    words: `has had no request for ${minutes} minutes; on each of ${past.length} days before there were ${Math.round(least)} or more at this time`,
  })
}

/** A share of the requests that is reached over the whole run and in most of its bins. */
function shareRule(
  subject: Subject,
  run: Run,
  {
    rule,
    column,
    percentMin,
  }: {
    readonly rule: Reaction['rule']
    readonly column: 'errors' | 'throttled'
    readonly percentMin: number
  },
): Reaction | null {
  const { offered, throttled, [column]: failed } = subject.now
  // A throttled request is one that was offered and not tried: it can't have failed.
  const of = column === 'throttled' ? offered : offered.map((count, bin) => count - (throttled[bin] || 0))
  const all = sumIn(of, run).sum
  const share = (sumIn(failed, run).sum / all) * 100
  if (all < REQUESTS_MIN || !(share >= percentMin)) return null
  let busy = 0
  let over = 0
  for (let bin = run.from; bin < run.to; bin += 1) {
    if (!((of[bin] ?? 0) > 0)) continue
    busy += 1
    if (((failed[bin] ?? 0) / (of[bin] ?? 1)) * 100 >= percentMin) over += 1
  }
  if (over < busy * SUSTAINED_SHARE_MIN) return null
  const verb = column === 'errors' ? 'fails' : 'throttles'
  const minutes = ((run.to - run.from) * subject.now.binMs) / 60_000
  return reaction(subject, run, {
    rule,
    measured: share,
    limit: percentMin,
    words: `${verb} ${percent(share)} of its requests over ${minutes} minutes, in ${over} of ${busy} bins as much as ${percent(percentMin)}`,
  })
}

/**
 * Less served in the last hour than a share of the least of the same hours before. Work must be there to be served: where
 * requests in flight are measured they must not have left too, else a whole week must be known, and a stamp be meant.
 */
function lowThroughput(subject: Subject, policy: Policy): Reaction | null {
  const { now } = subject
  const bins = { from: 0, to: now.offered.length }
  const enough = (counts: LoadCounts, column: Float64Array) =>
    sumIn(column, { from: 0, to: counts.offered.length }).known >= bins.to * KNOWN_SHARE_MIN
  const days = subject.past.filter((day) => enough(day, day.offered))
  if (days.length < PAST_DAYS_MIN || !enough(now, now.offered)) return null
  const inBytes = [now, ...days].every((day) => enough(day, day.bytes))
  const served = (day: LoadCounts) =>
    inBytes ? sumIn(day.bytes, bins).sum : sumIn(day.offered, bins).sum - sumIn(day.throttled, bins).sum
  const least = Math.min(...days.map(served))
  const limit = (least * policy.throughputPercent) / 100
  const requests = Math.min(...days.map((day) => sumIn(day.offered, bins).sum))
  if (requests < REQUESTS_MIN || !(served(now) < limit)) return null

  const measured = [now, ...days].every((day) => enough(day, day.inFlight))
  const waiting = (day: LoadCounts) => sumIn(day.inFlight, bins).sum
  const leastWaiting = Math.min(...days.map(waiting))
  const isThere = measured
    ? waiting(now) >= (leastWaiting * policy.throughputPercent) / 100
    : subject.registry === null && days.length >= WEEK_DAYS
  if (!isThere) return null
  const part = (served(now) / least) * 100
  return reaction(subject, bins, {
    rule: 'low-throughput',
    measured: part,
    limit: policy.throughputPercent,
    words: `served ${percent(part)} of the ${inBytes ? 'bytes' : 'requests'} of the least of ${days.length} days before at this time, below ${percent(policy.throughputPercent)}${measured ? ', with as many requests in flight' : ''}`,
  })
}

function reaction(
  { stamp, registry, now }: Subject,
  { from }: Run,
  found: Pick<Reaction, 'rule' | 'measured' | 'limit' | 'words'>,
): Reaction {
  const who = registry === null ? stamp : `${registry} on ${stamp}`
  const sinceMs = now.startMs + from * now.binMs
  return { stamp: StampId.parse(stamp), registry, sinceMs, ...found, words: `${who} ${found.words}` }
}
