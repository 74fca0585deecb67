import type { Dominance, PoolVerdict } from '../domain/scan.ts'
import type { PoolView, RegionView, StampView } from './actions.ts'
import { FigureStrip } from './figure-strip.tsx'
import { count, percent, share } from './format.ts'
import { fleetHref, stampHref } from './route.ts'
import { Meter, Tagged } from './shape.tsx'
import { WideTable } from './wide-table.tsx'
import { POOL_VERDICTS } from './words.ts'

const CUSTOMERS_SHOWN = 3

interface Shown {
  readonly stamp: string
  readonly pool: string
}

/** Stamps and their pools, the three figures side by side and what each alone would have decided. */
export function PoolTable({ region, shown }: { region: RegionView; shown: Shown | null }) {
  return (
    <WideTable label={`Pools of ${region.name}`} flush>
      <table class="pools">
        <caption class="visually-hidden">CPU figures of each pool in {region.name}, percent</caption>
        <thead>
          <tr>
            <th scope="col">Pool</th>
            <th scope="col">0 to 100 %</th>
            <th scope="col" class="number">
              Average
            </th>
            <th scope="col" class="number">
              Max
            </th>
            <th scope="col" class="number decides">
              Hot-node P95
              <span class="muted small band">decides</span>
            </th>
            <th scope="col">Dominated by</th>
          </tr>
        </thead>
        {region.stamps.map((stamp) => (
          <StampRows
            key={stamp.id}
            stamp={stamp}
            hotPercent={region.hotPercent}
            shownPool={shown?.stamp === stamp.id ? shown.pool : null}
          />
        ))}
      </table>
    </WideTable>
  )
}

interface StampRowsProps {
  readonly stamp: StampView
  readonly hotPercent: number | undefined
  readonly shownPool: string | null
}

function StampRows({ stamp, hotPercent, shownPool }: StampRowsProps) {
  const others = stamp.customers.length - CUSTOMERS_SHOWN
  const customers = stamp.customers
    .slice(0, CUSTOMERS_SHOWN)
    .map(({ customer, replicas }) => `${customer} ${replicas}`)
  return (
    <tbody>
      <tr class="stamp-row">
        <th scope="rowgroup" colSpan={6}>
          <a class="stamp-name" href={stampHref(stamp.id)}>
            {stamp.id}
          </a>{' '}
          <span class="muted">
            {stamp.kind} · {stamp.state} · {count(stamp.replicas, 'registry', 'registries')}
            {customers.length > 0 && `: ${customers.join(', ')}${others > 0 ? ` and ${others} more` : ''}`}
          </span>
        </th>
      </tr>
      {stamp.pools.map((pool) => (
        <PoolRow
          key={pool.role}
          stamp={stamp.id}
          pool={pool}
          hotPercent={hotPercent}
          shown={pool.role === shownPool}
        />
      ))}
    </tbody>
  )
}

interface PoolRowProps {
  readonly stamp: string
  readonly pool: PoolView
  readonly hotPercent: number | undefined
  readonly shown: boolean
}

function PoolRow({ stamp, pool, hotPercent, shown }: PoolRowProps) {
  const { scan } = pool
  return (
    <tr class={shown ? 'shown' : undefined}>
      <th scope="row">
        <a href={fleetHref(stamp, pool.role)} aria-current={shown ? 'true' : undefined}>
          {pool.role}
        </a>
        <span class="muted nodes" title={`between ${pool.minNodes} and ${pool.maxNodes}`}>
          {count(pool.nodes, 'node', 'nodes')}
        </span>
      </th>
      <td class="strip-cell">{scan && <FigureStrip figures={scan.figures} hotPercent={hotPercent} />}</td>
      <FigureCell label="Average" value={scan?.figures.poolAverage} verdict={scan?.byAverage} />
      <FigureCell label="Max" value={scan?.figures.max} verdict={scan?.byMax} />
      <FigureCell label="Hot-node P95" value={scan?.figures.hotNodeP95} verdict={scan?.verdict} decides />
      <td class="dominance" data-label="Dominated by">
        {scan?.dominatedBy ? (
          <DominanceFacts dominance={scan.dominatedBy} />
        ) : (
          <span class="muted">nobody</span>
        )}
      </td>
    </tr>
  )
}

function DominanceFacts({ dominance }: { dominance: Dominance }) {
  const { customer, loadShare, varianceShare } = dominance
  return (
    <>
      <Tagged tone="warm">
        <strong>{customer}</strong>
      </Tagged>
      <span class="dominance-line">
        <Meter of={loadShare} /> {share(loadShare)} of load
      </span>
      <span class="dominance-line">
        <Meter of={varianceShare} /> {share(varianceShare)} of variance
      </span>
    </>
  )
}

interface FigureCellProps {
  readonly label: string
  readonly value: number | null | undefined
  readonly verdict: PoolVerdict | undefined
  readonly decides?: boolean
}

function FigureCell({ label, value, verdict, decides }: FigureCellProps) {
  const { tone, word, would } = POOL_VERDICTS[verdict ?? 'insufficient-data']
  return (
    <td class={decides ? 'number decides' : 'number'} data-label={label} title={`${label} alone ${would}`}>
      <span class="figure">{percent(value)}</span>
      <Tagged tone={tone}>{word}</Tagged>
    </td>
  )
}
