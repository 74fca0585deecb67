import { z } from 'zod'
import { CustomerName, RegionName, RegistryName, StampId } from './ids.ts'
import type { Veto } from './movable.ts'
import type { Span } from './outcome-blocks.ts'

/** What outside of Restamp speaks against moving: of a region, or of a stamp, a registry or a customer in it. */
export const Interlock = z.strictObject({
  kind: z.enum(['rollout', 'incident', 'change-ticket', 'opt-out', 'error-budget', 'quota']),
  region: RegionName,
  stamp: StampId.optional(),
  registry: RegistryName.optional(),
  customer: CustomerName.optional(),
  /** Epoch ms; null is without a known end. */
  fromMs: z.int(),
  untilMs: z.int().nullable(),
  words: z.string().min(1).max(500),
})
export type Interlock = z.infer<typeof Interlock>

/** What disturbs telemetry: while it lasts a pool says nothing of a move. */
const DISTURBING: readonly Interlock['kind'][] = ['rollout', 'incident']

/** One move as an interlock sees it. */
export interface Movable {
  readonly registry: string
  readonly customer: string
  readonly stamps: readonly string[]
}

export function isInForce({ fromMs, untilMs }: Interlock, atMs: number): boolean {
  return fromMs <= atMs && (untilMs === null || atMs < untilMs)
}

/** The interlock that keeps a move from starting at an instant, if one does. */
export function interlockAgainst(
  interlocks: readonly Interlock[],
  move: Movable,
  atMs: number,
): Interlock | undefined {
  return interlocks.find(
    (each) =>
      isInForce(each, atMs) &&
      (each.stamp === undefined || move.stamps.includes(each.stamp)) &&
      (each.registry === undefined || each.registry === move.registry) &&
      (each.customer === undefined || each.customer === move.customer),
  )
}

/** What interlocks forbid at an instant, as a plan sees it. */
export function vetoesOf(interlocks: readonly Interlock[], atMs: number): Veto[] {
  return interlocks
    .filter((interlock) => isInForce(interlock, atMs))
    .map(({ kind: rule, words: detail, stamp, customer, registry }) => ({
      rule,
      detail,
      ...(stamp ? { stamp } : {}),
      ...(customer ? { customer } : {}),
      ...(registry ? { registry } : {}),
    }))
}

/** The stretches of an observation that are no evidence, since something disturbed one of its stamps or the whole region. */
export function voidsOf(
  interlocks: readonly Interlock[],
  seen: { readonly stamps: readonly string[]; readonly sinceMs: number; readonly atMs: number },
): Span[] {
  return interlocks
    .filter(
      ({ kind, stamp, registry, customer }) =>
        DISTURBING.includes(kind) &&
        registry === undefined &&
        customer === undefined &&
        (stamp === undefined || seen.stamps.includes(stamp)),
    )
    .map(({ fromMs, untilMs }) => ({
      startMs: Math.max(fromMs, seen.sinceMs),
      endMs: Math.min(untilMs ?? seen.atMs, seen.atMs),
    }))
    .filter(({ startMs, endMs }) => startMs < endMs)
}

/** An interlock in words. */
export function interlockWords({
  kind,
  words,
  stamp,
  registry,
  customer,
  region,
  untilMs,
}: Interlock): string {
  const of = registry ?? customer ?? stamp ?? region
  const until = untilMs === null ? 'until somebody ends it' : `until ${new Date(untilMs).toISOString()}`
  return `${KIND_WORDS[kind]} of ${of} ${until}: ${words}`
}

const KIND_WORDS: Readonly<Record<Interlock['kind'], string>> = {
  rollout: 'a platform rollout',
  incident: 'an open incident',
  'change-ticket': 'a change ticket',
  'opt-out': 'an opt-out',
  'error-budget': 'a spent error budget',
  quota: 'a spent quota',
}
