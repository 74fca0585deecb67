import fc from 'fast-check'

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
  | { readonly kind: 'frozen'; readonly replica: number; readonly stamp: number; readonly ms: number }
  | { readonly kind: 'interlocksEnd' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'foreignRebind'; readonly replica: number; readonly stamp: number }
  | { readonly kind: 'interlock'; readonly what: 'stamp' | 'optOut' | 'region'; readonly at: number }
  | { readonly kind: 'badDestination'; readonly isBad: boolean }
  | { readonly kind: 'gap'; readonly at: number; readonly hours: number }
  | { readonly kind: 'slowDrain'; readonly replica: number }
  | { readonly kind: 'rebindFails'; readonly when: 'before' | 'after' | 'stolen' | 'taken' }
  | { readonly kind: 'unreadable'; readonly ms: number }
  | { readonly kind: 'pass'; readonly ms: number }

type Rest<K extends Action['kind']> = Omit<Extract<Action, { kind: K }>, 'kind'>
const plan = fc.constantFrom(0, 0, 0, 0, 1, 2, 3)

/** Actions of one kind; the fields are drawn in the order in which they are given. */
function of<K extends Action['kind']>(kind: K, rest: { [P in keyof Rest<K>]: fc.Arbitrary<Rest<K>[P]> }) {
  return fc.record<Rest<K>>(rest).map((drawn) => ({ kind, ...drawn }) as unknown as Action)
}
const kind = (name: 'lift' | 'interlocksEnd' | 'crash'): fc.Arbitrary<Action> => fc.constant({ kind: name })

const people = fc.oneof(
  { weight: 1, arbitrary: of('contradict', { plan }) },
  {
    weight: 12,
    arbitrary: of('approve', {
      plan,
      by: fc.constantFrom('approver', 'approver', 'deputy'),
      gates: fc.constantFrom('next', 'next', 'all'),
      forMs: fc.constantFrom(null, null, null, 20 * 60_000, 2 * HOUR_MS),
    }),
  },
  { weight: 1, arbitrary: of('approveOwn', { plan }) },
  { weight: 1, arbitrary: of('reject', { plan, by: fc.constantFrom('approver', 'deputy') }) },
  { weight: 2, arbitrary: of('order', { plan, name: fc.constantFrom('hold', 'resume') }) },
  { weight: 4, arbitrary: of('order', { plan, name: fc.constant('resume' as const) }) },
  { weight: 1, arbitrary: of('order', { plan, name: fc.constant('abort' as const) }) },
  { weight: 2, arbitrary: of('rollback', { plan, what: fc.constantFrom('plan', 'gate', 'phase') }) },
  { weight: 1, arbitrary: of('skip', { plan, at: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: of('observation', { plan, set: fc.constantFrom('extend', 'end') }) },
  { weight: 3, arbitrary: of('start', { plan: fc.constantFrom(1, 1, 2, 3) }) },
  {
    weight: 3,
    arbitrary: of('switch', {
      scope: fc.constantFrom('*', 'here', 'there'),
      setting: fc.constantFrom('off', 'noNewMoves', 'freeze'),
    }),
  },
  { weight: 3, arbitrary: kind('lift') },
)

const world = fc.oneof(
  {
    weight: 2,
    arbitrary: of('frozen', {
      replica: fc.nat({ max: 5 }),
      stamp: fc.nat({ max: 2 }),
      ms: fc.constantFrom(60_000, 600_000),
    }),
  },
  { weight: 2, arbitrary: of('foreignRebind', { replica: fc.nat({ max: 5 }), stamp: fc.nat({ max: 2 }) }) },
  {
    weight: 2,
    arbitrary: of('interlock', {
      what: fc.constantFrom('stamp', 'optOut', 'region'),
      at: fc.nat({ max: 3 }),
    }),
  },
  { weight: 2, arbitrary: kind('interlocksEnd') },
  { weight: 3, arbitrary: of('badDestination', { isBad: fc.constantFrom(true, true, false) }) },
  { weight: 1, arbitrary: of('gap', { at: fc.nat({ max: 2 }), hours: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: of('slowDrain', { replica: fc.nat({ max: 5 }) }) },
  {
    weight: 1,
    arbitrary: of('rebindFails', { when: fc.constantFrom('before', 'after', 'stolen', 'taken') }),
  },
  { weight: 1, arbitrary: of('unreadable', { ms: fc.constantFrom(1_000, 60_000) }) },
  { weight: 2, arbitrary: kind('crash') },
)

const time = of('pass', {
  ms: fc.constantFrom(
    1_000,
    20_000,
    60_000,
    60_000,
    180_000,
    180_000,
    600_000,
    600_000,
    1_800_000,
    HOUR_MS,
    HOUR_MS,
    5 * HOUR_MS,
    26 * HOUR_MS,
  ),
})

const action = fc.oneof(
  { weight: 10, arbitrary: people },
  { weight: 4, arbitrary: world },
  { weight: 12, arbitrary: time },
)

/** What people, the platform and the clock do, in random order. */
export const courses: fc.Arbitrary<readonly Action[]> = fc.array(action, { minLength: 16, maxLength: 32 })
