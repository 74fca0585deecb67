import type { Signals } from '../domain/hot-node.ts'
import { DEFAULT_POLICY } from '../domain/policy.ts'
import type { PoolCpu } from '../domain/series.ts'

const { hotPercent, coolPointsBelowHot } = DEFAULT_POLICY
const GAP = '  '

/**
 * The three figures of each pool side by side, and what each of them alone would have decided. Figures that rest on
 * too few bins stand in brackets and decide nothing.
 */
export function signalsTable(
  pools: readonly { readonly pool: PoolCpu; readonly signals: Signals }[],
  { percentile }: { readonly percentile: number },
): string {
  const p = `hot-node P${percentile}`
  const head = [
    'pool',
    'average',
    'Max',
    p,
    'by average',
    'by Max',
    `by P${percentile}`,
    'bins',
    'window (UTC)',
  ]
  const rows = pools.map(({ pool, signals }) => {
    const { status, window, coverage, poolAverage, max, hotNodeP95 } = signals
    const figure = (value: number | null) => {
      if (value === null) return 'no data'
      return status === 'ok' ? `${value.toFixed(1)} %` : `(${value.toFixed(1)} %)`
    }
    const decided = (value: number | null) => (status === 'ok' && value !== null ? verdict(value) : '?')
    return [
      [pool.region, pool.stamp, pool.role].filter((part) => part !== null).join(' / ') || '-',
      figure(poolAverage),
      figure(max?.value ?? null),
      figure(hotNodeP95),
      decided(poolAverage),
      decided(max?.value ?? null),
      decided(hotNodeP95),
      `${coverage.presentBins}/${coverage.expectedBins}`,
      `${minute(window.startMs)} to ${minute(window.endMs)}`,
    ]
  })
  const legend = `hot from ${hotPercent} %, cool below ${hotPercent - coolPointsBelowHot} %, else warm; ? is too little data to decide by\n`
  return `${aligned([head, ...rows])}\n${legend}`
}

/** Numbers to the right, words to the left. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  const toTheRight = (at: number) => (at >= 1 && at <= 3) || at === 7
  return rows
    .map((row) =>
      row
        .map((cell, at) => (toTheRight(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join(GAP)
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

function verdict(percent: number): string {
  if (percent >= hotPercent) return 'hot'
  return percent < hotPercent - coolPointsBelowHot ? 'cool' : 'warm'
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
