import fc from 'fast-check'
import { sealPlan } from '../../src/domain/canonical.ts'
import { Fleet } from '../../src/domain/fleet.ts'
import { PlanId, RegistryName, StampId } from '../../src/domain/ids.ts'
import { type MovePhase, type Plan, PlanBody } from '../../src/domain/plan.ts'
import { Policy } from '../../src/domain/policy.ts'

export const REQUESTER = 'operator'
/** A Monday, 07:00 UTC: an hour before the windows of some policies open. */
export const BEGINS_MS = Date.UTC(2026, 10, 2, 7)
/** The sweep that wakes runs and ends forwardings comes by so often: each look asks the hub about each run. */
export const SWEEP_MS = 1_200_000
export const CUSTOMERS = ['acme', 'other'] as const

/** A small world: stamps and replicas, what is allowed, and plans that somebody asked for. */
export interface Setup {
  readonly fleet: Fleet
  /** Of both regions, and of all plans. */
  readonly policy: Policy
  readonly plans: readonly Plan[]
}

const PHASES: MovePhase[] = ['tail', 'medium', 'top']

const policyOf = fc.record({
  hours: fc.constantFrom(['00:00', '24:00'], ['00:00', '24:00'], ['08:00', '18:00']),
  movesPerHour: fc.integer({ min: 1, max: 4 }),
  movesPerDay: fc.integer({ min: 2, max: 12 }),
  percentPerHour: fc.constantFrom(30, 60, 100),
  cutoversMax: fc.integer({ min: 1, max: 3 }),
  twoApprovers: fc.subarray(PHASES, { maxLength: 1 }),
  gateDeadline: fc.constantFrom('PT4H', 'PT12H'),
  drainDeadline: fc.constantFrom('PT5M', 'PT20M'),
  /** Which phases may open their own gates, once two people have raised them. */
  autonomous: fc.constantFrom<MovePhase[]>([], [], ['tail'], PHASES),
})

function policyFrom(given: typeof policyOf extends fc.Arbitrary<infer P> ? P : never): Policy {
  const [from, to] = given.hours
  const { movesPerHour, movesPerDay, percentPerHour } = given
  const { cutoversMax, twoApprovers, gateDeadline, drainDeadline, autonomous } = given
  return Policy.parse({
    windows: [{ from, to }],
    budgets: { movesPerHour, movesPerDay, percentPerHour, percentPerDay: 200 },
    ...{ cutoversMax, gateDeadline, drainDeadline },
    twoApprovers: [...twoApprovers],
    autonomy: Object.fromEntries(autonomous.map((phase) => [phase, 'autonomous'])),
    ...(autonomous.includes('top') ? { topTalkers: 'no person is needed' } : {}),
    ...{ observeTail: 'PT30M', observeMedium: 'PT1H', observeTop: 'PT2H' },
    ...{ forwardFor: 'PT2H', leaseFor: 'PT3H', remindEvery: 'PT6H', escalateBefore: 'PT1H' },
  })
}

export const setups: fc.Arbitrary<Setup> = fc
  .record({
    stamps: fc.integer({ min: 2, max: 3 }),
    tenants: fc.array(
      fc.record({
        home: fc.nat({ max: 1 }),
        geo: fc.boolean(),
        phase: fc.nat({ max: 2 }),
        share: fc.constantFrom(0.05, 0.15, 0.35),
      }),
      { minLength: 2, maxLength: 4 },
    ),
    policy: policyOf,
    raises: fc.boolean(),
  })
  .map(({ stamps, tenants, policy, raises }) => {
    const shared = stamps - 1
    const named = tenants.map(({ home, ...rest }, at) => ({
      ...rest,
      name: `reg${at}`,
      customer: CUSTOMERS[at % 2] ?? 'acme',
      home: `a${home % shared}`,
    }))
    // At most six replicas: of the geo-replicated ones the first two have their second one.
    const geo = named.filter((one) => one.geo).slice(0, 2)
    const fleet = Fleet.parse({
      regions: [
        {
          name: 'here',
          stamps: [...Array.from({ length: shared }, (_, at) => stamp(`a${at}`)), stamp('a9')],
        },
        { name: 'there', stamps: [stamp('b0'), stamp('b9')] },
      ],
      registries: named.map(({ name, customer, home }) => ({
        ...{ name, customer },
        replicas: [
          { region: 'here', homeStamp: home },
          ...(geo.some((one) => one.name === name) ? [{ region: 'there', homeStamp: 'b0' }] : []),
        ],
      })),
    })
    const rules = policyFrom(policy)
    const plans = [
      planOf('plan-first', { region: 'here', to: 'a9', tenants: named, policy: rules, raises }),
      planOf('plan-urgent', {
        ...{ region: 'here', to: 'a9', tenants: named.slice(-2), policy: rules, raises },
        urgency: 'emergency',
      }),
      planOf('plan-again', { region: 'here', to: 'a9', tenants: named.slice(0, 1), policy: rules, raises }),
    ]
    const away = geo.map((one) => ({ ...one, home: 'b0' }))
    return {
      ...{ fleet, policy: rules },
      plans:
        away.length === 0
          ? plans
          : [
              ...plans,
              planOf('plan-there', { region: 'there', to: 'b9', tenants: away, policy: rules, raises }),
            ],
    }
  })

function stamp(id: string) {
  const pool = { role: 'compute', nodes: 1, minNodes: 1, maxNodes: 6, vcpusPerNode: 4 }
  return { id, kind: 'shared', state: 'active', pools: [pool] }
}

interface Wanted {
  readonly region: string
  readonly to: string
  readonly tenants: readonly {
    readonly name: string
    readonly home: string
    readonly phase: number
    readonly share: number
  }[]
  readonly policy: Policy
  readonly raises: boolean
  readonly urgency?: 'emergency'
}

function planOf(id: string, { region, to, tenants, policy, raises, urgency }: Wanted): Plan {
  const moves = tenants
    .toSorted((a, b) => a.phase - b.phase)
    .map(({ name, home, phase, share }, at, all) => ({
      registry: RegistryName.parse(name),
      ...{ from: StampId.parse(home), to: StampId.parse(to), phase: PHASES[phase] ?? 'top', share },
      // Two a batch, but for top talkers.
      batch:
        1 + Math.floor(all.slice(0, at).filter((one) => one.phase === phase).length / (phase === 2 ? 1 : 2)),
      ...{ why: 'the model says so', whyNot: [] },
    }))
  const figures = { hotNodeP95: 20, poolAverage: 20, max: 20 }
  const observe = { tail: policy.observeTail, medium: policy.observeMedium, top: policy.observeTop }
  return sealPlan(
    PlanBody.parse({
      ...{
        id: PlanId.parse(id),
        region,
        customer: null,
        verdict: 'rebalance',
        reason: 'a model',
        blocked: [],
      },
      ...{ madeAtMs: BEGINS_MS, requestedBy: REQUESTER, policy, moves },
      ...(urgency ? { urgency } : {}),
      reverses: moves.map(({ registry, from }) => ({ registry, from: to, to: from })).toReversed(),
      phases: PHASES.filter((name) => moves.some(({ phase }) => phase === name)).map((name) => ({
        name,
        observation: observe[name],
      })),
      pools: [...new Set([to, ...moves.map(({ from }) => from)])].map((name) => ({
        ...{ stamp: name, pool: 'compute', before: figures },
        predicted: { hotNodeP95: 25, low: 20, high: 55 },
        ...(raises && name === to ? { nodes: 4 } : {}),
        ifNothingIsDone: { hotNodeP95: 20, words: 'the same' },
      })),
    }),
  )
}
