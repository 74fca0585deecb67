import { z } from 'zod'
import { Autonomy } from './autonomy.ts'
import { Budgets } from './budget.ts'
import { Freeze, MoveWindow } from './calendar.ts'
import { isZone } from './zone.ts'

const UNIT_MS = { W: 604_800_000, D: 86_400_000, H: 3_600_000, M: 60_000, S: 1_000 } as const

/** Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text)
  if (!match || !/\d/.test(text) || text.endsWith('T')) return undefined
  const [, weeks, days, hours, minutes, seconds] = match.map((part) => Number(part ?? 0))
  return (
    (weeks ?? 0) * UNIT_MS.W +
    (days ?? 0) * UNIT_MS.D +
    (hours ?? 0) * UNIT_MS.H +
    (minutes ?? 0) * UNIT_MS.M +
    (seconds ?? 0) * UNIT_MS.S
  )
}

const Duration = z
  .string()
  .refine((text) => durationMs(text) !== undefined, 'expected an ISO 8601 duration such as PT24H')
const Percent = z.number().min(0).max(100)

/**
 * How one region is run; every value has the default of the design. Percent, ISO 8601 durations, counts. A new key is optional
 * and has its default where it is used: one that is written in here would change the digest of every stored plan.
 */
export const Policy = z
  .strictObject({
    hotPercent: Percent.default(70),
    targetPercent: Percent.default(60),
    coolPointsBelowHot: Percent.default(10),
    dominance: Percent.default(50),
    minCoverage: z.number().min(0).max(1).default(0.95),
    peakHours: z.int().min(1).max(24).default(12),
    /** A given peak window's local start and the zone of that clock; without a start the window is found. */
    peakStart: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a local time such as 08:00')
      .optional(),
    peakZone: z.string().refine(isZone, 'expected a time zone such as Europe/Amsterdam').optional(),
    /** Reactive rules: shares of the offered requests, sustained over `reactFor`; served, of the least of past days. */
    errorPercent: Percent.default(5),
    throttlePercent: Percent.default(5),
    throughputPercent: Percent.default(50),
    reactFor: Duration.default('PT10M'),
    /** Above this share of failed requests over the span no routine move is planned; 100 is off. */
    errorBudgetPercent: Percent.default(1),
    errorBudgetFor: Duration.default('P7D'),
    tailPercent: Percent.default(1),
    topPercent: Percent.default(90),
    /** Replicas whose loads differ by less than this factor (2 where absent) are of one phase; at 1 the limits are exact. */
    breakTimes: z.number().min(1).max(100).optional(),
    mediumBatchMax: z.int().min(1).max(1000).default(3),
    /** Moves of one plan, replicas of one stamp, and one customer's load in one fault domain, at most. */
    movesMax: z.int().min(1).max(100_000).default(200),
    replicasMax: z.int().min(1).max(1_000_000).default(100_000),
    faultDomainPercentMax: Percent.default(100),
    cutoversMax: z.int().min(1).max(100).default(10),
    observeTail: Duration.default('PT1H'),
    observeMedium: Duration.default('PT24H'),
    observeTop: Duration.default('PT48H'),
    /** After each lowered minimum, a day where absent: it holds each hour of the peak. */
    observeRightSize: Duration.optional(),
    /** How long a new stamp may take until it is healthy, four hours where absent; then it is removed again. */
    provisionWithin: Duration.optional(),
    /** How much of a minimum one step of right-sizing takes at most, and never less than a node; 20 where absent. */
    rightSizeStepPercent: z.number().min(1).max(50).optional(),
    /** How many update domains a pool's nodes are spread over, 5 where absent: one of them may be gone while a platform updates. */
    updateDomains: z.int().min(2).max(100).optional(),
    evaluateEvery: Duration.default('PT1H'),
    gateDeadline: Duration.default('PT72H'),
    /** People are reminded so often of a wait, and others are told so long before its deadline. */
    remindEvery: Duration.default('PT24H'),
    escalateBefore: Duration.default('PT12H'),
    /** An answer may rest on evidence of this age at most. */
    evidenceMaxAge: Duration.default('PT1H'),
    /** Phases whose gates take two different approvers. */
    twoApprovers: z.array(z.enum(['provision', 'tail', 'medium', 'top', 'right-size'])).default([]),
    /** How long a destination's nodes may take until they serve, and its cache until it is warm; then it is refused, or moved to cold. */
    readyWithin: Duration.default('PT15M'),
    warmWithin: Duration.default('PT10M'),
    /** So long after a move a pull may take this many times as long as before without being an alarm. Errors are one at once. */
    warmUp: Duration.default('PT15M'),
    warmUpLatencyTimes: z.number().min(1).max(10).default(3),
    drainDeadline: Duration.default('PT1H'),
    /** The longest that a replica's own pauses between requests lengthen its drain. */
    drainQuietMax: Duration.default('PT10M'),
    /** How long an old home may go on serving what was still there at the drain's deadline. */
    forwardFor: Duration.default('PT24H'),
    cooldown: Duration.default('P14D'),
    /** When moves may start; outside of them, and where none is listed, nothing does. */
    windows: z.array(MoveWindow).max(100).default([]),
    freezes: z.array(Freeze).max(100).default([]),
    budgets: Budgets.prefault({}),
    /** How long a run keeps its leases beyond what it waits for, should nothing be heard of it. */
    leaseFor: Duration.default('PT6H'),
    /** What may be raised to for each phase; raising it takes two people's record. */
    autonomy: Autonomy.prefault({}),
    /** Top talkers are autonomous only where this is said, too. */
    topTalkers: z
      .enum(['a person opens their gates', 'no person is needed'])
      .default('a person opens their gates'),
  })
  .refine((policy) => policy.coolPointsBelowHot <= policy.hotPercent, {
    path: ['coolPointsBelowHot'],
    message: 'coolPointsBelowHot is more than hotPercent; nothing could ever be cool',
  })
  .refine(
    ({ autonomy, topTalkers }) => autonomy.top !== 'autonomous' || topTalkers === 'no person is needed',
    {
      path: ['autonomy', 'top'],
      message: 'top talkers are autonomous only with "topTalkers": "no person is needed"',
    },
  )
  .refine((policy) => policy.targetPercent <= policy.hotPercent, {
    path: ['targetPercent'],
    message: 'targetPercent is above hotPercent; a plan could then end hot',
  })
  .refine(({ peakStart, peakZone }) => peakZone === undefined || peakStart !== undefined, {
    path: ['peakZone'],
    message: 'peakZone is given without peakStart; say which local time the peak window starts at',
  })
export type Policy = z.infer<typeof Policy>

export const DEFAULT_POLICY: Policy = Policy.parse({})

/** For simulated regions, which no tenant lives in: the defaults, with windows open at all hours. */
export const OPEN_POLICY: Policy = Policy.parse({ windows: [{ from: '00:00', to: '24:00' }] })

/** A policy file: a policy for each region, `*` for all others. Unknown keys are errors. */
export const PolicyFile = z.record(z.string(), Policy)
export type PolicyFile = z.infer<typeof PolicyFile>

export function policyFor(region: string, file: PolicyFile): Policy {
  return file[region] ?? file['*'] ?? DEFAULT_POLICY
}
