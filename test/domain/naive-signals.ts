/** One row as it stands in a file; null is no sample. */
export interface Row {
  readonly atMs: number
  readonly node: string
  readonly cpu: number | null
  readonly peak?: number | null
}

export interface NaiveSignals {
  readonly status: string
  readonly hotNodeP95: number | null
  readonly poolAverage: number | null
  readonly max: { value: number; node: string; atMs: number } | null
  readonly presentBins: number
  readonly hotNodes: (string | null)[]
  readonly hot: (number | null)[]
  readonly counts: Record<'nodes' | 'samples' | 'nulls' | 'over100' | 'duplicates' | 'conflicts', number>
}

const good = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value) && value >= 0

// UTF-8 bytes sort as their code points do.
const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The rules R1 to R12 in the plainest words, slow, sharing nothing with the code under test. */
export function naiveSignals(
  rows: readonly Row[],
  { startMs, endMs, binMs }: { startMs: number; endMs: number; binMs: number },
  { percentile = 95, minCoverage = 0.95 } = {},
): NaiveSignals {
  const inside = rows.filter((row) => row.atMs >= startMs && row.atMs < endMs)
  const counts = { nodes: 0, samples: 0, nulls: 0, over100: 0, duplicates: 0, conflicts: 0 }
  const kept = new Map<string, { atMs: number; node: string; cpu: number; peak: number | null }>()
  const peaks: { value: number; node: string; atMs: number }[] = []
  for (const { atMs, node, cpu, peak } of inside) {
    if (!good(cpu)) {
      counts.nulls += 1
      if (good(peak)) peaks.push({ value: peak, node, atMs })
      continue
    }
    const key = JSON.stringify([node, atMs])
    const before = kept.get(key)
    if (before) counts.duplicates += 1
    if (before && before.cpu !== cpu) counts.conflicts += 1
    kept.set(key, { atMs, node, cpu, peak: good(peak) ? peak : (before?.peak ?? null) })
  }
  const samples = [...kept.values()]
  counts.samples = samples.length
  counts.over100 = samples.filter(({ cpu }) => cpu > 100).length
  counts.nodes = new Set(samples.map(({ node }) => node)).size

  const expected = (endMs - startMs) / binMs
  const bins = Array.from({ length: expected }, () => new Map<string, number[]>())
  for (const { atMs, node, cpu } of samples) {
    const bin = bins[Math.floor((atMs - startMs) / binMs)]
    bin?.set(node, [...(bin.get(node) ?? []), cpu])
  }
  const averages = bins.map((bin) =>
    [...bin.keys()].sort(byCodePoint).map((node) => ({ node, cpu: mean(bin.get(node) ?? []) })),
  )
  const present = averages.filter((nodes) => nodes.length > 0)
  const greatest = averages.map((nodes) => nodes.toSorted((a, b) => b.cpu - a.cpu)[0] ?? null)
  peaks.push(...samples.map(({ atMs, node, cpu, peak }) => ({ value: peak ?? cpu, node, atMs })))
  peaks.sort((a, b) => b.value - a.value || a.atMs - b.atMs || byCodePoint(a.node, b.node))

  let needed = 0
  while (needed < minCoverage * expected - 1e-9) needed += 1
  const none = present.length === 0
  return {
    status: none ? 'no-data' : present.length >= needed ? 'ok' : 'insufficient-coverage',
    hotNodeP95: none
      ? null
      : type7(
          greatest.flatMap((top) => (top ? [top.cpu] : [])),
          percentile,
        ),
    poolAverage: none ? null : mean(present.map((nodes) => mean(nodes.map(({ cpu }) => cpu)))),
    max: none ? null : (peaks[0] ?? null),
    presentBins: present.length,
    hotNodes: greatest.map((top) => top?.node ?? null),
    hot: greatest.map((top) => top?.cpu ?? null),
    counts,
  }
}

function type7(values: number[], p: number): number {
  const ranked = values.toSorted((a, b) => a - b)
  const place = (p / 100) * (ranked.length - 1)
  const low = ranked[Math.floor(place)] ?? Number.NaN
  const high = ranked[Math.ceil(place)] ?? Number.NaN
  return low * (1 - (place % 1)) + high * (place % 1)
}

/** Every window of the last 24 h tried one by one; the last of the best. */
export function naivePeakWindow(
  rows: readonly Row[],
  { hours, binMs, nowMs, minCoverage }: { hours: number; binMs: number; nowMs: number; minCoverage: number },
): { startMs: number; endMs: number } | null {
  let best: { startMs: number; endMs: number } | null = null
  let bestMean = Number.NEGATIVE_INFINITY
  const first = Math.ceil((nowMs - 86_400_000) / binMs) * binMs
  for (let startMs = first; startMs + hours * 3_600_000 <= nowMs; startMs += binMs) {
    const endMs = startMs + hours * 3_600_000
    const { status, hot } = naiveSignals(rows, { startMs, endMs, binMs }, { minCoverage })
    if (status !== 'ok') continue
    const found = mean(hot.flatMap((value) => value ?? []))
    if (found < bestMean - 1e-11) continue
    bestMean = Math.max(bestMean, found)
    best = { startMs, endMs }
  }
  return best
}
