import fc from 'fast-check'
import type { AutonomyStep } from '../../src/domain/autonomy.ts'
import type { Mishap } from './model-region.ts'

const HOUR_MS = 3_600_000
type Plan = { readonly plan: number }
export type Action =
  | ({
      readonly kind: 'approve'
      readonly by: string
      readonly gates: 'next' | 'all'
      readonly forMs: number | null
    } & Plan)
  | ({ readonly kind: 'approveOwn' } & Plan)
  | ({ readonly kind: 'contradict' } & Plan)
  | ({ readonly kind: 'reject'; readonly by: string } & Plan)
  | ({ readonly kind: 'order'; readonly name: 'hold' | 'resume' | 'abort' } & Plan)
  | ({ readonly kind: 'rollback'; readonly what: 'plan' | 'gate' | 'phase' } & Plan)
  | ({ readonly kind: 'skip'; readonly at: number } & Plan)
  | ({ readonly kind: 'observation'; readonly set: 'extend' | 'end' } & Plan)
  | ({ readonly kind: 'start' } & Plan)
  | { readonly kind: 'switch'; readonly scope: string; readonly setting: 'off' | 'noNewMoves' | 'freeze' }
  | { readonly kind: 'lift' }
  | ({ readonly kind: 'autonomy'; readonly by: string } & Pick<AutonomyStep, 'phase' | 'step'>)
  | { readonly kind: 'emergency' }
  | { readonly kind: 'frozen'; readonly replica: number; readonly stamp: number; readonly ms: number }
  | { readonly kind: 'interlocksEnd' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'foreignRebind'; readonly replica: number; readonly stamp: number }
  | { readonly kind: 'interlock'; readonly what: 'stamp' | 'optOut' | 'region'; readonly at: number }
  | { readonly kind: 'badDestination'; readonly isBad: boolean }
  | { readonly kind: 'gap'; readonly at: number; readonly hours: number }
  | { readonly kind: 'slowDrain'; readonly replica: number }
  | { readonly kind: 'rebindFails'; readonly when: Mishap }
  | { readonly kind: 'unreadable'; readonly ms: number }
  | { readonly kind: 'pass'; readonly ms: number }

type Rest<K extends Action['kind']> = Omit<Extract<Action, { kind: K }>, 'kind'>
const plan = fc.constantFrom(0, 0, 0, 0, 1, 2, 3)

/** Actions of one kind; the fields are drawn in the order in which they are given. */
function of<K extends Action['kind']>(kind: K, rest: { [P in keyof Rest<K>]: fc.Arbitrary<Rest<K>[P]> }) {
  return fc.record<Rest<K>>(rest).map((drawn) => ({ kind, ...drawn }) as unknown as Action)
}
const kind = (name: 'lift' | 'interlocksEnd' | 'crash' | 'emergency'): fc.Arbitrary<Action> =>
  fc.constant({ kind: name })

/** What people do in every course to get plans on. */
const driving = fc.oneof(
  {
    weight: 6,
    arbitrary: of('approve', {
      plan,
      by: fc.constantFrom('approver', 'approver', 'deputy'),
      gates: fc.constantFrom('next', 'all'),
      forMs: fc.constantFrom(null, null, 20 * 60_000),
    }),
  },
  { weight: 3, arbitrary: of('order', { plan, name: fc.constant('resume' as const) }) },
  { weight: 2, arbitrary: of('start', { plan: fc.constantFrom(1, 2, 3) }) },
)

/** Kinds of trouble. A course has a few of them, so that a short one goes deep into what they do to each other. */
const troubles = {
  answers: fc.oneof(
    of('contradict', { plan }),
    of('approveOwn', { plan }),
    of('reject', { plan, by: fc.constantFrom('approver', 'deputy') }),
  ),
  expiries: of('approve', {
    plan,
    by: fc.constantFrom('approver', 'deputy'),
    gates: fc.constantFrom('next', 'all'),
    forMs: fc.constantFrom(20 * 60_000, 2 * HOUR_MS),
  }),
  holds: of('order', { plan, name: fc.constantFrom('hold', 'resume') }),
  aborts: of('order', { plan, name: fc.constant('abort' as const) }),
  rollbacks: of('rollback', { plan, what: fc.constantFrom('plan', 'gate', 'phase') }),
  skips: of('skip', { plan, at: fc.nat({ max: 3 }) }),
  observations: of('observation', { plan, set: fc.constantFrom('extend', 'end') }),
  switches: fc.oneof(
    of('switch', {
      scope: fc.constantFrom('*', 'here', 'there'),
      setting: fc.constantFrom('off', 'noNewMoves', 'freeze'),
    }),
    kind('lift'),
  ),
  frosts: of('frozen', {
    replica: fc.nat({ max: 5 }),
    stamp: fc.nat({ max: 2 }),
    ms: fc.constantFrom(60_000, 600_000, 26 * HOUR_MS),
  }),
  strangers: fc.oneof(
    of('foreignRebind', { replica: fc.nat({ max: 5 }), stamp: fc.nat({ max: 2 }) }),
    of('rebindFails', { when: fc.constantFrom('stolen', 'taken', 'robbed') }),
  ),
  failures: fc.oneof(
    of('rebindFails', { when: fc.constantFrom('before', 'after') }),
    of('unreadable', { ms: fc.constantFrom(1_000, 60_000) }),
    kind('crash'),
  ),
  interlocks: fc.oneof(
    of('interlock', { what: fc.constantFrom('stamp', 'optOut', 'region'), at: fc.nat({ max: 3 }) }),
    kind('interlocksEnd'),
  ),
  harm: of('badDestination', { isBad: fc.constantFrom(true, true, false) }),
  gaps: of('gap', { at: fc.nat({ max: 2 }), hours: fc.constantFrom(1, 2, 3, 12) }),
  laggards: of('slowDrain', { replica: fc.nat({ max: 5 }) }),
  emergencies: kind('emergency'),
  raises: of('autonomy', {
    by: fc.constantFrom('operator', 'approver', 'deputy'),
    phase: fc.constantFrom('tail', 'medium', 'top'),
    step: fc.constantFrom('asked', 'confirmed', 'withdrawn'),
  }),
} satisfies Record<string, fc.Arbitrary<Action>>
const NAMES = Object.keys(troubles) as (keyof typeof troubles)[]

const [SECOND_MS, MINUTE_MS] = [1_000, 60_000]
const time = of('pass', {
  ms: fc.constantFrom(
    ...[SECOND_MS, 20 * SECOND_MS, MINUTE_MS, MINUTE_MS, 3 * MINUTE_MS, 3 * MINUTE_MS],
    ...[10 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, HOUR_MS, 5 * HOUR_MS, 26 * HOUR_MS],
  ),
})

/** What people, the platform and the clock do, in random order. */
export const courses: fc.Arbitrary<readonly Action[]> = fc
  .subarray(NAMES, { minLength: 2, maxLength: 4 })
  .chain((names) =>
    fc.array(
      fc.oneof(
        { weight: 3, arbitrary: driving },
        { weight: 4, arbitrary: fc.oneof(...names.map((name) => troubles[name])) },
        { weight: 5, arbitrary: time },
      ),
      { minLength: 8, maxLength: 16 },
    ),
  )
