import { z } from 'zod'
import { countStep, type Spread, type Step } from './sequential-test.ts'

/** One measure of a group of replicas in blocks: how many (errors) of how many (requests). NaN is missing or void. */
export interface BlockSeries {
  readonly startMs: number
  readonly blockMs: number
  readonly count: Float64Array
  readonly of: Float64Array
}

const Shares = z.array(z.number())
/** What a group's share was at each time of day before the move, how far it strays by itself, and the same of the unmoved. */
export const Baseline = z.object({
  shares: Shares,
  /** The least share that is worth noticing: less is judged as if it were this. */
  floor: z.number(),
  dispersion: z.number(),
  tolerated: z.number(),
  /** Up to `wobble` times the expected they come by themselves, hour by hour; what is less says nothing. */
  controls: z.object({ shares: Shares, wobble: z.number() }).nullable(),
})
export type Baseline = z.infer<typeof Baseline>

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** A time of day is judged by what was so much earlier and later, too: single blocks hold few events. */
const SMOOTHED_MS = HOUR_MS
/** So many events at the whole past's share are added to each time of day. */
const PRIOR_EVENTS = 10
/** Unmoved ones are compared over the last hour, and their change counts as far as events bear it out. */
const CONTROLS_MS = HOUR_MS
const CONTROLS_PRIOR = 50
/** From so many days on, the past itself tells how far a share drifts from one day to the next. */
const DRIFT_DAYS_MIN = 3
const DRIFT_MS = 6 * HOUR_MS
const TOLERATED_MIN = 1.25
const TOLERATED_UNKNOWN = 1.5
const DEVIATIONS = 2
const DISPERSION_MIN = 0.02

/**
 * Learns from whole days before the move. Each past day is judged by the other ones just as the days after the move will be,
 * controls included; from how far these placebos stray follow the dispersion (moments, of blocks and of hours, since
 * neighbouring blocks resemble each other; the larger counts) and the drift that is tolerated (of quarters of a day).
 */
export function learnBaseline(past: BlockSeries, controls: BlockSeries | null, floor: number): Baseline {
  const days = daysOf(past)
  // A single day has no other one to be judged by: then its own smoothed course has to do.
  const besides = (day: number) => (days.length > 1 ? day : null)
  const wobble = controls ? wobbleOf(controls, days, (day) => profile(controls, besides(day))) : 1
  const baselineFrom = (without: number | null) => ({
    floor,
    shares: profile(past, without),
    controls: controls && { shares: profile(controls, without), wobble },
  })
  const placebos = days.map((day) =>
    expectedOf(past, controls, baselineFrom(besides(day)))
      .slice(indexOf(past, day * DAY_MS), indexOf(past, (day + 1) * DAY_MS))
      .map((block) => block ?? GAP),
  )
  const perHour = HOUR_MS / past.blockMs
  const drift = DRIFT_MS / past.blockMs
  const excess = (blocks: number) => excessOf(placebos, { blocks, drift })
  return {
    ...baselineFrom(null),
    dispersion: Math.max(DISPERSION_MIN, excess(1), excess(perHour) * perHour),
    tolerated: toleratedOf(placebos, past.blockMs),
  }
}

/** How far the unmoved ones' change of an hour strays by itself: twice its root mean square, as a multiple. */
function wobbleOf(
  controls: BlockSeries,
  days: readonly number[],
  sharesOn: (day: number) => readonly number[],
): number {
  const logs = days.flatMap((day) =>
    Array.from(changeOf(controls, sharesOn(day)), Math.log).slice(
      indexOf(controls, day * DAY_MS),
      indexOf(controls, (day + 1) * DAY_MS),
    ),
  )
  return Math.exp(DEVIATIONS * rootMeanSquare(logs))
}

interface Block {
  readonly count: number
  readonly expected: number
}
const GAP: Block = { count: 0, expected: 0 }

/** What would be expected of each block if nothing had changed but what changed for the unmoved ones, too; null is no evidence. */
export function expectedOf(
  now: BlockSeries,
  controls: BlockSeries | null,
  baseline: Pick<Baseline, 'shares' | 'floor' | 'controls'>,
): (Block | null)[] {
  const change = controls && baseline.controls ? changeOf(controls, baseline.controls.shares) : null
  return Array.from(now.count, (count, at) => {
    const share = Math.max(baseline.floor, baseline.shares[timeOfDay(now, at)] ?? 0)
    const of = now.of[at] ?? Number.NaN
    if (Number.isNaN(count) || Number.isNaN(of)) return null
    const shared = change?.[at] ?? 1
    // Worse is what is worse than its own past and than the unmoved ones: their luck takes nothing from its own.
    return { count, expected: of * share * (shared > (baseline.controls?.wobble ?? 1) ? shared : 1) }
  })
}

/** The steps of a sequential test over the blocks since the move. */
export function stepsOf(blocks: readonly (Block | null)[], spread: Spread): Step[] {
  return blocks.map((block) => block && countStep(block, spread))
}

