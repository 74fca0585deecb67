import { z } from 'zod'
import { GateId, PlanId, RegistryName } from './ids.ts'
import { batchesOf, type Plan } from './plan.ts'

export const Order = z.object({ by: z.string(), reason: z.string(), atMs: z.int() })
export type Order = z.infer<typeof Order>

/** A batch's observation lasts longer, until a time, or is over: a person says so and why. */
const Observation = Order.extend({ gate: GateId, set: z.enum(['extend', 'end']), untilMs: z.int() })

/** What people have asked of a run. The record is the truth; an event only wakes. */
export const Controls = z.object({
  planId: PlanId,
  hold: Order.nullable(),
  /** Who lifted the last hold. */
  resumed: Order.nullable().optional(),
  rollback: Order.nullable(),
  abort: Order.nullable(),
  /** Registries that stay where they are. */
  skips: z.array(Order.extend({ registry: RegistryName })).optional(),
  observations: z.array(Observation).max(1000).optional(),
  /** Batches that are to go home while the run goes on, and those that did. */
  undo: Order.extend({ gates: z.array(GateId).min(1) })
    .nullable()
    .optional(),
  undone: z
    .array(Order.extend({ gates: z.array(GateId), doneMs: z.int() }))
    .max(1000)
    .optional(),
})
export type Controls = z.infer<typeof Controls>

export function isSkipped({ skips }: Pick<Controls, 'skips'>, registry: string): boolean {
  return skips?.some((skip) => skip.registry === registry) ?? false
}

/** Why a registry can't be skipped, if so: `begun` are the registries whose move has begun. Never the whole plan. */
export function skipRefusal(
  plan: Pick<Plan, 'id' | 'moves'>,
  controls: Controls,
  { registry, begun }: { readonly registry: string; readonly begun: ReadonlySet<string> },
): string | undefined {
  if (!plan.moves.some((move) => move.registry === registry)) return `${registry} is not in ${plan.id}`
  if (isSkipped(controls, registry)) return `${registry} is skipped already`
  if (begun.has(registry)) return `${registry} has begun to move; roll its batch back instead`
  const left = plan.moves.filter((move) => move.registry !== registry && !isSkipped(controls, move.registry))
  return left.length === 0 ? `${registry} is the last one of ${plan.id}; abort the run instead` : undefined
}

/** The gates of a batch, a phase, or everything up to now, in the order in which they ran. */
export function gatesToUndo(
  plan: Pick<Plan, 'phases' | 'moves' | 'lowerings'>,
  { gate, phase }: { readonly gate?: string | undefined; readonly phase?: string | undefined },
): string[] {
  const batches = batchesOf(plan)
  const from = plan.lowerings ? batches.findIndex((batch) => batch.gate === gate) : -1
  // A minimum stands on the one before it: to restore a step is to restore those after it as well.
  if (from >= 0) return batches.slice(from).map((batch) => batch.gate)
  return batches
    .filter(
      (batch) =>
        (gate === undefined || batch.gate === gate) && (phase === undefined || batch.phase === phase),
    )
    .map((batch) => batch.gate)
}
