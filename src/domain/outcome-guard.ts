import { type Baseline, type BlockSeries, changeOf, expectedOf, stepsOf } from './baseline.ts'
import type { Measure, Reported, Span } from './outcome-blocks.ts'
import type { Evaluation, Finding } from './run.ts'
import { aboveStep, type Evidence, followEvidence } from './sequential-test.ts'

/** Each of the about ten tests of a batch may cry wolf in so many of its windows: together in 1 %. */
export const FALSE_ALARMS_EACH = 0.001
/** A pool's spans of hours, and its neighbours of the same stamp, share a test's chance of a false alarm. */
const POOL_SPANS = 10
const MINUTE_MS = 60_000
/** Sources report a few minutes late; whoever says nothing for longer is silent. */
const SILENT_MS = 15 * MINUTE_MS

/** A group of replicas: the moved ones, or those that share a stamp with them. */
export interface GroupEvidence {
  readonly subject: string
  readonly measure: Measure
  readonly baseline: Baseline
  /** Null where the telemetry no longer has it. */
  readonly now: BlockSeries | null
  readonly controls: BlockSeries | null
  /** So many groups share one test's chance of a false alarm. */
  readonly among: number
}

/** A moved replica: its own traffic since the move, or, where it had too little before, synthetic pulls of each look. */
export type ReplicaEvidence =
  | { readonly kind: 'busy'; readonly registry: string; readonly now: Reported }
  | { readonly kind: 'quiet'; readonly registry: string; readonly pulls: readonly ('ok' | 'failed')[] }

/** A pool's hottest node, minute by minute (NaN is missing or void), and what it must stay below. Percent. */
export interface PoolEvidence {
  readonly subject: string
  readonly limitPercent: number
  readonly limitWords: string
  readonly hot: Float64Array
  readonly binMs: number
  readonly endMs: number
  /** Bins before this index were judged by earlier looks. */
  readonly judgedFrom: number
  readonly hotNodeP95: number | null
  readonly pastHotNodeP95: number | null
  readonly controlsHeatedBy: number | null
  readonly voidMinutes: number
}

export interface OutcomeEvidence {
  readonly sinceMs: number
  readonly atMs: number
  /** How long the policy wants a batch to be observed. */
  readonly windowMs: number
  /** Stretches of time that say nothing, such as a platform's rollout. */
  readonly voids: readonly Span[]
  readonly minCoverage: number
  readonly groups: readonly GroupEvidence[]
  readonly replicas: readonly ReplicaEvidence[]
  readonly pools: readonly PoolEvidence[]
}

/**
 * Judges a moved batch by source, destination and moved replicas: worse as soon as one sequential test says so; not enough
 * evidence while anything that must report is missing; better or equal else. Missing data never passes.
 */
export function judgeOutcome(seen: OutcomeEvidence): Pick<Evaluation, 'verdict' | 'words' | 'findings'> {
  const findings = [
    ...seen.groups.map((group) => groupFinding(group, seen)),
    ...seen.replicas.map((replica) => replicaFinding(replica, seen)),
    ...seen.pools.map((pool) => poolFinding(pool, seen.minCoverage)),
  ]
  const of = (kind: Finding['kind']) => findings.filter((finding) => finding.kind === kind)
  const words = (some: readonly Finding[]) => some.map((finding) => finding.words).join('; ')
  if (of('worse').length > 0) return { verdict: 'worse', words: words(of('worse')), findings }
  if (findings.length === 0) return { verdict: 'notEnoughEvidence', words: 'nothing was measured', findings }
  if (of('missing').length > 0) {
    return { verdict: 'notEnoughEvidence', words: words(of('missing')), findings }
  }
  return {
    verdict: 'betterOrEqual',
    words: words(findings.filter(({ measure }) => measure === 'hot node')),
    findings,
  }
}

