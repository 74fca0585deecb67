import type { PlanLine, PoolView, RegionView } from './actions.ts'
import { percent } from './format.ts'
import { heatLevel, type StampStanding, stampStandings } from './heat.ts'
import { fleetHref, stampHref } from './route.ts'
import { Shape, Tagged } from './shape.tsx'
import { Sparkline } from './sparkline.tsx'
import { POOL_VERDICTS } from './words.ts'

interface Shown {
  readonly stamp: string
  readonly pool: string
}

interface Props {
  readonly region: RegionView
  readonly plans: readonly PlanLine[]
  readonly shown: Shown | null
}

/** The whole region in one look: each pool as warm as its hot-node P95 is, its last day, and per stamp who acts or what blocks. */
export function HeatMap({ region, plans, shown }: Props) {
  const standings = stampStandings(region, plans)
  return (
    <ul class="heat" aria-label={`Heat of ${region.name}`}>
      {region.stamps.map((stamp) => (
        <li key={stamp.id} class="heat-stamp">
          <p class="heat-head">
            <a class="stamp-name" href={stampHref(stamp.id)}>
              {stamp.id}
            </a>
            <Standing standing={standings.get(stamp.id)} />
          </p>
          {stamp.pools.map((pool) => (
            <HeatCell
              key={pool.role}
              stamp={stamp.id}
              pool={pool}
              hotPercent={region.hotPercent}
              isShown={shown?.stamp === stamp.id && shown.pool === pool.role}
            />
          ))}
        </li>
      ))}
    </ul>
  )
}

interface CellProps {
  readonly stamp: string
  readonly pool: PoolView
  readonly hotPercent: number | undefined
  readonly isShown: boolean
}

function HeatCell({ stamp, pool, hotPercent, isShown }: CellProps) {
  const { scan } = pool
  const { tone, word } = POOL_VERDICTS[scan?.verdict ?? 'insufficient-data']
  const { hotNodeP95 = null, poolAverage = null, max = null } = scan?.figures ?? {}
  return (
    <a
      class={`heat-cell heat-${heatLevel(hotNodeP95, hotPercent)}`}
      href={fleetHref(stamp, pool.role)}
      aria-current={isShown ? 'true' : undefined}
      title={`average ${percent(poolAverage)}, Max ${percent(max)}, hot-node P95 ${percent(hotNodeP95)}: ${word}`}
    >
      <Shape tone={tone} />
      <span class="heat-role">{pool.role}</span>
      {scan?.hours && <Sparkline values={scan.hours} limit={hotPercent} />}
      <strong class="heat-figure">{percent(hotNodeP95)}</strong>
      <span class="visually-hidden">, {word}</span>
    </a>
  )
}

function Standing({ standing }: { standing: StampStanding | undefined }) {
  if (!standing) return null
  const { tone, words, detail, href } = standing
  return (
    <span title={detail}>
      <Tagged tone={tone}>{href ? <a href={href}>{words}</a> : words}</Tagged>
    </span>
  )
}
