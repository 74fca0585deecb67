import { z } from 'zod'
import { Baseline, learnBaseline } from './baseline.ts'
import { GateId, PlanId } from './ids.ts'
import { blocksOf, MEASURES, type Measure, reportedOf } from './outcome-blocks.ts'
import type { RegionLoad } from './series.ts'

/** A replica with fewer requests in its window, at the rate of its past, is judged by synthetic pulls. */
const REQUESTS_MIN = 100

/** The group of all moved replicas. */
export const MOVED = 'moved registries'

export const MeasureName = z.enum(['errors', 'throttles', 'latency'])

/** What a batch is compared with. It is kept before the first look, so that no look can shift what it is judged by. */
export const Comparison = z.object({
  planId: PlanId,
  gate: GateId,
  sinceMs: z.int(),
  moved: z.array(z.string()),
  /** Moved replicas with too little traffic, and those whose errors nobody measures. */
  quiet: z.array(z.string()),
  /** Replicas that nothing was done to: not of the plan, and on stamps that the batch did not touch. */
  controls: z.array(z.string()),
  groups: z.array(
    z.object({
      subject: z.string(),
      registries: z.array(z.string()),
      /** So many groups share one test's chance of a false alarm. */
      among: z.int(),
      baselines: z.array(z.object({ measure: MeasureName, baseline: Baseline })),
    }),
  ),
})
export type Comparison = z.infer<typeof Comparison>

/** Registries by what the batch did to them. */
export interface Sides {
  readonly moved: readonly string[]
  readonly source: readonly string[]
  readonly destination: readonly string[]
  readonly controls: readonly string[]
}

/** Learns from the days before the run what a batch is to be compared with. A measure that nobody took then is left out. */
export function compareWith(
  past: RegionLoad,
  sides: Sides,
  batch: Pick<Comparison, 'planId' | 'gate' | 'sinceMs'> & { readonly windowMs: number },
): Comparison {
  const { planId, gate, sinceMs, windowMs } = batch
  const { moved, controls } = sides
  const quiet = moved.filter((registry) => isQuiet(past, registry, windowMs))
  // A talker's traffic would hide a small replica's errors, so that each is judged by itself, too.
  const alone = moved.length > 1 ? moved.filter((registry) => !quiet.includes(registry)) : []
  const together = { among: 1, measures: MeasureName.options }
  const groups = [
    { ...together, subject: MOVED, registries: [...moved] },
    { ...together, subject: 'registries at the source', registries: [...sides.source] },
    { ...together, subject: 'registries at the destination', registries: [...sides.destination] },
    ...alone.map((registry) => ({
      among: alone.length,
      measures: [MeasureName.enum.errors],
      subject: registry,
      registries: [registry],
    })),
  ].map(({ measures, ...group }) => ({
    ...group,
    baselines: measures.flatMap((measure) => {
      const baseline = baselineOf(past, measure, { registries: group.registries, controls })
      return baseline ? [{ measure, baseline }] : []
    }),
  }))
  return { planId, gate, sinceMs, moved: [...moved], quiet, controls: [...controls], groups }
}

function isQuiet(past: RegionLoad, registry: string, windowMs: number): boolean {
  const hasErrors = past.series.some((series) => series.registry === registry && series.errors)
  const { requests, minutes } = reportedOf(past, registry, [])
  const perMinute = requests === null ? 0 : requests / minutes
  return !hasErrors || perMinute * (windowMs / 60_000) < REQUESTS_MIN
}

function baselineOf(
  past: RegionLoad,
  measure: Measure,
  of: { readonly registries: readonly string[]; readonly controls: readonly string[] },
): Baseline | undefined {
  const blocks = blocksOf(past, new Set(of.registries), measure, [])
  if (!blocks?.of.some((requests) => requests > 0)) return undefined
  const unmoved = blocksOf(past, new Set(of.controls), measure, [])
  return learnBaseline(blocks, unmoved, MEASURES[measure].floor)
}