/** For each block how many times as much as expected the unmoved ones had in the hour up to it. */
export function changeOf(controls: BlockSeries, shares: readonly number[]): Float64Array {
  const width = CONTROLS_MS / controls.blockMs
  const change = new Float64Array(controls.count.length)
  const counts = new Float64Array(change.length + 1)
  const expecteds = new Float64Array(change.length + 1)
  for (let at = 0; at < change.length; at += 1) {
    const value = controls.count[at] ?? Number.NaN
    const of = controls.of[at] ?? Number.NaN
    const isMissing = Number.isNaN(value) || Number.isNaN(of)
    const share = shares[timeOfDay(controls, at)] ?? 0
    counts[at + 1] = (counts[at] ?? 0) + (isMissing ? 0 : value)
    expecteds[at + 1] = (expecteds[at] ?? 0) + (isMissing ? 0 : of * share)
    const hourOf = (sums: Float64Array) => (sums[at + 1] ?? 0) - (sums[Math.max(0, at - width + 1)] ?? 0)
    change[at] = (CONTROLS_PRIOR + hourOf(counts)) / (CONTROLS_PRIOR + hourOf(expecteds))
  }
  return change
}

function profile(series: BlockSeries, without: number | null): number[] {
  const slots = DAY_MS / series.blockMs
  const counts = new Float64Array(slots)
  const ofs = new Float64Array(slots)
  for (let at = 0; at < series.count.length; at += 1) {
    const value = series.count[at] ?? Number.NaN
    const of = series.of[at] ?? Number.NaN
    if (Number.isNaN(value) || Number.isNaN(of) || dayOf(series, at) === without) continue
    const slot = timeOfDay(series, at)
    counts[slot] = (counts[slot] ?? 0) + value
    ofs[slot] = (ofs[slot] ?? 0) + of
  }
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)
  const overall = sum(counts) / Math.max(1, sum(ofs))
  const wide = SMOOTHED_MS / series.blockMs
  const count = around(counts, wide)
  const of = around(ofs, wide)
  return Array.from(
    count,
    (value, slot) => (value + PRIOR_EVENTS) / ((of[slot] ?? 0) + PRIOR_EVENTS / overall),
  )
}

/** Sums over a ring, `wide` places to both sides. */
function around(values: Float64Array, wide: number): Float64Array {
  const size = values.length
  return values.map((_, at) => {
    let sum = 0
    for (let by = -wide; by <= wide; by += 1) sum += values[(at + by + size) % size] ?? 0
    return sum
  })
}

/**
 * How much more the counts of `blocks` together vary than chance would have it, as a share of the square of their mean.
 * They are measured about their own quarter of a day: what drifts more slowly is what `tolerated` is for.
 */
function excessOf(
  placebos: readonly (readonly Block[])[],
  { blocks, drift }: { readonly blocks: number; readonly drift: number },
): number {
  let excess = 0
  let squares = 0
  const freedom = 1 - blocks / drift
  for (const quarter of placebos.flatMap((day) => chunksOf(day, drift))) {
    const { count, expected } = total(quarter)
    const level = expected > 0 ? count / expected : 0
    for (const chunk of chunksOf(quarter, blocks)) {
      const part = total(chunk)
      excess += (part.count - level * part.expected) ** 2 / freedom - level * part.expected
      squares += (level * part.expected) ** 2
    }
  }
  return squares > 0 ? Math.max(0, excess / squares) : 0
}

function toleratedOf(placebos: readonly (readonly Block[])[], blockMs: number): number {
  if (placebos.length < DRIFT_DAYS_MIN) return TOLERATED_UNKNOWN
  const spans = placebos.flatMap((day) => chunksOf(day, DRIFT_MS / blockMs)).map(total)
  const drifts = spans
    .filter(({ expected }) => expected > 0)
    .map(({ count, expected }) => Math.log((count + PRIOR_EVENTS) / (expected + PRIOR_EVENTS)))
  return Math.max(TOLERATED_MIN, Math.exp(DEVIATIONS * rootMeanSquare(drifts)))
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length))
}

function chunksOf(blocks: readonly Block[], size: number): Block[][] {
  const chunks: Block[][] = []
  for (let at = 0; at + size <= blocks.length; at += size) chunks.push(blocks.slice(at, at + size))
  return chunks
}

function total(blocks: readonly Block[]): Block {
  return {
    count: blocks.reduce((sum, block) => sum + block.count, 0),
    expected: blocks.reduce((sum, block) => sum + block.expected, 0),
  }
}

function timeOfDay({ startMs, blockMs }: BlockSeries, at: number): number {
  return Math.floor(((startMs + at * blockMs) % DAY_MS) / blockMs)
}

function dayOf({ startMs, blockMs }: BlockSeries, at: number): number {
  return Math.floor((startMs + at * blockMs) / DAY_MS)
}

function indexOf({ startMs, blockMs }: BlockSeries, atMs: number): number {
  return Math.max(0, (atMs - startMs) / blockMs)
}

function daysOf(series: BlockSeries): number[] {
  const days = new Set<number>()
  for (let at = 0; at < series.count.length; at += 1)
    if (!Number.isNaN(series.count[at])) days.add(dayOf(series, at))
  return [...days]
}
