/**
 * The p-th percentile (0..100) with linear interpolation between closest ranks (R10, Hyndman-Fan type 7).
 * NaN is missing and left out; null when nothing is left.
 */
export function percentile(values: Float64Array, p: number): number | null {
  if (!(p >= 0 && p <= 100)) throw new RangeError(`percentile ${p} was asked for; expected 0 to 100`)
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  if (sorted.length === 0) return null

  const h = ((sorted.length - 1) * p) / 100
  const below = sorted[Math.floor(h)] ?? Number.NaN
  const above = sorted[Math.floor(h) + 1] ?? below
  return below + (h - Math.floor(h)) * (above - below)
}
