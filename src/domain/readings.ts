import { calibrationsOf, isStopped, type Prediction } from './calibration.ts'
import { gateWaits } from './operator-time.ts'
import type { Plan } from './plan.ts'
import type { Run } from './run.ts'
import { countMoves, type RunFigures, type RunTold } from './run-figures.ts'
import type { Scan } from './scan.ts'

/** Every metric that Restamp publishes, as gauges. None is told by tenant or by stamp: there are too many of these. */
export const METRICS = {
  'restamp.plans': { unit: '{plan}', about: 'Plans made in the last 30 days', by: ['region', 'verdict'] },
  'restamp.moves': {
    unit: '{move}',
    about: 'Moves of the last 30 days as they stand: done, failed, reversed, underWay',
    by: ['region', 'phase', 'outcome'],
  },
  'restamp.moves.reversed_share': {
    unit: '1',
    about: 'Moves taken home again, of all whose home was re-bound in the last 30 days',
    by: ['region'],
  },
  'restamp.prediction.error': {
    unit: '{point}',
    about: 'Mean of what predicted hot-node P95 was off by, last 30 days',
    by: ['region'],
  },
  'restamp.prediction.bias': {
    unit: '{point}',
    about: 'Mean of truth less predicted hot-node P95, last 30 days',
    by: ['region'],
  },
  'restamp.prediction.stopped_pools': {
    unit: '{pool}',
    about: 'Pools that nothing is proposed for until somebody has accepted why predictions missed',
    by: ['region'],
  },
  'restamp.tenant_errors': {
    unit: '{error}',
    about:
      'Failed requests of moved registries beyond those expected, for each 1,000 moves of the last 30 days',
    by: ['region'],
  },
  'restamp.operator.minutes': {
    unit: 'min',
    about: "Estimated minutes of people's work for each plan that was run in the last 30 days",
    by: ['region'],
  },
  'restamp.gate.waited': {
    unit: 'min',
    about: 'Mean of what gates waited for an answer that came, last 30 days',
    by: ['region', 'phase'],
  },
  'restamp.gate.waiting': {
    unit: 'min',
    about: 'The longest that a gate of this phase waits for an answer now',
    by: ['region', 'phase'],
  },
  'restamp.runs': { unit: '{run}', about: 'Runs under way, by where they stand', by: ['region', 'status'] },
  'restamp.incidents': {
    unit: '{incident}',
    about: 'Open incidents, by what they need',
    by: ['region', 'rule'],
  },
  'restamp.scan.age': { unit: 'min', about: 'How long ago the region was last looked at', by: ['region'] },
  'restamp.signal.missing': {
    unit: '{signal}',
    about: 'Signals of the last look that could not be judged by',
    by: ['region', 'signal'],
  },
  'restamp.signal.silent_stamps': {
    unit: '{stamp}',
    about: 'Stamps whose load of the last minutes was not known at the last look',
    by: ['region'],
  },
} as const satisfies Record<
  `restamp.${string}`,
  { readonly unit: string; readonly about: string; readonly by: readonly string[] }
>
export type MetricName = keyof typeof METRICS

/** One value of a metric. A figure that is not known has no reading. */
export interface Reading {
  readonly metric: MetricName
  readonly value: number
  readonly at: Readonly<Record<string, string>>
}

const MINUTE_MS = 60_000

/** A region as records tell it at one moment. */
export interface RegionNow {
  readonly region: string
  readonly nowMs: number
  readonly runs: readonly Run[]
  readonly scan: Scan | undefined
  /** Open ones. */
  readonly incidents: readonly { readonly rule: string }[]
  readonly predictions: readonly Prediction[]
}

