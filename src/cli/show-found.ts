import type { CheckedQuery, Onboarding } from '../onboard.ts'
import { table } from './table.ts'

type Found = Awaited<ReturnType<Onboarding['discover']>>

const shown = (value: number | undefined) => (value === undefined ? '?' : String(value))

/** The pools that were found, a row each. */
export function foundTable(stamps: Found['stamps']): string {
  const rows = stamps.flatMap(({ region, stamp, pools }) =>
    pools.map((pool) => [
      ...[region, stamp, pool.role, pool.scaleSet, pool.resourceGroup, String(pool.nodes)],
      `${shown(pool.minNodes)}..${shown(pool.maxNodes)}`,
      ...[shown(pool.vcpusPerNode), pool.size],
    ]),
  )
  const titles = ['region', 'stamp', 'pool', 'scale set', 'group', '>nodes', '>min..max', '>vCPUs', 'size']
  return rows.length > 0 ? table(titles, rows) : 'No stamp was found.\n'
}

export function queriesTable(queries: readonly CheckedQuery[]): string {
  const rows = queries.map(({ region, query, outcome, found }) => [`${query} of ${region}`, outcome, found])
  return table(['query', 'outcome', 'found'], rows)
}

export function undecidedTable(undecided: Found['undecided']): string {
  return table(
    ['about', 'found', 'what to do'],
    undecided.map(({ about, found, todo }) => [about, found, todo]),
  )
}
