/** Rounds of halving in which a rank is found nearly always; beyond them the values are sorted. */
const ROUNDS_MAX = 64

/**
 * The p-th percentile (0..100) with linear interpolation between closest ranks (R10, Hyndman-Fan type 7).
 * NaN is missing and left out; null when nothing is left.
 */
export function percentile(values: Float64Array, p: number): number | null {
  if (!(p >= 0 && p <= 100)) throw new RangeError(`percentile ${p} was asked for; expected 0 to 100`)
  const known = withoutMissing(values)
  if (known.length === 0) return null

  const h = ((known.length - 1) * p) / 100
  const rank = Math.floor(h)
  partition(known, rank)
  const below = known[rank] ?? Number.NaN
  let above = known[rank + 1] ?? below
  for (let at = rank + 2; at < known.length; at += 1) above = Math.min(above, known[at] ?? above)
  return below + (h - rank) * (above - below)
}

function withoutMissing(values: Float64Array): Float64Array {
  const known = new Float64Array(values.length)
  let count = 0
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? Number.NaN
    if (Number.isNaN(value)) continue
    known[count] = value
    count += 1
  }
  return known.subarray(0, count)
}

/** Puts the value of a rank in its place, nothing greater before it and nothing less behind (Hoare's selection). */
function partition(values: Float64Array, rank: number): void {
  let low = 0
  let high = values.length - 1
  for (let round = 0; low < high; round += 1) {
    if (round === ROUNDS_MAX) {
      values.subarray(low, high + 1).sort()
      return
    }
    const pivot = middleOf(values[low] ?? 0, values[(low + high) >> 1] ?? 0, values[high] ?? 0)
    let i = low
    let j = high
    while (i <= j) {
      while ((values[i] ?? 0) < pivot) i += 1
      while ((values[j] ?? 0) > pivot) j -= 1
      if (i > j) break
      const swapped = values[i] ?? 0
      values[i] = values[j] ?? 0
      values[j] = swapped
      i += 1
      j -= 1
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else return
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
