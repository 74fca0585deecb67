import type { Signals } from '../domain/hot-node.ts'
import { DEFAULT_POLICY } from '../domain/policy.ts'
import type { PoolCpu } from '../domain/series.ts'
import { moment, percent } from './figures.ts'
import { table } from './table.ts'

const { hotPercent, coolPointsBelowHot } = DEFAULT_POLICY
const LEGEND = `hot from ${hotPercent} %, cool below ${hotPercent - coolPointsBelowHot} %, else warm; figures in brackets rest on too few bins and decide nothing`

/**
 * The three figures of each pool side by side, and what each of them alone would have decided. Figures that rest on
 * too few bins stand in brackets and decide nothing.
 */
export function signalsTable(
  pools: readonly { readonly pool: PoolCpu; readonly signals: Signals }[],
  { percentile }: { readonly percentile: number },
): string {
  const titles = [
    'pool',
    '>average',
    '>Max',
    `>hot-node P${percentile}`,
    'average says',
    'Max says',
    `hot-node P${percentile} says`,
    '>bins',
    'window',
  ]
  return `${table(titles, pools.map(rowOf))}\n  ${LEGEND}\n`
}

function rowOf({ pool, signals }: { readonly pool: PoolCpu; readonly signals: Signals }): string[] {
  const { status, window, coverage, poolAverage, max, hotNodeP95 } = signals
  const values = [poolAverage, max?.value ?? null, hotNodeP95]
  return [
    placeOf(pool),
    ...values.map((value) => (status === 'insufficient-coverage' ? `(${percent(value)})` : percent(value))),
    ...values.map((value) => (status === 'ok' && value !== null ? verdict(value) : 'too little data')),
    `${coverage.presentBins}/${coverage.expectedBins}`,
    `${moment(window.startMs)} to ${moment(window.endMs)}`,
  ]
}

/** A pool's place in words. */
export function placeOf({ region, stamp, role }: PoolCpu): string {
  return [region, stamp, role].filter((part) => part !== null).join(' / ') || 'the pool'
}

function verdict(value: number): string {
  if (value >= hotPercent) return 'hot'
  return value < hotPercent - coolPointsBelowHot ? 'cool' : 'warm'
}
