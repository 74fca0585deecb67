import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BlockSeries, learnBaseline } from '../../src/domain/baseline.ts'
import { BLOCK_MS } from '../../src/domain/outcome-blocks.ts'
import {
  type GroupEvidence,
  judgeOutcome,
  type OutcomeEvidence,
  type PoolEvidence,
  type ReplicaEvidence,
} from '../../src/domain/outcome-guard.ts'
import { poisson, seeded } from './seeded-counts.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_BLOCKS = 288
const MOVED_MS = Date.UTC(2026, 10, 2)
const REQUESTS = 4000
const SHARE = 0.01

/** Errors of a group, so many times the usual share of its requests. */
function errorsOf(startMs: number, blocks: number, times: number, draw: () => number): BlockSeries {
  const count = Float64Array.from({ length: blocks }, () => poisson(REQUESTS * SHARE * times, draw))
  return { startMs, blockMs: BLOCK_MS, count, of: new Float64Array(blocks).fill(REQUESTS) }
}

/** Errors of moved registries and unmoved ones over some hours since the move, in multiples of their past. */
function errors(times: { moved: number; unmoved?: number; hours?: number; seed?: number }): GroupEvidence {
  const draw = seeded(times.seed ?? 1)
  const startMs = MOVED_MS - 7 * DAY_BLOCKS * BLOCK_MS
  const [past, pastUnmoved] = [1, 1].map((one) => errorsOf(startMs, 7 * DAY_BLOCKS, one, draw))
  if (!past || !pastUnmoved) throw new Error('there is a past')
  const blocks = (times.hours ?? 2) * 12
  return {
    subject: 'moved registries',
    measure: 'errors',
    among: 1,
    baseline: learnBaseline(past, pastUnmoved, 0.001),
    now: errorsOf(MOVED_MS, blocks, times.moved, draw),
    controls: errorsOf(MOVED_MS, blocks, times.unmoved ?? 1, draw),
  }
}

function pool(hot: readonly number[], more: Partial<PoolEvidence> = {}): PoolEvidence {
  return {
    subject: 'weu-c registry',
    limitPercent: 70,
    limitWords: 'hot from',
    hot: Float64Array.from(hot),
    binMs: MINUTE_MS,
    endMs: MOVED_MS + hot.length * MINUTE_MS,
    judgedFrom: 0,
    hotNodeP95: 40,
    pastHotNodeP95: 30,
    controlsHeatedBy: 0,
    voidMinutes: 0,
    ...more,
  }
}
const minutes = (count: number, percent: number) => Array.from({ length: count }, () => percent)

function judge(seen: Partial<OutcomeEvidence> & { hours?: number }) {
  const atMs = MOVED_MS + (seen.hours ?? 2) * HOUR_MS
  const base = { sinceMs: MOVED_MS, atMs, windowMs: HOUR_MS, voids: [], minCoverage: 0.95 }
  return judgeOutcome({ ...base, groups: [], replicas: [], pools: [pool(minutes(120, 40))], ...seen })
}

const busy = (reported: number, lastMs: number | null): ReplicaEvidence => ({
  kind: 'busy',
  registry: 'acme01',
  now: { requests: 1, minutes: reported, lastMs },
})
const quiet = (...pulls: ('ok' | 'failed')[]): ReplicaEvidence => ({
  kind: 'quiet',
  registry: 'acme40',
  pulls,
})

test('errors as they were are better or equal, under any seed', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      expect(judge({ groups: [errors({ moved: 1, seed })] }).verdict).toBe('betterOrEqual')
    }),
    { numRuns: 30 },
  )
})

test('doubled errors of the moved registries are worse within half an hour, in 90 of 100 windows', () => {
  const found = Array.from({ length: 100 }, (_, seed) =>
    judge({ groups: [errors({ moved: 2, hours: 0.5, seed })], hours: 0.5, pools: [] }),
  ).filter(({ verdict }) => verdict === 'worse')
  expect(found.length).toBeGreaterThanOrEqual(90)
})

test('errors that doubled for the unmoved ones as well are nobody’s move’s doing', () => {
  expect(judge({ groups: [errors({ moved: 2, unmoved: 2, hours: 6 })], hours: 6 }).verdict).toBe(
    'betterOrEqual',
  )
})

test('unmoved ones that got better make no move worse', () => {
  expect(judge({ groups: [errors({ moved: 1, unmoved: 0.3, hours: 6 })], hours: 6 }).verdict).toBe(
    'betterOrEqual',
  )
})