/** What a region is like now: what runs, what waits, what is missing. */
export function readingsNow({ region, nowMs, runs, scan, incidents, predictions }: RegionNow): Reading[] {
  const waits = runs.flatMap(({ status }) =>
    status.kind === 'awaitingApproval'
      ? [{ phase: phaseOf(status.gate), value: (nowMs - status.sinceMs) / MINUTE_MS }]
      : [],
  )
  const at = { region }
  const stopped = calibrationsOf(predictions).filter(isStopped).length
  return [
    ...counted(
      'restamp.runs',
      runs.map(({ status }) => ({ region, status: status.kind })),
    ),
    ...counted(
      'restamp.incidents',
      incidents.map(({ rule }) => ({ region, rule })),
    ),
    ...grouped(waits).map(([phase, values]) => ({
      ...{ metric: 'restamp.gate.waiting' as const, value: Math.max(...values), at: { region, phase } },
    })),
    { metric: 'restamp.prediction.stopped_pools', value: stopped, at },
    ...(scan ? scanReadings(scan, { region, nowMs }) : []),
  ]
}

function scanReadings(
  scan: Scan,
  { region, nowMs }: { readonly region: string; readonly nowMs: number },
): Reading[] {
  const age: Reading = {
    ...{ metric: 'restamp.scan.age', value: (nowMs - scan.atMs) / MINUTE_MS, at: { region } },
  }
  const missing = counted(
    'restamp.signal.missing',
    (scan.readiness ?? []).map(({ signal }) => ({ region, signal })),
  )
  if (!scan.heard) return [age, ...missing]
  const heard = new Set(scan.heard)
  const silent = new Set(scan.pools.map(({ stamp }) => stamp).filter((stamp) => !heard.has(stamp))).size
  return [age, ...missing, { metric: 'restamp.signal.silent_stamps', value: silent, at: { region } }]
}

/** How a region's plans did; `figures` are those of the same plans and runs. */
export function readingsOf(
  region: string,
  told: { readonly plans: readonly Pick<Plan, 'verdict'>[]; readonly runs: readonly RunTold[] },
  figures: RunFigures,
): Reading[] {
  const known = (metric: MetricName, value: number | null): Reading[] =>
    value === null ? [] : [{ metric, value, at: { region } }]
  return [
    ...counted(
      'restamp.plans',
      told.plans.map(({ verdict }) => ({ region, verdict })),
    ),
    ...moveReadings(region, told.runs),
    ...known('restamp.moves.reversed_share', figures.reversedShare),
    ...known('restamp.prediction.error', figures.prediction.error),
    ...known('restamp.prediction.bias', figures.prediction.bias),
    ...known('restamp.tenant_errors', figures.tenantErrors.perThousandMoves),
    ...known('restamp.operator.minutes', figures.operator.minutesPerPlan),
    ...grouped(
      told.runs.flatMap(({ facts }) =>
        gateWaits(facts).flatMap(({ gate, sinceMs, untilMs }) =>
          untilMs === null ? [] : [{ phase: phaseOf(gate), value: (untilMs - sinceMs) / MINUTE_MS }],
        ),
      ),
    ).map(([phase, values]) => ({
      metric: 'restamp.gate.waited' as const,
      value: values.reduce((sum, value) => sum + value, 0) / values.length,
      at: { region, phase },
    })),
  ]
}

function moveReadings(region: string, runs: readonly RunTold[]): Reading[] {
  const moves = runs.flatMap((run) => run.moves)
  return [...Map.groupBy(moves, ({ gate }) => phaseOf(gate))].flatMap(([phase, own]) =>
    Object.entries(countMoves(own)).map(([outcome, value]) => ({
      ...{ metric: 'restamp.moves' as const, value, at: { region, phase, outcome } },
    })),
  )
}

function phaseOf(gate: string): string {
  return gate.replace(/-\d+$/, '')
}

/** How often each set of attributes comes. What does not come has no reading. */
function counted(metric: MetricName, all: readonly Readonly<Record<string, string>>[]): Reading[] {
  return [...Map.groupBy(all, (at) => JSON.stringify(at)).values()].flatMap((same) =>
    same[0] ? [{ metric, value: same.length, at: same[0] }] : [],
  )
}

function grouped(
  all: readonly { readonly phase: string; readonly value: number }[],
): [string, readonly number[]][] {
  return [...Map.groupBy(all, ({ phase }) => phase)].map(([phase, own]) => [
    phase,
    own.map(({ value }) => value),
  ])
}
