import { dayPeaks, forecastPeaks } from './forecast.ts'
import { binMsOf } from './hot-node.ts'
import type { Policy } from './policy.ts'
import type { CpuSamples } from './series.ts'

const DAY_MS = 86_400_000
/** A forecast takes a week of whole days. */
const DAYS_MIN = 7
/** Load must hold for so long: four weeks are as far as a forecast reaches. */
const AHEAD_DAYS = 28
/** A pool of one node is down whenever its node is. */
const NODES_MIN = 2
/** Where the policy does not say. Azure spreads a scale set over five update domains unless told otherwise. */
const UPDATE_DOMAINS = 5
const STEP_PERCENT = 20

/** A pool's peak of the coming weeks, as `atNodes` nodes would show it; or why nobody can tell. */
export type Peak =
  | { readonly kind: 'known'; readonly hotNodeP95: number; readonly high: number; readonly atNodes: number }
  | { readonly kind: 'unknown'; readonly words: string; readonly knownAtMs: number | null }

/** What of a pool's telemetry counts: whole days since its load last changed hands. */
export interface Settled {
  readonly samples: CpuSamples
  readonly sinceMs: number
  readonly nowMs: number
  readonly atNodes: number
}

/**
 * Forecasts the greatest peak of the coming weeks from the whole days since the pool's load last changed hands. Each minute
 * is told at one node count, so that days with more nodes say no less.
 */
export function settledPeak({ samples, sinceMs, nowMs, atNodes }: Settled, policy: Policy): Peak {
  const { peakHours: hours, minCoverage } = policy
  const binMs = binMsOf(samples)
  const days = dayPeaks(samples, { binMs, fromMs: sinceMs, toMs: nowMs, hours, minCoverage, atNodes })
  const known = days.filter(({ hotNodeP95 }) => hotNodeP95 !== null).length
  const outlook = forecastPeaks(days, AHEAD_DAYS)
  if (outlook === null) {
    const wholeAtMs = Math.ceil(sinceMs / DAY_MS) * DAY_MS + DAYS_MIN * DAY_MS
    const words = `${known} of the ${DAYS_MIN} whole days that a forecast takes are there since its load last changed hands`
    return { kind: 'unknown', words, knownAtMs: wholeAtMs > nowMs ? wholeAtMs : null }
  }
  const highest = outlook.days.toSorted((a, b) => b.high - a.high)[0]
  if (!highest) return { kind: 'unknown', words: 'nothing was forecast', knownAtMs: null }
  return { kind: 'known', hotNodeP95: highest.hotNodeP95, high: highest.high, atNodes }
}

/** What a pool would show at a node count: all nodes there, and one update domain of them lost. Percent. */
export interface Headroom {
  readonly high: number
  readonly highWithoutDomain: number
  readonly nodesLost: number
  /** Whether the peak stays at or under the target, and below hot while an update domain is gone. */
  readonly proven: boolean
  readonly words: string
}

export function headroomAt(peak: Peak & { kind: 'known' }, nodes: number, policy: Policy): Headroom {
  const { targetPercent, hotPercent, updateDomains = UPDATE_DOMAINS } = policy
  const nodesLost = Math.ceil(nodes / updateDomains)
  const at = (count: number) => (count > 0 ? (peak.high * peak.atNodes) / count : Number.POSITIVE_INFINITY)
  const [high, highWithoutDomain] = [at(nodes), at(nodes - nodesLost)]
  const proven = nodes >= NODES_MIN && high <= targetPercent && highWithoutDomain < hotPercent
  const words = `at ${nodes} nodes its forecast peak shows hot-node P95 up to ${high.toFixed(1)} % (target ${targetPercent} %), and ${shown(highWithoutDomain)} without an update domain of ${nodesLost} (hot from ${hotPercent} %)`
  return { high, highWithoutDomain, nodesLost, proven, words }
}

function shown(percent: number): string {
  return Number.isFinite(percent) ? `${percent.toFixed(1)} %` : 'nobody serves'
}

/** The least minimum that is proven, and every count on the way down to it; `from` where not even the next one is. */
export function lowestProven(peak: Peak & { kind: 'known' }, from: number, policy: Policy): number {
  let lowest = from
  while (lowest > NODES_MIN && headroomAt(peak, lowest - 1, policy).proven) lowest -= 1
  return lowest
}

/** The minimums on the way down, one a step: each takes a share of what is left, and never less than a node. */
export function stepsDown(
  from: number,
  to: number,
  { rightSizeStepPercent = STEP_PERCENT }: Policy,
): number[] {
  const steps: number[] = []
  for (let now = from; now > to; ) {
    now = Math.max(to, now - Math.max(1, Math.floor((now * rightSizeStepPercent) / 100)))
    steps.push(now)
  }
  return steps
}
