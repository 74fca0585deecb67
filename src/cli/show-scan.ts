import type { Scan } from '../domain/scan.ts'
import { moment, percent } from './figures.ts'
import { table } from './table.ts'

/** A scan for people: three figures a pool, what each would have decided, and who dominates. */
export function showScan(scan: Scan): string {
  const rows = scan.pools.map((pool) => [
    pool.stamp,
    pool.pool,
    percent(pool.figures.poolAverage),
    pool.byAverage,
    percent(pool.figures.max),
    pool.byMax,
    percent(pool.figures.hotNodeP95),
    pool.verdict,
    dominance(pool.dominatedBy),
  ])
  const titles = [
    'stamp',
    'pool',
    '>average',
    'says',
    '>Max',
    'says',
    '>hot-node P95',
    'says',
    'dominated by',
  ]
  const action =
    scan.needsAction.length === 0
      ? '  No stamp needs action.\n'
      : scan.needsAction
          .map(({ stamp, rule, detail }) => `  ${stamp} needs action (${rule}): ${detail}\n`)
          .join('')
  const missing = (scan.readiness ?? []).map(({ words }) => `  Not ready: ${words}\n`).join('')
  return `${scan.region}, seen at ${moment(scan.atMs)}\n${table(titles, rows)}${action}${missing}`
}

function dominance(by: Scan['pools'][number]['dominatedBy']): string {
  if (!by) return '-'
  const share = (value: number) => `${(value * 100).toFixed(0)} %`
  return `${by.customer} (${share(by.loadShare)} of load, ${share(by.varianceShare)} of variance)`
}
