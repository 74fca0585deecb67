import { percentile } from './percentile.ts'

/** Fewer bins with at least two nodes tell no relation. */
const BINS_MIN = 60
const NODES_MIN = 2
/** A bin below so many percent is noise: what its hottest node shows is no skew. */
const AVERAGE_MIN = 0.1
const POINTS_MIN = 1

/** A pool's bins: the hottest node and the mean over the nodes present, percent; NaN is missing. */
export interface PoolBins {
  readonly hot: Float64Array
  readonly average: Float64Array
  readonly nodes: ArrayLike<number>
}

/**
 * What a pool's hottest node shows above the mean, learned from its own bins: `reach(nodes) * (points + share * mean)`.
 * More nodes have a hotter hottest one, as the greatest of so many draws has. `error` is the P90 of what it was off, points.
 */
export interface SkewRelation {
  readonly points: number
  readonly share: number
  readonly error: number
  readonly bins: number
}

/** Learns the relation by least squares, both terms at least zero or only `share`; null where too few bins tell it. */
export function learnSkew(
  { hot, average, nodes }: PoolBins,
  terms: 'both' | 'share' = 'both',
): SkewRelation | null {
  const s = { n: 0, x: 0, y: 0, xx: 0, xy: 0 }
  const at: number[] = []
  const reachOf = rememberedReach()
  for (let bin = 0; bin < hot.length; bin += 1) {
    const mean = average[bin] ?? Number.NaN
    const count = nodes[bin] ?? 0
    if (!(mean >= AVERAGE_MIN) || count < NODES_MIN || Number.isNaN(hot[bin] ?? Number.NaN)) continue
    const y = Math.max(0, (hot[bin] ?? 0) - mean) / reachOf(count)
    s.n += 1
    s.x += mean
    s.y += y
    s.xx += mean * mean
    s.xy += mean * y
    at.push(bin)
  }
  if (s.n < BINS_MIN) return null
  const fit = terms === 'both' ? nonNegative(s) : { points: 0, share: s.xy / s.xx }
  const off = Float64Array.from(at, (bin) => {
    const mean = average[bin] ?? 0
    const predicted = mean + reachOf(nodes[bin] ?? 0) * (fit.points + fit.share * mean)
    return Math.abs((hot[bin] ?? 0) - predicted)
  })
  return { ...fit, error: Math.max(POINTS_MIN, percentile(off, 90) ?? 0), bins: s.n }
}

/** What the hottest of so many nodes shows when their mean is `mean` percent. */
export function hottestOf(
  { points, share }: Pick<SkewRelation, 'points' | 'share'>,
  { mean, nodes }: { readonly mean: number; readonly nodes: number },
): number {
  return nodes < NODES_MIN ? mean : mean + reach(nodes) * (points + share * mean)
}

/** The hottest node's percent were the same load on another number of nodes, what is its own kept. */
export function hottestOnNodes(
  relation: SkewRelation,
  bin: { readonly hot: number; readonly mean: number; readonly nodes: number },
  nodes: number,
): number {
  const mean = (bin.mean * bin.nodes) / nodes
  const before = hottestOf(relation, bin)
  const after = hottestOf(relation, { mean, nodes })
  return before > 0 ? (bin.hot * after) / before : after
}

/** `reach`, where one node count comes again and again, as it does from bin to bin. */
export function rememberedReach(): (nodes: number) => number {
  const last = { nodes: 0, reach: 0 }
  return (nodes) => {
    if (nodes !== last.nodes) Object.assign(last, { nodes, reach: reach(nodes) })
    return last.reach
  }
}

/** The mean of the greatest of n standard normal draws, by Blom's scores; 0 for a single one. */
export function reach(nodes: number): number {
  if (nodes < NODES_MIN) return 0
  return normalQuantile((nodes - 0.375) / (nodes + 0.25))
}

/** Inverse of the normal distribution above one half, Abramowitz and Stegun 26.2.23: off by less than 4.5e-4. */
function normalQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - p))
  const numerator = 2.515517 + 0.802853 * t + 0.010328 * t * t
  return t - numerator / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
}

function nonNegative(s: { n: number; x: number; y: number; xx: number; xy: number }) {
  const determinant = s.n * s.xx - s.x * s.x
  if (determinant > 1e-9 * s.n * s.xx) {
    const share = (s.n * s.xy - s.x * s.y) / determinant
    const points = (s.y - share * s.x) / s.n
    if (share >= 0 && points >= 0) return { points, share }
    if (points > 0) return { points: s.y / s.n, share: 0 }
  }
  return { points: 0, share: s.xx > 0 ? s.xy / s.xx : 0 }
}