test('what is worse says who, which measure, before, now, the unmoved, the statistic and the minutes', () => {
  const { words, findings } = judge({ groups: [errors({ moved: 3 })] })
  expect(words).toMatch(
    /^moved registries errors (0\.9|1\.0)\d % of requests -> \d\.\d\d % of requests \(unmoved ones x \d\.\d\d; evidence \d+\.\d, worse from 6\.9; 120 minutes counted, 0 void\)$/,
  )
  expect(findings?.[0]).toMatchObject({ kind: 'worse', measure: 'errors', minutes: 120, voidMinutes: 0 })
})

test('a measure that the telemetry no longer has is never health', () => {
  const seen = judge({ groups: [{ ...errors({ moved: 1 }), now: null }] })
  expect(seen).toMatchObject({ verdict: 'notEnoughEvidence' })
  expect(seen.words).toContain('no longer measured')
})

test('nothing at all is never health', () => {
  expect(judge({ pools: [] }).verdict).toBe('notEnoughEvidence')
})

test('a replica that stopped reporting is never health, and the words say since when', () => {
  const lastMs = MOVED_MS + 70 * MINUTE_MS
  const seen = judge({ replicas: [busy(70, lastMs)] })
  expect(seen.verdict).toBe('notEnoughEvidence')
  expect(seen.words).toContain(`silent since ${new Date(lastMs).toISOString()}`)
  expect(judge({ replicas: [busy(0, null)] }).verdict).toBe('notEnoughEvidence')
  expect(judge({ replicas: [busy(119, MOVED_MS + 2 * HOUR_MS)] }).verdict).toBe('betterOrEqual')
})

test('void minutes are no evidence: they have to be made up for', () => {
  const voids = [{ startMs: MOVED_MS, endMs: MOVED_MS + 90 * MINUTE_MS }]
  const some = judge({ voids, replicas: [busy(30, MOVED_MS + 2 * HOUR_MS)] })
  expect(some).toMatchObject({ verdict: 'notEnoughEvidence' })
  expect(some.words).toContain('90 void')
  const later = { hours: 3, pools: [pool(minutes(180, 40))], replicas: [busy(90, MOVED_MS + 3 * HOUR_MS)] }
  expect(judge({ voids, ...later }).verdict).toBe('betterOrEqual')
})

test('a replica with too little traffic passes by pulls alone, and the last one has to work', () => {
  expect(judge({ replicas: [quiet('ok', 'ok')] }).verdict).toBe('betterOrEqual')
  expect(judge({ replicas: [quiet('ok', 'failed')] }).verdict).toBe('notEnoughEvidence')
  expect(judge({ replicas: [quiet()] }).verdict).toBe('notEnoughEvidence')
  expect(judge({ replicas: [quiet('failed', 'failed', 'failed', 'failed')] }).verdict).toBe('worse')
})

test('a destination whose nodes stay above the limit is worse within half an hour', () => {
  const { verdict, words } = judge({ pools: [pool(minutes(20, 75), { hotNodeP95: 75 })] })
  expect(verdict).toBe('worse')
  expect(words).toContain('weu-c registry hot node 30.0 % -> 75.0 %, hot from 70.0 %')
})

test('a few noisy minutes are no hot destination', () => {
  const hot = minutes(120, 40).map((percent, minute) => (minute % 40 === 0 ? 96 : percent))
  expect(judge({ pools: [pool(hot)] }).verdict).toBe('betterOrEqual')
})

test('a destination that is over the limit, but not for long, does not pass', () => {
  const hot = [...minutes(110, 40), ...minutes(10, 90)]
  expect(judge({ pools: [pool(hot, { hotNodeP95: 90 })] }).verdict).toBe('notEnoughEvidence')
})

test('a silent pool is never health, and a pool seen to be worse counts even beside it', () => {
  const silent = pool([...minutes(60, 40), ...minutes(60, Number.NaN)])
  expect(judge({ pools: [silent] })).toMatchObject({ verdict: 'notEnoughEvidence' })
  expect(judge({ pools: [silent] }).words).toContain('60 of 120 bins, silent since')
  expect(judge({ pools: [silent, pool(minutes(120, 90))] }).verdict).toBe('worse')
})

test('any gap of the evidence never turns not enough into better or equal', () => {
  const gaps = fc.array(fc.boolean(), { minLength: 120, maxLength: 120 })
  fc.assert(
    fc.property(gaps, (isGap) => {
      const hot = isGap.map((gap) => (gap ? Number.NaN : 40))
      const present = isGap.filter((gap) => !gap).length
      const { verdict } = judge({ pools: [pool(hot)] })
      if (present < 0.95 * 120) expect(verdict).toBe('notEnoughEvidence')
    }),
  )
})