function groupFinding(group: GroupEvidence, seen: OutcomeEvidence): Finding {
  const { baseline, now, controls, subject, measure, among } = group
  if (now === null) {
    const words = `${subject}: ${measure} are no longer measured`
    return { ...NO_FIGURES, kind: 'missing', subject, measure, words }
  }
  const blocks = expectedOf(now, controls, baseline)
  const evidence = followEvidence(stepsOf(blocks, baseline), FALSE_ALARMS_EACH / among)
  const own = expectedOf(now, null, { ...baseline, floor: 0 })
  const of = now.of.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
  const sum = (key: 'count' | 'expected') => own.reduce((total, block) => total + (block?.[key] ?? 0), 0)
  const change =
    controls && baseline.controls ? changeOf(controls, baseline.controls.shares).at(-1) : undefined
  const minutes = (blocks.filter((block) => block !== null).length * now.blockMs) / MINUTE_MS
  const figures = {
    before: of > 0 ? sum('expected') / of : null,
    now: of > 0 ? sum('count') / of : null,
    controls: change ?? null,
    minutes,
    voidMinutes: voidMinutes(seen),
  }
  const judged = finding(group, evidence, figures, (value) => shown(measure, value))
  // Blocks are cut to whole ones at both ends.
  const wanted = Math.floor(minutesWanted(seen) - (2 * now.blockMs) / MINUTE_MS)
  if (judged.kind === 'worse' || (minutes > 0 && minutes >= wanted)) return judged
  const words = `${subject}: ${measure} in ${minutes} of ${wanted} minutes wanted, ${figures.voidMinutes} void`
  return { ...judged, kind: 'missing', words }
}

/** Minutes that must have been counted: void ones and gaps have to be made up for by observing longer. */
function minutesWanted({ minCoverage, windowMs, atMs, sinceMs }: OutcomeEvidence): number {
  return (minCoverage * Math.min(windowMs, atMs - sinceMs)) / MINUTE_MS
}

function finding(
  { subject, measure }: { readonly subject: string; readonly measure: string },
  evidence: Evidence,
  figures: Pick<Finding, 'before' | 'now' | 'controls' | 'minutes' | 'voidMinutes'>,
  show: (value: number | null) => string,
  limit = '',
): Finding {
  const controls =
    figures.controls === null
      ? 'no unmoved ones to compare with'
      : `unmoved ones ${controlsWords(measure, figures.controls)}`
  const counted = `${figures.minutes} minutes counted, ${figures.voidMinutes} void`
  const worse = evidence.alarmAt !== null
  const statistic = `evidence ${evidence.greatest.toFixed(1)}, worse from ${evidence.threshold.toFixed(1)}`
  return {
    kind: worse ? 'worse' : 'fine',
    subject,
    measure,
    ...figures,
    evidence: evidence.greatest,
    threshold: evidence.threshold,
    words: worse
      ? `${subject} ${measure} ${show(figures.before)} -> ${show(figures.now)}${limit} (${controls}; ${statistic}; ${counted})`
      : `${subject} ${measure} ${show(figures.before)} -> ${show(figures.now)}`,
  }
}

function controlsWords(measure: string, change: number): string {
  return measure === 'hot node'
    ? `${change >= 0 ? '+' : ''}${change.toFixed(1)} points`
    : `x ${change.toFixed(2)}`
}

function shown(measure: Measure, value: number | null): string {
  if (value === null) return 'n/a'
  // A minute holds 60 request-seconds for each request in flight.
  return measure === 'latency'
    ? `${Math.round(value * MINUTE_MS)} ms`
    : `${(value * 100).toFixed(2)} % of requests`
}

function replicaFinding(replica: ReplicaEvidence, seen: OutcomeEvidence): Finding {
  if (replica.kind === 'quiet') {
    const among = seen.replicas.filter(({ kind }) => kind === 'quiet').length
    return pullFinding(replica.registry, replica.pulls, among)
  }
  const { registry, now } = replica
  const wanted = minutesWanted(seen)
  const lastMs = now.lastMs ?? seen.sinceMs
  const isSilent = seen.atMs - lastMs > SILENT_MS
  const enough = now.minutes > 0 && now.minutes >= Math.floor(wanted) - 1 && !isSilent
  const figures = { minutes: now.minutes, voidMinutes: voidMinutes(seen) }
  const since = isSilent ? `, silent since ${new Date(lastMs).toISOString()}` : ''
  return {
    ...NO_FIGURES,
    ...figures,
    kind: enough ? 'fine' : 'missing',
    subject: registry,
    measure: 'requests',
    words: enough
      ? `${registry} reported ${now.minutes} minutes`
      : `no load telemetry of ${registry} in ${Math.ceil(wanted - now.minutes)} of ${Math.ceil(wanted)} minutes wanted, ${figures.voidMinutes} void${since}`,
  }
}

