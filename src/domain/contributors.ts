import { RegistryName } from './ids.ts'
import type { PoolContributors } from './plan.ts'
import type { PoolJudgement } from './pool-judgement.ts'
import { byId } from './region-data.ts'
import { hotBins, poolsOf, type Situation } from './situation.ts'

/** Nine of ten normal errors lie within so many standard deviations. */
const DEVIATIONS = 1.645
/** So many registries of a pool are named in a plan; a region may have thousands. */
const NAMED_MAX = 10

/** What one registry causes of a pool's hot minutes: points of the hottest node's percent, with a band of 90 %. */
interface Contribution {
  readonly registry: string
  readonly points: number
  readonly low: number
  readonly high: number
}

/** What a pool's hot minutes are made of. The points of all registries and the baseline together are `shown`. */
interface HotMinutes {
  /** The mean of the hot values of the hot minutes, percent. */
  readonly shown: number
  /** Greatest first. */
  readonly registries: readonly Contribution[]
  /** Points that no registry accounts for: the stamp's own. */
  readonly baseline: number
}

/** The pools of these stamps with who causes their hot minutes; so many registries of each by name. */
export function contributorsAt(
  situation: Situation,
  stamps: ReadonlySet<string>,
  namedMax = NAMED_MAX,
): PoolContributors[] {
  return situation.judged
    .filter(({ scan, use }) => stamps.has(scan.stamp) && use.by.size > 0)
    .flatMap((judgement) => {
      const split = contributorsOf(judgement, situation)
      if (split === null) return []
      const others = split.registries.slice(namedMax)
      return [
        {
          stamp: judgement.scan.stamp,
          pool: judgement.scan.pool,
          shown: split.shown,
          registries: split.registries
            .slice(0, namedMax)
            .map((one) => ({ ...one, registry: RegistryName.parse(one.registry) })),
          others: { count: others.length, points: others.reduce((sum, { points }) => sum + points, 0) },
          baseline: split.baseline,
        },
      ]
    })
}

/** Splits a pool's hot minutes among who loads it; null where there are none, or nobody can be told. */
function contributorsOf(judgement: PoolJudgement, situation: Situation): HotMinutes | null {
  const { use } = judgement
  const bins = hotBins(judgement, situation)
  const load = sumAt(use.load, bins)
  if (bins.length === 0 || load <= 0) return null
  const shown = hotMean(judgement, bins)
  const idleLoad = (sumAt(use.capacity, bins) * use.idlePercent) / 100
  const ofAll = [...use.by.values()].reduce((sum, own) => sum + sumAt(own, bins), 0)
  const perLoad = Math.max(0, shown - use.idlePercent) / Math.max(load - idleLoad, ofAll, Number.MIN_VALUE)
  const registries: Contribution[] = []
  let rest = shown
  for (const [registry, own] of use.by) {
    const points = sumAt(own, bins) * perLoad
    const spread = DEVIATIONS * (use.relativeError.get(registry) ?? 0) * points
    rest -= points
    registries.push({
      registry,
      points,
      low: Math.max(0, points - spread),
      high: Math.min(shown, points + spread),
    })
  }
  registries.sort((a, b) => b.points - a.points || byId(a.registry, b.registry))
  return { shown, registries, baseline: Math.max(0, rest) }
}

/** The share, 0..1, that each loaded replica has of the hot minutes of its home pools: the greatest over their roles. */
export function hotSharesAt(situation: Situation, stamp: string): Map<string, number> {
  const shares = new Map<string, number>()
  for (const judgement of poolsOf(situation, stamp)) {
    const bins = hotBins(judgement, situation)
    const all = sumAt(judgement.use.load, bins)
    for (const [registry, own] of judgement.use.by) {
      const share = all > 0 ? Math.min(1, sumAt(own, bins) / all) : 0
      shares.set(registry, Math.max(shares.get(registry) ?? 0, share))
    }
  }
  return shares
}

function hotMean({ use }: PoolJudgement, bins: readonly number[]): number {
  const perGridBin = Math.max(1, Math.round(use.hot.length / use.load.length))
  let sum = 0
  let count = 0
  for (const bin of bins) {
    for (let at = bin * perGridBin; at < (bin + 1) * perGridBin; at += 1) {
      const hot = use.hot[at] ?? Number.NaN
      if (Number.isNaN(hot)) continue
      sum += hot
      count += 1
    }
  }
  return count > 0 ? sum / count : 0
}

function sumAt(values: Float64Array, bins: readonly number[]): number {
  let sum = 0
  for (const bin of bins) sum += values[bin] ?? 0
  return sum
}
