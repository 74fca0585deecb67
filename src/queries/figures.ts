import type { Plan } from '../domain/plan.ts'
import { type RunFigures, type RunTold, runFigures } from '../domain/run-figures.ts'
import type { FiguresView } from '../messages/figures-api.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { predictionsOf } from './calibrations.ts'

const DAY_MS = 86_400_000

/** What is on record of plans that were run since `sinceMs`, region by region, with the plans that were made meanwhile. */
export interface RegionTold {
  readonly region: string
  readonly plans: readonly Plan[]
  readonly runs: readonly (RunTold & { readonly plan: Plan })[]
}

/** Reads what figures are worked out from: moves, looks and audit of each run, so that it is dear over long spans. */
export async function toldSince(
  { records }: Pick<Ports, 'records'>,
  regions: readonly string[],
  sinceMs: number,
): Promise<RegionTold[]> {
  const plans = await everyValue(records, 'plans')
  const runs = (await everyValue(records, 'runs')).filter(({ startedAtMs }) => startedAtMs >= sinceMs)
  const started = new Set(runs.map(({ planId }) => planId))
  const told = new Map<string, RegionTold['runs'][number]>()
  for (const plan of plans) {
    if (!started.has(plan.id)) continue
    const of = `${plan.id}/`
    told.set(plan.id, {
      plan,
      moves: await everyValue(records, 'moves', of),
      looks: await everyValue(records, 'evaluations', of),
      facts: await everyValue(records, 'audit', of),
    })
  }
  return regions.map((region) => {
    const own = plans.filter((plan) => plan.region === region)
    return {
      region,
      plans: own.filter(({ madeAtMs }) => madeAtMs >= sinceMs),
      runs: own.flatMap(({ id }) => told.get(id) ?? []),
    }
  })
}

/** The figures of one region since a time. */
export async function figuresOf(
  ports: Pick<Ports, 'records'>,
  { region, plans, runs }: RegionTold,
  sinceMs: number,
): Promise<RunFigures> {
  const compared = (await predictionsOf(ports, region)).map(({ value }) => value)
  const predictions = compared.filter(({ comparedAtMs }) => comparedAtMs >= sinceMs)
  return runFigures({ plans: plans.length, runs, predictions })
}

/** The figures of each region over the last `days`, worked out from records each time they are asked for. */
export async function figuresView(
  ports: Pick<Ports, 'records' | 'clock' | 'catalog'>,
  days: number,
): Promise<FiguresView> {
  const nowMs = ports.clock.nowMs()
  const sinceMs = nowMs - days * DAY_MS
  const names = (await ports.catalog.fleet()).regions.map(({ name }) => name)
  const told = await toldSince(ports, names, sinceMs)
  const regions = await Promise.all(
    told.map(async (one) => ({ region: one.region, figures: await figuresOf(ports, one, sinceMs) })),
  )
  return { sinceMs, untilMs: nowMs, regions }
}
