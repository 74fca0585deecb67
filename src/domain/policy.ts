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
    hotPercent: Percent.default(70).describe('A pool is hot from this hot-node P95 on, percent.'),
    targetPercent: Percent.default(60).describe(
      'Plans bring hot pools down to this hot-node P95, and predict nobody else above it.',
    ),
    coolPointsBelowHot: Percent.default(10).describe(
      'So many points below hot a pool counts as cool; between the two it is warm.',
    ),
    dominance: Percent.default(50).describe(
      'A customer dominates a shared stamp from this share of a pool’s load on, percent, at any CPU level.',
    ),
    minCoverage: z
      .number()
      .min(0)
      .max(1)
      .default(0.95)
      .describe('A window with a smaller part of its minutes known is not judged, 0 to 1.'),
    peakHours: z
      .int()
      .min(1)
      .max(24)
      .default(12)
      .describe('Figures are those of the busiest window of so many hours.'),
    peakStart: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a local time such as 08:00')
      .optional()
      .describe('A given peak window’s local start; without one the window is found.'),
    peakZone: z
      .string()
      .refine(isZone, 'expected a time zone such as Europe/Amsterdam')
      .optional()
      .describe('The time zone of that clock.'),
    errorPercent: Percent.default(5).describe(
      'An incident from this share of failed requests on, percent, for as long as reactFor.',
    ),
    throttlePercent: Percent.default(5).describe(
      'An incident from this share of throttled requests on, percent, for as long as reactFor.',
    ),
    throughputPercent: Percent.default(50).describe(
      'An incident where less than this of the least of past days is served, percent, for as long as reactFor.',
    ),
    reactFor: Duration.default('PT10M').describe('So long one of these has to last.'),
    errorBudgetPercent: Percent.default(1).describe(
      'Above this share of failed requests over errorBudgetFor no routine move is planned; 100 is off.',
    ),
    errorBudgetFor: Duration.default('P7D').describe('The span of the error budget.'),
    tailPercent: Percent.default(1).describe(
      'The lightest registries that have this share of the moved load together, percent, are the tail, which moves first.',
    ),
    topPercent: Percent.default(90).describe(
      'The fewest registries with this share of the moved load, percent, are top talkers, which move last and one by one.',
    ),
    breakTimes: z
      .number()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Replicas whose loads differ by less than this factor are of one phase, 2 where absent; at 1 the limits are exact.',
      ),
    mediumBatchMax: z
      .int()
      .min(1)
      .max(1000)
      .default(3)
      .describe('So many registries move together in the medium phase.'),
    movesMax: z.int().min(1).max(100_000).default(200).describe('A plan has so many moves at most.'),
    replicasMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(100_000)
      .describe('A stamp has so many replicas at most.'),
    faultDomainPercentMax: Percent.default(100).describe(
      'One customer’s load in one fault domain at most, percent.',
    ),
    cutoversMax: z
      .int()
      .min(1)
      .max(100)
      .default(10)
      .describe('So many registries are cut over at the same time.'),
    observeTail: Duration.default('PT1H').describe('How long a batch of the tail is observed.'),
    observeMedium: Duration.default('PT24H').describe('How long a batch of the medium phase is observed.'),
    observeTop: Duration.default('PT48H').describe('How long a top talker is observed.'),
    observeRightSize: Duration.optional().describe(
      'How long each lowered minimum is observed, a day where absent: it holds each hour of the peak.',
    ),
    provisionWithin: Duration.optional().describe(
      'How long a new stamp may take until it is healthy, four hours where absent; then it is removed again.',
    ),
    rightSizeStepPercent: z
      .number()
      .min(1)
      .max(50)
      .optional()
      .describe(
        'How much of a minimum one step of right-sizing takes at most, and never less than a node; 20 where absent.',
      ),
    updateDomains: z
      .int()
      .min(2)
      .max(100)
      .optional()
      .describe(
        'How many update domains a pool’s nodes are spread over, 5 where absent: one of them may be gone while a platform updates.',
      ),
    evaluateEvery: Duration.default('PT1H').describe(
      'How often a moved batch is judged while it is observed.',
    ),
    gateDeadline: Duration.default('PT72H').describe(
      'A gate that nobody answered by then holds the run: no answer is no.',
    ),
    remindEvery: Duration.default('PT24H').describe('How often people are reminded of a wait.'),
    escalateBefore: Duration.default('PT12H').describe(
      'So long before its deadline others are told of a wait, too.',
    ),
    evidenceMaxAge: Duration.default('PT1H').describe('An answer may rest on evidence of this age at most.'),
    twoApprovers: z
      .array(z.enum(['provision', 'tail', 'medium', 'top', 'right-size']))
      .default([])
      .describe('Phases whose gates take two different approvers.'),
    readyWithin: Duration.default('PT15M').describe(
      'How long a destination’s nodes may take until they serve; then the move is refused.',
    ),
    warmWithin: Duration.default('PT10M').describe(
      'How long a destination’s cache may take until it is warm; then it is moved to cold.',
    ),
    warmUp: Duration.default('PT15M').describe(
      'So long after a move a pull may be slower without being an alarm. Errors are one at once.',
    ),
    warmUpLatencyTimes: z
      .number()
      .min(1)
      .max(10)
      .default(3)
      .describe('So many times as long as before a pull may take during warm-up.'),
    drainDeadline: Duration.default('PT1H').describe(
      'What an old home still serves by then goes on under a forwarding with an owner and an end.',
    ),
    drainQuietMax: Duration.default('PT10M').describe(
      'The longest that a replica’s own pauses between requests lengthen its drain.',
    ),
    forwardFor: Duration.default('PT24H').describe(
      'How long an old home may go on serving what was still there at the drain’s deadline.',
    ),
    cooldown: Duration.default('P14D').describe(
      'A registry that moved does not move again for so long, but home.',
    ),
    windows: z
      .array(MoveWindow)
      .max(100)
      .default([])
      .describe('When moves may start; outside of them, and where none is listed, nothing does.'),
    freezes: z.array(Freeze).max(100).default([]).describe('Stretches of time in which no move starts.'),
    budgets: Budgets.prefault({}).describe(
      'Moves of a region, and percent of a source stamp’s load, per hour and day at most.',
    ),
    leaseFor: Duration.default('PT6H').describe(
      'How long a run keeps its leases beyond what it waits for, should nothing be heard of it.',
    ),
    autonomy: Autonomy.prefault({}).describe(
      'What each phase may be raised to; raising it takes two people’s record.',
    ),
    topTalkers: z
      .enum(['a person opens their gates', 'no person is needed'])
      .default('a person opens their gates')
      .describe('Top talkers are autonomous only where this is said, too.'),
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
