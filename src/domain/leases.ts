import { z } from 'zod'
import { PlanId, RegionName, replicaId } from './ids.ts'
import type { Plan } from './plan.ts'

/** What one plan holds, until when. `fence` grows with each new holder: what was begun under an older one is over. */
export const Hold = z.object({
  planId: PlanId,
  urgency: z.enum(['routine', 'emergency']),
  fence: z.int(),
  takenAtMs: z.int(),
  untilMs: z.int(),
  resources: z.array(z.string()),
})
export type Hold = z.infer<typeof Hold>

/** All leases of a region in one document, so that a plan gets all that it needs by one write, or nothing. */
export const LeaseBook = z.object({ region: RegionName, fence: z.int(), holds: z.array(Hold) })
export type LeaseBook = z.infer<typeof LeaseBook>

/** What a plan holds while it runs: its replicas, the pools of the stamps that it moves them off and on, and those that it lowers. */
export function resourcesOf(plan: Pick<Plan, 'moves' | 'lowerings' | 'pools' | 'region'>): string[] {
  const stamps = new Set<string>(plan.moves.flatMap(({ from, to }) => [from, to]))
  const pools = [
    ...plan.pools.flatMap(({ stamp, pool }) => (stamps.has(stamp) ? [poolResource(stamp, pool)] : [])),
    ...(plan.lowerings ?? []).map(({ stamp, pool }) => poolResource(stamp, pool)),
  ]
  return [
    ...plan.moves.map(({ registry }) => replicaResource(registry, plan.region)),
    ...new Set(pools),
  ].toSorted()
}

export function poolResource(stamp: string, pool: string): string {
  return `stamp/${stamp}/${pool}`
}

export function replicaResource(registry: string, region: string): string {
  return `replica/${replicaId(registry, region)}`
}

export interface LeaseAsk {
  readonly planId: PlanId
  readonly urgency: Hold['urgency']
  readonly resources: readonly string[]
  readonly untilMs: number
  readonly atMs: number
}

export type Taking =
  | { readonly kind: 'taken'; readonly book: LeaseBook; readonly hold: Hold }
  /** Others hold some of it, and nothing was changed. */
  | { readonly kind: 'held'; readonly by: readonly Hold[] }

/**
 * Gives a plan all that it asks for, or nothing. Who holds it already goes on under the same fence; a lease whose time is
 * over is anybody's, and its old holder's as long as nobody else took it.
 */
export function takeLeases(book: LeaseBook, ask: LeaseAsk): Taking {
  const rivals = book.holds.filter(
    (hold) => hold.planId !== ask.planId && hold.resources.some((one) => ask.resources.includes(one)),
  )
  const by = rivals.filter(({ untilMs }) => untilMs > ask.atMs)
  if (by.length > 0) return { kind: 'held', by }
  const mine = book.holds.find(({ planId }) => planId === ask.planId)
  const fence = mine?.fence ?? book.fence + 1
  const hold: Hold = {
    planId: ask.planId,
    urgency: ask.urgency,
    fence,
    takenAtMs: mine?.takenAtMs ?? ask.atMs,
    untilMs: Math.max(ask.untilMs, mine?.untilMs ?? 0),
    resources: [...new Set([...(mine?.resources ?? []), ...ask.resources])].toSorted(),
  }
  const others = book.holds.filter((each) => each !== mine && !rivals.includes(each))
  return {
    kind: 'taken',
    hold,
    book: { ...book, fence: Math.max(book.fence, fence), holds: [...others, hold] },
  }
}

/** The book without what some plans hold. */
export function withoutHolds(book: LeaseBook, planIds: readonly string[]): LeaseBook {
  return { ...book, holds: book.holds.filter(({ planId }) => !planIds.includes(planId)) }
}

/** A holder in words, for whoever waits for it. */
export function holdWords({ planId, urgency, untilMs }: Hold): string {
  return `${urgency} plan ${planId} holds it, until ${new Date(untilMs).toISOString()} if it does not go on`
}
