import { z } from 'zod'
import { Baseline, learnBaseline } from './baseline.ts'
import { GateId, PlanId } from './ids.ts'
import { blocksOf, MEASURES, type Measure, reportedOf } from './outcome-blocks.ts'
import type { RegionLoad } from './series.ts'

/** A replica with fewer requests in its window, at the rate of its past, is judged by synthetic pulls. */
const REQUESTS_MIN = 100

export const MeasureName = z.enum(['errors', 'throttles', 'latency'])

/** What a batch is compared with. It is kept before the first look, so that no look can shift what it is judged by. */
export const Comparison = z.object({
  planId: PlanId,
  gate: GateId,
  sinceMs: z.int(),
  /** Replicas that nothing was done to: not of the plan, and on stamps that the batch did not touch. */
  controls: z.array(z.string()),
  groups: z.array(
    z.object({
      subject: z.string(),
      registries: z.array(z.string()),
      baselines: z.array(z.object({ measure: MeasureName, baseline: Baseline })),
    }),
  ),
  /** Moved replicas with too little traffic, and those whose errors nobody measures. */
  quiet: z.array(z.string()),
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
  const groups = [
    { subject: 'moved registries', registries: [...sides.moved] },
    { subject: 'registries at the source', registries: [...sides.source] },
    { subject: 'registries at the destination', registries: [...sides.destination] },
  ].map((group) => ({ ...group, baselines: baselinesOf(past, group.registries, sides.controls) }))
  const quiet = sides.moved.filter((registry) => {
    const hasErrors = past.series.some((series) => series.registry === registry && series.errors)
    const { requests, minutes } = reportedOf(past, registry, [])
    const perMinute = requests === null ? 0 : requests / minutes
    return !hasErrors || perMinute * (windowMs / 60_000) < REQUESTS_MIN
  })
  return { planId, gate, sinceMs, controls: [...sides.controls], groups, quiet }
}

function baselinesOf(past: RegionLoad, registries: readonly string[], controls: readonly string[]) {
  return MeasureName.options.flatMap((measure: Measure) => {
    const blocks = blocksOf(past, new Set(registries), measure, [])
    if (!blocks?.of.some((requests) => requests > 0)) return []
    const unmoved = blocksOf(past, new Set(controls), measure, [])
    return [{ measure, baseline: learnBaseline(blocks, unmoved, MEASURES[measure].floor) }]
  })
}
