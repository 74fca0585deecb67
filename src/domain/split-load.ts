import type { LoadBins } from './load-bins.ts'
import type { PoolSeries } from './pool-series.ts'

const SECONDS = 60

/** A column's values in these bins. */
export function picked(column: Float64Array, bins: Uint32Array): Float64Array {
  // Bins go up, so as many as there are is all of them.
  if (bins.length === column.length) return column
  const values = new Float64Array(bins.length)
  for (let at = 0; at < bins.length; at += 1) values[at] = column[bins[at] ?? 0] ?? 0
  return values
}

/** What all replicas were metered at together, or where some are not, what they asked for: requests, else bytes. */
export function askedFor(rows: readonly LoadBins[], length: number): Float64Array {
  const isMetered = rows.every(({ metered }) => metered !== null)
  const counted = rows.some(({ offered }) => offered !== null)
  const sums = new Float64Array(length)
  for (const { metered, offered, bytes } of rows) {
    const column = isMetered ? metered : counted ? offered : bytes
    if (column === null) continue
    for (let bin = 0; bin < length; bin += 1) sums[bin] = (sums[bin] ?? 0) + (column[bin] ?? 0)
  }
  return sums
}

/** What of a pool's load no meter accounts for, never below zero. */
export function unmetered(load: Float64Array, rows: readonly LoadBins[], bins: Uint32Array): Float64Array {
  const rest = load.slice()
  for (const { metered } of rows) {
    if (metered === null) continue
    for (let at = 0; at < bins.length; at += 1)
      rest[at] = (rest[at] ?? 0) - (metered[bins[at] ?? 0] ?? 0) / SECONDS
  }
  for (let at = 0; at < rest.length; at += 1) rest[at] = Math.max(0, rest[at] ?? 0)
  return rest
}

/** A replica's metered load in known bins, NaN in others; null where it did nothing. */
export function meteredUse(metered: Float64Array, bins: Uint32Array): Float64Array | null {
  const use = new Float64Array(metered.length)
  if (bins.length < use.length) use.fill(Number.NaN)
  let most = 0
  for (let at = 0; at < bins.length; at += 1) {
    const bin = bins[at] ?? 0
    const value = (metered[bin] ?? 0) / SECONDS
    use[bin] = value
    if (value > most) most = value
  }
  return most > 0 ? use : null
}

/** A replica's load as its requests and bytes cost, in known bins, NaN in others; null where it did nothing. */
export function estimatedUse(
  { offered, bytes }: LoadBins,
  cost: { readonly perRequest: number; readonly perByte: number },
  bins: Uint32Array,
): Float64Array | null {
  const length = (offered ?? bytes)?.length ?? 0
  const use = new Float64Array(length)
  if (bins.length < length) use.fill(Number.NaN)
  let most = 0
  for (let at = 0; at < bins.length; at += 1) {
    const bin = bins[at] ?? 0
    let value = 0
    if (offered) value += (offered[bin] ?? 0) * cost.perRequest
    if (bytes) value += (bytes[bin] ?? 0) * cost.perByte
    use[bin] = value
    if (value > most) most = value
  }
  return most > 0 ? use : null
}

/** The bins in which the pool's load is known and that of each of its replicas too. */
export function knownBins(
  pool: PoolSeries,
  rows: readonly LoadBins[],
  heard: Uint8Array | null,
): Uint32Array {
  const isKnown = new Uint8Array(pool.load.length)
  for (let bin = 0; bin < isKnown.length; bin += 1) {
    if (!Number.isNaN(pool.load[bin] ?? Number.NaN) && (heard === null || heard[bin] === 1)) isKnown[bin] = 1
  }
  for (const row of rows) {
    if (row.whole) continue
    for (const column of row.metered ? [row.metered] : [row.offered, row.bytes]) {
      if (column === null) continue
      for (let bin = 0; bin < isKnown.length; bin += 1)
        if (Number.isNaN(column[bin] ?? Number.NaN)) isKnown[bin] = 0
    }
  }
  return Uint32Array.from({ length: isKnown.length }, (_, bin) => bin).filter((bin) => isKnown[bin] === 1)
}

/** Scales replicas down where together they exceed the pool's load; what is left over is the stamp's own. */
export function scaleDown(
  load: Float64Array,
  by: ReadonlyMap<string, Float64Array>,
  known: Uint32Array,
): Float64Array {
  const sums = new Float64Array(load.length)
  for (const use of by.values()) {
    for (let bin = 0; bin < sums.length; bin += 1) sums[bin] = (sums[bin] ?? 0) + (use[bin] ?? 0)
  }
  const baseline = new Float64Array(load.length).fill(Number.NaN)
  let exceeded = false
  for (let at = 0; at < known.length; at += 1) {
    const bin = known[at] ?? 0
    const [shown, sum] = [load[bin] ?? 0, sums[bin] ?? 0]
    baseline[bin] = Math.max(0, shown - sum)
    if (sum > shown) exceeded = true
  }
  if (!exceeded) return baseline
  for (const use of by.values()) {
    for (let at = 0; at < known.length; at += 1) {
      const bin = known[at] ?? 0
      const [shown, sum] = [load[bin] ?? 0, sums[bin] ?? 0]
      if (sum > shown) use[bin] = ((use[bin] ?? 0) * shown) / sum
    }
  }
  return baseline
}
