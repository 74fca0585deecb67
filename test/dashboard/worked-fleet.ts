import type { Figures } from '../../src/domain/plan.ts'
import { FleetView, SignalsView } from '../../src/messages/api.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** A Monday noon. */
export const START_MS = Date.UTC(2026, 2, 2, 12)

export function figures(poolAverage: number, max: number, hotNodeP95: number): Figures {
  return { poolAverage, max, hotNodeP95 }
}

export const POOLS = [
  { stamp: 'weu-a', pool: 'registry', before: figures(14.2, 71.3, 30.1), after: 28, load: 0.61 },
  { stamp: 'weu-a', pool: 'dataproxy', before: figures(18.9, 96, 43.1), after: 28.5, load: 0.82 },
  { stamp: 'weu-b', pool: 'registry', before: figures(11.6, 58, 36.4), after: 24.4, load: 0.66 },
  { stamp: 'weu-b', pool: 'dataproxy', before: figures(16.3, 67.2, 39.8), after: 22.3, load: 0.79 },
] as const

const NO_FIGURES: Figures = { poolAverage: 0.8, max: 6.1, hotNodeP95: 2.2 }

function byFigure(value: number): 'cool' | 'warm' | 'hot' {
  if (value > 70) return 'hot'
  return value > 60 ? 'warm' : 'cool'
}

function scanOf(stamp: string, pool: string, shown: Figures, load: number | null) {
  return {
    stamp,
    pool,
    figures: shown,
    coverage: { expectedBins: 720, presentBins: 718 },
    window: { startMs: START_MS - 14 * HOUR_MS, endMs: START_MS - 2 * HOUR_MS, binMs: MINUTE_MS },
    hours: Array.from({ length: 24 }, (_, hour) =>
      hour === 17 ? null : (shown.hotNodeP95 ?? 0) * (0.6 + 0.4 * Math.sin((hour - 6) / 4)),
    ),
    verdict: byFigure(shown.hotNodeP95 ?? 0),
    byAverage: byFigure(shown.poolAverage ?? 0),
    byMax: byFigure(shown.max ?? 0),
    dominatedBy:
      load === null
        ? null
        : { customer: 'contoso', loadShare: load, varianceShare: Math.min(0.99, load + 0.15) },
  }
}

function poolOf(role: string, nodes: number, scan: unknown) {
  return { role, nodes, minNodes: nodes - 1, maxNodes: nodes * 3, scan }
}

function stampOf(id: string, kind: string) {
  const own = POOLS.filter((pool) => pool.stamp === id)
  const pools =
    own.length > 0
      ? own.map((pool) => poolOf(pool.pool, 6, scanOf(id, pool.pool, pool.before, pool.load)))
      : ['registry', 'dataproxy'].map((role) => poolOf(role, 2, scanOf(id, role, NO_FIGURES, null)))
  const customers =
    own.length > 0
      ? [
          { customer: 'contoso', replicas: 20 },
          { customer: 'fabrikam', replicas: 9 },
          { customer: 'northwind', replicas: 7 },
          { customer: 'tailspin', replicas: 4 },
          { customer: 'adatum', replicas: 2 },
        ]
      : []
  const replicas = customers.reduce((sum, customer) => sum + customer.replicas, 0)
  return { id, kind, state: 'active', replicas, customers, pools }
}

/** The worked example's fleet: nothing is hot, and contoso dominates both shared stamps. */
export function aFleet(nowMs = START_MS): FleetView {
  return FleetView.parse({
    nowMs,
    regions: [
      {
        name: 'westeurope',
        scannedAtMs: START_MS - 5 * MINUTE_MS,
        hotPercent: 70,
        needsAction: ['weu-a', 'weu-b'].map((stamp) => ({
          stamp,
          rule: 'dominated',
          detail: `${stamp}: contoso has ${stamp === 'weu-a' ? 82 : 79} % of the dataproxy load; 50 % is the limit for a shared stamp`,
        })),
        stamps: [stampOf('weu-a', 'shared'), stampOf('weu-b', 'shared'), stampOf('weu-c', 'isolated')],
      },
    ],
  })
}

/** A day of minutes with an afternoon's peak, one spike and a gap of 40 minutes. */
export function someSignals(stamp: string, pool: string, hours: number): SignalsView {
  const shown = POOLS.find((one) => one.stamp === stamp && one.pool === pool)?.before ?? NO_FIGURES
  const bins = hours * 60
  const startMs = START_MS - bins * MINUTE_MS
  const level = (at: number) => {
    const hour = ((startMs + at * MINUTE_MS) / HOUR_MS) % 24
    const wave = 0.55 + 0.45 * Math.sin(((hour - 1) / 24) * 2 * Math.PI)
    const noise = Math.sin(at * 12.9898) * 0.5 + Math.sin(at * 4.137) * 0.5
    return (shown.hotNodeP95 ?? 2) * (wave + noise * 0.12)
  }
  const hot = Array.from({ length: bins }, (_, at) => {
    if (at >= 1000 && at < 1040) return null
    return at === bins - 330 ? (shown.max ?? 0) : Math.max(0.2, level(at))
  })
  return SignalsView.parse({
    stamp,
    pool,
    startMs,
    binMs: MINUTE_MS,
    hot,
    average: hot.map((value, at) => (value === null ? null : level(at) * 0.44)),
    hotNode: hot.map((value, at) => (value === null ? null : `node-${at % 6}`)),
    figures: shown,
    window: { startMs: START_MS - 14 * HOUR_MS, endMs: START_MS - 2 * HOUR_MS },
    status: 'ok',
    hotPercent: 70,
  })
}

/** A fleet of so many registries, fifty customers on each of its stamps; each pool a bit hotter than the one before. */
export function aFleetOf(registries: number, stamps = 100): FleetView {
  const [region] = aFleet().regions
  const customers = Array.from({ length: 50 }, (_, at) => ({
    customer: `customer-${at}`,
    replicas: registries / stamps / 50,
  }))
  const many = Array.from({ length: stamps }, (_, at) => ({
    ...stampOf(`weu-${at + 1}`, 'shared'),
    ...{ customers, replicas: registries / stamps },
    pools: ['registry', 'dataproxy'].map((role) =>
      poolOf(role, 12, scanOf(`weu-${at + 1}`, role, figures(at / 4, at, at / 2), null)),
    ),
  }))
  return FleetView.parse({ nowMs: START_MS, regions: [{ ...region, needsAction: [], stamps: many }] })
}