const NO_FIGURES = {
  before: null,
  now: null,
  controls: null,
  evidence: 0,
  threshold: 0,
  minutes: 0,
  voidMinutes: 0,
} as const

/** A replica with too little traffic is judged by one pull a look; the last one must have worked. */
function pullFinding(registry: string, pulls: readonly ('ok' | 'failed')[], among: number): Finding {
  const evidence = followEvidence(
    pulls.map((pull) => aboveStep(pull === 'failed' ? 1 : 0)),
    FALSE_ALARMS_EACH / among,
  )
  const failed = pulls.filter((pull) => pull === 'failed').length
  const words = `${failed} of ${pulls.length} synthetic pulls of ${registry} failed`
  const kind = evidence.alarmAt !== null ? 'worse' : pulls.at(-1) === 'ok' ? 'fine' : 'missing'
  return {
    ...NO_FIGURES,
    kind,
    subject: registry,
    measure: 'synthetic pulls',
    now: pulls.length > 0 ? failed / pulls.length : null,
    evidence: evidence.greatest,
    threshold: evidence.threshold,
    words: kind === 'missing' ? `${registry} has too little traffic, and ${words}` : words,
  }
}

const POOL_BLOCK_BINS = 5
/** What a pool's finding measures; its subject is the stamp and the pool's role. */
export const POOL_MEASURE = 'hot node'

function poolFinding(pool: PoolEvidence, minCoverage: number): Finding {
  const present = pool.hot.filter((value) => !Number.isNaN(value)).length
  const voidBins = (pool.voidMinutes * MINUTE_MS) / pool.binMs
  const wanted = pool.hot.length - voidBins
  const evidence = followEvidence(aboveSteps(pool), FALSE_ALARMS_EACH / POOL_SPANS)
  const figures = {
    before: pool.pastHotNodeP95,
    now: pool.hotNodeP95,
    controls: pool.controlsHeatedBy,
    minutes: (present * pool.binMs) / MINUTE_MS,
    voidMinutes: pool.voidMinutes,
  }
  const show = (value: number | null) => (value === null ? 'n/a' : `${value.toFixed(1)} %`)
  const subject = { subject: pool.subject, measure: POOL_MEASURE }
  const seen = finding(
    subject,
    evidence,
    figures,
    show,
    `, ${pool.limitWords} ${pool.limitPercent.toFixed(1)} %`,
  )
  if (seen.kind === 'worse') return seen
  const lastAt = pool.hot.findLastIndex((value) => !Number.isNaN(value))
  const silentBins = pool.hot.length - 1 - lastAt
  const isSilent = silentBins * pool.binMs > SILENT_MS
  const isKnown = present > 0 && present >= Math.ceil(minCoverage * wanted) && !isSilent
  if (isKnown && (pool.hotNodeP95 ?? 0) < pool.limitPercent) return seen
  if (isKnown) return { ...seen, kind: 'missing', words: `${seen.words}, but not for long enough to be sure` }
  const since = isSilent
    ? `, silent since ${new Date(pool.endMs - silentBins * pool.binMs).toISOString()}`
    : ''
  const words = `too few minutes of telemetry from ${pool.subject}: ${present} of ${wanted} bins${since}`
  return { ...seen, kind: 'missing', words }
}

function aboveSteps({ hot, judgedFrom, limitPercent }: PoolEvidence) {
  const steps = []
  for (let from = judgedFrom; from < hot.length; from += POOL_BLOCK_BINS) {
    const block = hot.slice(from, from + POOL_BLOCK_BINS).filter((value) => !Number.isNaN(value))
    const above = block.filter((value) => value >= limitPercent).length
    steps.push(block.length > 0 ? aboveStep(above / block.length) : null)
  }
  return steps
}

function voidMinutes({ voids, sinceMs, atMs }: OutcomeEvidence): number {
  const overlap = ({ startMs, endMs }: Span) =>
    Math.max(0, Math.min(endMs, atMs) - Math.max(startMs, sinceMs))
  return Math.round(voids.reduce((sum, one) => sum + overlap(one), 0) / MINUTE_MS)
}
